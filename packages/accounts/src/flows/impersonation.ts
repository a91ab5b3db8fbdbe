import { type Account, type AccountView, viewOf } from '../account/account.ts'
import type { Impersonation } from '../account/impersonation-store.ts'
import type { Visit } from '../account/ports.ts'
import { type AuthorizationRefusal, authorizeOn } from './authorization.ts'
import { type Refusal, refuse, type Success } from './outcome.ts'
import { type FlowParts, report } from './parts.ts'

/** What an administrator says who wants to act as somebody. */
export interface ImpersonationInput {
  readonly accountId: string
  /** Why; it stands in the events. Ten characters at least. */
  readonly reason: string
}

/** Acting in the place of a user. */
export interface ImpersonationFlows {
  /**
   * Has an administrator see what a user sees, for a limited time. Not possible with accounts that are
   * not below the administrator's own, and not within another impersonation. The new session names
   * both in every event, ends by itself, and is refused by guards for what is sensitive.
   */
  impersonate(
    input: ImpersonationInput,
    visit: Visit,
  ): Promise<
    | Success<{ readonly account: AccountView; readonly endsAt: number }>
    | AuthorizationRefusal
    | Refusal<'gone' | 'reason' | 'forbidden'>
  >
  /** Takes the administrator back to an account of their own, which has to be proven anew. */
  stopImpersonation(
    visit: Visit,
  ): Promise<Success<{ readonly account: AccountView }> | Refusal<'gone'>>
  /** The impersonation that a request belongs to, for the banner; null for none. */
  findImpersonation(visit: Visit): Promise<Impersonation | null>
}

const shortestReason = 10
const longestReason = 500

/** Makes {@link ImpersonationFlows}. */
export function createImpersonationFlows(parts: FlowParts): ImpersonationFlows {
  const { store, impersonations, events, clock, settings } = parts

  // The engine ends the session when its time is over, and says so as soon as anybody asks for it.
  events.on('session_expired', async ({ at: _, type: __, ...about }) => {
    if (about.sessionId === undefined || about.actorId === undefined) return
    if ((await impersonations.take(about.sessionId)) === null) return
    events.emit({ ...about, type: 'impersonation_stopped', reason: 'expired' })
  })

  return {
    async impersonate({ accountId, reason: typed }, visit) {
      const reason = typeof typed === 'string' ? typed.trim().slice(0, longestReason) : ''
      const demand = { permission: 'accounts:impersonate', isRecent: true } as const
      const allowed = await authorizeOn(parts, visit, { ...demand, accountId })
      if (!allowed.ok) return allowed
      if ([...reason].length < shortestReason) return refuse('reason')
      const { actor, account } = allowed
      // Not even administrators as one another: each would hold the rights of all.
      const isBelow = !parts.roles.reaches(account.role, actor.role)
      if (!isBelow || account.status !== 'active') return refuse('forbidden')
      const startedAt = clock.now()
      const endsAt = startedAt + settings.impersonationMs
      const isBegun = await begin(parts, { actor, account, reason, startedAt, endsAt }, visit)
      return isBegun ? { ok: true, account: viewOf(account), endsAt } : refuse('forbidden')
    },

    async stopImpersonation(visit) {
      const ended = await closeImpersonation(parts, visit, 'stopped')
      if (ended === null) return refuse('gone')
      const actor = await store.findById(ended.actorId)
      if (actor?.status !== 'active') {
        await visit.session.logout()
        return refuse('gone')
      }
      const { id, role } = actor
      await visit.session.login({ id, role }, { methods: [], carry: false })
      return { ok: true, account: viewOf(actor) }
    },

    async findImpersonation(visit) {
      const { id, user } = visit.session
      return id === null || !user?.actor ? null : impersonations.find(id)
    },
  }
}

/** Ends the impersonation of a visit, if it is one, and reports it. The session lives on. */
export async function closeImpersonation(
  parts: FlowParts,
  visit: Visit,
  reason: string,
): Promise<Impersonation | null> {
  const { id, user } = visit.session
  const ended = id === null || !user?.actor ? null : await parts.impersonations.take(id)
  if (ended === null) return null
  const { accountId, actorId } = ended
  report(parts, visit, { type: 'impersonation_stopped', userId: accountId, actorId, reason })
  return ended
}

interface Beginning extends Pick<Impersonation, 'reason' | 'startedAt' | 'endsAt'> {
  readonly actor: Account
  readonly account: Account
}

async function begin(parts: FlowParts, beginning: Beginning, visit: Visit): Promise<boolean> {
  const { actor, account, ...about } = beginning
  const { id, role } = account
  const lifetime = about.endsAt - about.startedAt
  const inPlace = { methods: [], carry: false, actor: { id: actor.id }, lifetime }
  await visit.session.login({ id, role }, inPlace)
  const sessionId = visit.session.id ?? ''
  const parties = { actorId: actor.id, accountId: id }
  let isBegun = false
  try {
    await parts.impersonations.deleteExpired(beginning.startedAt)
    await parts.impersonations.add({ sessionId, ...parties, ...about })
    isBegun = await isUnchanged(parts, actor)
  } finally {
    if (!isBegun) await undo(parts, visit, sessionId)
  }
  if (!isBegun) return false
  const details = { endsAt: new Date(about.endsAt).toISOString() }
  const event = { type: 'impersonation_started', userId: id, actorId: actor.id } as const
  report(parts, visit, { ...event, reason: about.reason, details })
  return true
}

/** Whoever lost their rights at this very moment ended their impersonations before this one began. */
async function isUnchanged({ store }: FlowParts, actor: Account): Promise<boolean> {
  return (await store.findById(actor.id))?.version === actor.version
}

async function undo(parts: FlowParts, visit: Visit, sessionId: string): Promise<void> {
  await visit.session.logout()
  await parts.impersonations.take(sessionId)
}
