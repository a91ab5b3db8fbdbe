import { SealError } from 'cloakroom'
import type { Account } from '../account/account.ts'
import type { FactorStore, StoredFactor } from '../account/factor-store.ts'
import { stepOfCode } from '../account/one-time-codes.ts'
import type { LimitDecision, LoginGuardDecision, TextSealer, Visit } from '../account/ports.ts'
import { hashRecoveryCode } from '../account/recovery-codes.ts'
import { tellOwner } from './letters.ts'
import { type Refusal, refuse, type Success, type Throttled, throttle } from './outcome.ts'
import { type FlowParts, report } from './parts.ts'

/** Somebody gives a code of an account's second factor: one of its device, or a recovery code. */
export interface CodeAttempt {
  readonly account: Account
  readonly code: string
  readonly visit: Visit
}

/** What came of a {@link CodeAttempt}: `method` in the names of RFC 8176, null for a recovery code. */
export type CodeProof = Success<{ readonly method: 'otp' | null }> | Refusal<'wrong'> | Throttled

/**
 * Checks a code and uses it up, counting failures by account and address together, by address, and by
 * account alone: whoever guesses codes knows the password, and may have many addresses.
 */
export async function proveFactor(parts: FlowParts, attempt: CodeAttempt): Promise<CodeProof> {
  const { account, visit } = attempt
  const { source, address } = visit
  const code = typeof attempt.code === 'string' ? attempt.code : ''
  const recoveryHash = hashRecoveryCode(code)
  // Nobody guesses a recovery code. With one, owners get in whom others keep out by guessing.
  const limit =
    recoveryHash === null
      ? await parts.limiter.check('second_factor', ['account', account.id], { source })
      : null
  if (limit?.allowed === false) return refuseAttempt(parts, attempt, limit)
  // No device: whoever knows the password would get a new one, and further attempts, each time.
  const name = `second factor of ${account.id}`
  const decision = await parts.login.begin({ account: name, address, source })
  if (decision.slowDownMs > 0) await parts.wait(decision.slowDownMs)
  if (!decision.allowed) return refuseAttempt(parts, attempt, degradedOf(decision))
  const kind = await takeCode(parts, { account, code, recoveryHash })
  if (kind === null) {
    const blockedMs = await decision.fail()
    // As many mails as codes at most: recovery codes are not counted by account.
    const isOver = limit !== null && (blockedMs > 0 || limit.remaining === 0)
    if (isOver) tellOwner(parts, 'codesRefused', attempt)
    report(parts, visit, { type: 'auth_failure', userId: account.id, reason: 'second-factor' })
    return refuse('wrong')
  }
  await decision.succeed()
  if (kind === 'otp') return { ok: true, method: kind }
  report(parts, visit, { type: 'recovery_code_used', userId: account.id })
  tellOwner(parts, 'recoveryCodeUsed', attempt)
  return { ok: true, method: null }
}

function refuseAttempt(
  parts: FlowParts,
  { account, visit }: CodeAttempt,
  limit: Pick<LimitDecision, 'retryAfterMs' | 'degraded'>,
): Throttled {
  report(parts, visit, { type: 'auth_failure', userId: account.id, reason: 'limited' })
  return throttle(limit)
}

function degradedOf({ retryAfterMs, outcome }: LoginGuardDecision) {
  return { retryAfterMs, degraded: outcome.degraded }
}

async function takeCode(
  { factors, sealer, clock }: FlowParts,
  given: Pick<CodeAttempt, 'account' | 'code'> & { readonly recoveryHash: string | null },
): Promise<'otp' | 'recovery' | null> {
  const factor = (await factors?.find(given.account.id)) ?? null
  if (factors === undefined || factor === null) return null
  if (given.recoveryHash !== null) {
    return (await factors.takeRecovery(factor.id, given.recoveryHash)) ? 'recovery' : null
  }
  const code = given.code.replace(/\s/g, '')
  return (await takeStep(factors, { factor, sealer, code, at: clock.now() })) ? 'otp' : null
}

async function takeStep(
  factors: FactorStore,
  given: {
    readonly factor: StoredFactor
    readonly sealer: TextSealer
    readonly code: string
    readonly at: number
  },
): Promise<boolean> {
  const { factor, sealer, code, at } = given
  const secret = openSecret(sealer, factor)
  const usedStep = secret === null ? null : stepOfCode({ secret, code, at })
  if (secret === null || usedStep === null) return false
  // Sealed anew with each use, so that a key that was replaced is needed no more after a while.
  return factors.takeStep({ id: factor.id, usedStep, sealed: sealer.seal(secret, factor.id) })
}

/** Null when the key that sealed it is gone: recovery codes still work then. */
function openSecret(sealer: TextSealer, { id, sealed }: StoredFactor): string | null {
  try {
    return sealer.open(sealed, id)
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}
