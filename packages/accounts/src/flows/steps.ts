import type { Account } from '../account/account.ts'
import type { Identity } from '../account/identity-store.ts'
import type { SessionLockers, Visit } from '../account/ports.ts'
import { hashSecret } from '../account/secret.ts'
import { closeImpersonation } from './impersonation.ts'
import { type Refusal, refuse, type Throttled, throttle } from './outcome.ts'
import type { FlowParts } from './parts.ts'
import { stepMark } from './step-mark.ts'

/** What is still missing of a sign-in: a code, or a second factor at all where the role demands one. */
export type StepKind = 'second-factor' | 'enrol-second-factor'

/** A sign-in of which the first step is done. Nobody is signed in by it, and it grants nothing. */
export interface PendingStep {
  readonly kind: StepKind
  readonly accountId: string
  /** Stands for the password that was proven: with another one, the sign-in begins anew. */
  readonly passwordDigest: string
  readonly remember: boolean
  readonly methods: readonly string[]
  /** Set where it was a provider that said who they are. */
  readonly identity: Identity | undefined
  readonly isNewDevice: boolean
  /** With another one, all sessions of the account were ended since. */
  readonly mark: string | null
  readonly endsAt: number
}

const lockerName = 'sign-in'

const lifeMs: Readonly<Record<StepKind, number>> = {
  'second-factor': 5 * 60_000,
  // Somebody may have to install an app first.
  'enrol-second-factor': 15 * 60_000,
}

/**
 * Begins the second step. It lies beside a visitor's session that is new at this moment: the browser
 * that did the first step alone has its token, whatever was planted there before.
 */
export async function beginStep(
  parts: FlowParts,
  step: Omit<PendingStep, 'accountId' | 'passwordDigest' | 'mark' | 'endsAt'> & {
    readonly account: Account
  },
  visit: Visit,
): Promise<Refusal<StepKind> | Throttled> {
  const { account, ...rest } = step
  const key = ['second-step', account.id, visit.address]
  const limit = await parts.limiter.check('session_create', key, { source: visit.source })
  if (!limit.allowed) return throttle(limit)
  await closeImpersonation(parts, visit, 'signed-in')
  await visit.session.restart()
  const pending: PendingStep = {
    ...rest,
    accountId: account.id,
    passwordDigest: digestOf(account),
    mark: await stepMark(parts, account),
    endsAt: parts.clock.now() + lifeMs[step.kind],
  }
  await lockerOf(parts, visit)?.set(lockerName, pending)
  return refuse(step.kind)
}

/** The second step that waits in this browser, and whose it is; null for none that still may be done. */
export async function findStep(
  parts: FlowParts,
  visit: Visit,
): Promise<{ readonly pending: PendingStep; readonly account: Account } | null> {
  if (visit.session.user !== null) return null
  const found = await lockerOf(parts, visit)?.get(lockerName)
  const pending = (found?.value ?? null) as PendingStep | null
  if (pending === null || parts.clock.now() >= pending.endsAt) return null
  const account = await parts.store.findById(pending.accountId)
  if (account?.status !== 'active' || !isSamePassword(pending, account)) return null
  return (await stepMark(parts, account)) === pending.mark ? { pending, account } : null
}

/** Whether an account's password is still the one that was proven. */
export function isSamePassword(pending: PendingStep, account: Account): boolean {
  return digestOf(account) === pending.passwordDigest
}

/** What lies beside the session of a visit; undefined where nothing is stored about the visitor. */
export function lockerOf(
  { lockers }: FlowParts,
  { session }: Visit,
): ReturnType<SessionLockers['locker']> | undefined {
  return session.id === null ? undefined : lockers.locker({ session: session.id })
}

function digestOf({ passwordHash }: Account): string {
  return hashSecret(passwordHash ?? '')
}
