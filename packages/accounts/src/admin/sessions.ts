import type { SessionEntry } from 'cloakroom'
import { addressKey } from 'cloakroom/kit'
import { type Account, type AccountView, viewOf } from '../account/account.ts'
import type { Visit } from '../account/ports.ts'
import { outranks } from '../account/roles.ts'
import type { AuthorizationRefusal } from '../flows/authorization.ts'
import { type Refusal, refuse, type Success } from '../flows/outcome.ts'
import type { AdminParts } from './parts.ts'
import { findSessions, type SessionQuery } from './session-search.ts'

/** A session as the console shows it. */
export interface AdminSession extends SessionEntry {
  /** Whose it is; null for visitors, and for users who have no account here. */
  readonly account: AccountView | null
  /** Whether whoever looks may end it. */
  readonly canEnd: boolean
}

/** A page of sessions that were found, in no order. */
export interface AdminSessionPage {
  readonly sessions: readonly AdminSession[]
  /** How many were looked at for this page. */
  readonly examined: number
  /** Pass it on to search further; null when all has been searched. */
  readonly cursor: string | null
}

/** What the console does about sessions. */
export interface SessionDesk {
  /** Searches a bounded part of all sessions, however many there are. A page may hold none. */
  searchSessions(
    query: SessionQuery,
    visit: Visit,
  ): Promise<Success<AdminSessionPage> | AuthorizationRefusal>
  /** Ends one session, of a visitor or of somebody below whoever acts. */
  endSession(
    input: { readonly sessionId: string },
    visit: Visit,
  ): Promise<Success | AuthorizationRefusal | Refusal<'gone'>>
  /**
   * Ends all sessions that began at an address, of IPv6 in its network, whoever they belong to. Not at
   * one's own address: that would end the session that acts.
   */
  endAddress(
    input: { readonly address: string },
    visit: Visit,
  ): Promise<Success | AuthorizationRefusal | Refusal<'address'> | Refusal<'own-address'>>
}

const endedByAdmin = 'ended-by-admin'

/** Makes a {@link SessionDesk}. */
export function createSessionDesk(parts: AdminParts): SessionDesk {
  const { engine, flows, accounts, adminRole } = parts
  const { sessions, roles } = engine

  function mayEnd(actor: AccountView, role: string | null): boolean {
    return outranks(roles, actor.role, role ?? '', adminRole)
  }

  async function describe(
    entries: readonly SessionEntry[],
    actor: AccountView,
    visit: Visit,
  ): Promise<AdminSession[]> {
    const ids = new Set(entries.flatMap(({ userId }) => userId ?? []))
    const found = await Promise.all([...ids].map(id => accounts.findById(id)))
    const byId = new Map(
      found.flatMap(account => (account === null ? [] : [[account.id, account]])),
    )
    return entries.map(entry => {
      const account: Account | undefined = byId.get(entry.userId ?? '')
      return {
        ...entry,
        isCurrent: entry.id === visit.session.id,
        account: account === undefined ? null : viewOf(account),
        canEnd:
          roles.allows(actor.role, 'sessions:end') && mayEnd(actor, account?.role ?? entry.role),
      }
    })
  }

  return {
    async searchSessions(query, visit) {
      const allowed = await flows.authorize({ permission: 'sessions:read' }, visit)
      if (!allowed.ok) return allowed
      const { entries, examined, cursor } = await findSessions(parts, query)
      const described = await describe(entries, allowed.actor, visit)
      return { ok: true, sessions: described, examined, cursor }
    },

    async endSession({ sessionId }, visit) {
      const allowed = await flows.authorize({ permission: 'sessions:end' }, visit)
      if (!allowed.ok) return allowed
      const { actor } = allowed
      const entry = await sessions.find(sessionId)
      if (entry === null) return refuse('gone')
      const { userId, role } = entry
      const account = userId === null ? null : await accounts.findById(userId)
      if (account !== null) {
        const demand = { permission: 'sessions:end', accountId: account.id } as const
        const isAbove = await flows.authorizeOn(demand, visit)
        if (!isAbove.ok) return isAbove
      } else if (!mayEnd(actor, role)) return refuse('forbidden')
      const { source } = visit
      const options = { source, reason: endedByAdmin, actorId: actor.id }
      return (await sessions.revoke(sessionId, options)) ? { ok: true } : refuse('gone')
    },

    async endAddress({ address }, visit) {
      const demand = { permission: 'sessions:end-any', isRecent: true } as const
      const allowed = await flows.authorize(demand, visit)
      if (!allowed.ok) return allowed
      const network = addressKey(address)
      if (network === addressKey('')) return refuse('address')
      const own = await sessions.find(visit.session.id ?? '')
      if (addressKey(own?.ip ?? '') === network) return refuse('own-address')
      const { source } = visit
      const options = { source, reason: endedByAdmin, actorId: allowed.actor.id }
      await sessions.raiseEpoch({ address: address.trim() }, options)
      return { ok: true }
    },
  }
}
