import type { Account } from '../account/account.ts'
import type { LoginGuardDecision, Visit } from '../account/ports.ts'
import { busy, type Throttled, throttle } from './outcome.ts'
import { type FlowParts, report } from './parts.ts'

/** What a password is compared with. */
export type Candidate = Pick<Account, 'passwordHash'> & Partial<Account>

/** Somebody claims to know a password. */
export interface PasswordAttempt<Found extends Candidate> {
  /** The account in its form for look-ups; null for what can be none. For limits. */
  readonly login: string | null
  readonly password: string
  readonly visit: Visit
  /** Whether more has to be proven before the device counts as a known one. @default false */
  readonly isFirstStep?: boolean
  /** Looks up what the password is compared with. */
  readonly find: () => Promise<Found | null>
}

/** What came of a {@link PasswordAttempt}. */
export type PasswordProof<Found extends Candidate> =
  | { readonly state: 'right'; readonly found: Found; readonly isOutdated: boolean }
  | { readonly state: 'wrong' }
  | { readonly state: 'throttled'; readonly refusal: Throttled }

/**
 * Checks a password, counting failures. In text, status and time the answer is the same for a wrong
 * password, an unknown account and a disabled one.
 */
export async function provePassword<Found extends Candidate>(
  parts: FlowParts,
  attempt: PasswordAttempt<Found>,
): Promise<PasswordProof<Found>> {
  const { login, visit } = attempt
  let slowDownMs = 0

  // Admitted before anything is counted: a flood of others must not count as this one's failure.
  const proof = await parts.hasher.admit(async (): Promise<PasswordProof<Found>> => {
    const { address, source } = visit
    const device = login === null ? undefined : visit.device?.idFor(login)
    const decision = await parts.login.begin({
      account: login ?? 'no account',
      address,
      source,
      ...(device !== undefined && { device }),
    })
    slowDownMs = decision.slowDownMs
    if (!decision.allowed) return refuseAttempt(parts, visit, decision)
    return judge(parts, attempt, decision)
  })
  // Outside, or attempts at one account under attack would take the places of all others.
  if (slowDownMs > 0) await parts.wait(slowDownMs)
  return proof ?? { state: 'throttled', refusal: busy }
}

function refuseAttempt(
  parts: FlowParts,
  visit: Visit,
  { retryAfterMs, outcome }: LoginGuardDecision,
): PasswordProof<never> {
  report(parts, visit, { type: 'auth_failure', reason: 'limited' })
  return { state: 'throttled', refusal: throttle({ retryAfterMs, degraded: outcome.degraded }) }
}

async function judge<Found extends Candidate>(
  parts: FlowParts,
  { login, password, visit, isFirstStep = false, find }: PasswordAttempt<Found>,
  decision: LoginGuardDecision,
): Promise<PasswordProof<Found>> {
  const found = await find()
  const isPossible = !parts.rules.isImpossible(password)
  const hash = found?.passwordHash ?? null
  const verdict = await parts.hasher.verify(isPossible ? password : '', isPossible ? hash : null)
  const problem = verdict === 'wrong' ? 'password' : problemOf(found, parts.clock.now())
  if (found !== null && problem === null) {
    await decision.succeed()
    if (login !== null && !isFirstStep) visit.device?.note(login)
    return { state: 'right', found, isOutdated: verdict === 'outdated' }
  }
  await decision.fail()
  const reason = found === null ? 'unknown' : (problem ?? 'password')
  report(parts, visit, { type: 'auth_failure', userId: found?.id, reason })
  return { state: 'wrong' }
}

/** Why somebody with the right password may not use the account all the same. */
function problemOf(found: Candidate | null, now: number): string | null {
  if (found?.status === 'disabled') return 'disabled'
  const expiresAt = found?.passwordExpiresAt ?? null
  return expiresAt !== null && now >= expiresAt ? 'expired' : null
}
