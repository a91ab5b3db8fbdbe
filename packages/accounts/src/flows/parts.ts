import type { Clock, SecurityEvent } from 'cloakroom'
import type { Account, AccountChanges } from '../account/account.ts'
import type { FactorStore } from '../account/factor-store.ts'
import type { IdentityStore } from '../account/identity-store.ts'
import type { ImpersonationStore } from '../account/impersonation-store.ts'
import type {
  Ending,
  EventHub,
  Limiter,
  LoginGuard,
  Roles,
  SessionEnder,
  SessionLockers,
  TextSealer,
  Visit,
} from '../account/ports.ts'
import type { AccountStore, UpdateAccountResult } from '../account/store.ts'
import type { TokenPurpose } from '../account/token-store.ts'
import type { Tokens } from '../account/tokens.ts'
import type { Links } from '../mail/links.ts'
import type { Outbox } from '../mail/outbox.ts'
import type { MailTexts } from '../mail/texts.ts'
import type { PasswordHasher } from '../passwords/hasher.ts'
import type { PasswordRules } from '../passwords/rules.ts'
import { endSteps } from './step-mark.ts'

/** Settings of the flows, with every value. */
export interface FlowSettings {
  readonly product: string
  readonly adminRole: string
  /** The role of those who register. */
  readonly newRole: string
  readonly isRegistrationOpen: boolean
  /** How long links work. */
  readonly lifeMs: Readonly<Record<TokenPurpose, number>>
  /** How long somebody who proved who they are may do what is sensitive. */
  readonly recentMs: number
  readonly impersonationMs: number
  /** Roles that demand a second factor, and those above them. */
  readonly secondFactorRoles: readonly string[]
}

/** What flows work with. */
export interface FlowParts {
  readonly store: AccountStore
  readonly tokens: Tokens
  readonly impersonations: ImpersonationStore
  readonly identities: IdentityStore | undefined
  readonly factors: FactorStore | undefined
  readonly sealer: TextSealer
  readonly hasher: PasswordHasher
  readonly rules: PasswordRules
  readonly outbox: Outbox
  readonly links: Links
  readonly texts: MailTexts
  readonly sessions: SessionEnder
  readonly lockers: SessionLockers
  readonly limiter: Limiter
  readonly login: LoginGuard
  readonly roles: Roles
  readonly events: EventHub
  readonly clock: Clock
  /** Resolves after a time. */
  readonly wait: (ms: number) => Promise<void>
  readonly settings: FlowSettings
}

/** Reports what happened on a visit; in a user's place, with both ids. */
export function report(
  { events }: Pick<FlowParts, 'events'>,
  visit: Pick<Visit, 'source' | 'session'>,
  event: Omit<SecurityEvent, 'ip' | 'userAgent' | 'sessionId'>,
): void {
  const { ip, userAgent } = visit.source
  const { id, user } = visit.session
  const actor = user?.actor && { actorId: user.actor.id }
  events.emit({ ...actor, ...event, ip, userAgent, sessionId: id ?? undefined })
}

const mostAttempts = 5

/** Changes an account on top of what others changed meanwhile, as long as it may be used. */
export async function changeAccount(
  { store }: Pick<FlowParts, 'store'>,
  account: Account,
  changes: AccountChanges,
): Promise<UpdateAccountResult> {
  let current = account
  for (let attempt = 1; ; attempt += 1) {
    const result = await store.update(current, changes)
    if (result.state !== 'conflict' || attempt === mostAttempts) return result
    const fresh = await store.findById(account.id)
    if (fresh === null) return { state: 'gone' }
    current = fresh
  }
}

/**
 * Ends all sessions of an account, sign-ins that are half done, and sessions in which its owner acts
 * for others. When it throws, some may live on: do it again.
 */
export async function endEverywhere(
  parts: FlowParts,
  account: Pick<Account, 'id'>,
  ending: Ending,
): Promise<void> {
  const { impersonations, sessions, events } = parts
  const { source, reason } = ending
  await sessions.raiseEpoch({ user: account.id }, ending)
  await endSteps(parts, account)
  for (const { sessionId, actorId, accountId } of await impersonations.takeOf(account.id)) {
    if (accountId !== account.id) await sessions.revoke(sessionId, ending)
    const { ip, userAgent } = source
    const about = { userId: accountId, actorId, sessionId, reason }
    events.emit({ type: 'impersonation_stopped', ...about, ip, userAgent })
  }
}
