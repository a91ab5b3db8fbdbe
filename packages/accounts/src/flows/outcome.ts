import type { PasswordProblem } from '../passwords/rules.ts'

/** A flow that did what was asked. */
export type Success<Value extends object = object> = { readonly ok: true } & Value

/** A flow that did nothing, and why, as a stable word. */
export interface Refusal<Reason extends string> {
  readonly ok: false
  readonly reason: Reason
}

/**
 * Too often (`limited`, status 429), or too much at the moment (`busy`, status 503). Says nothing about
 * whether there is such an account.
 */
export interface Throttled extends Refusal<'limited' | 'busy'> {
  /** When to try again, in milliseconds; -1 for never. */
  readonly retryAfterMs: number
}

/** A password that cannot be chosen. */
export interface BadPassword extends Refusal<'password'> {
  readonly problem: PasswordProblem
}

/** The flow needs something that the account store lacks, or that was switched off. */
export type Unsupported = Refusal<'unsupported'>

/** Makes a {@link Refusal}. */
export function refuse<Reason extends string>(reason: Reason): Refusal<Reason> {
  return { ok: false, reason }
}

/** Makes a {@link Throttled} of what a limiter said. */
export function throttle(decision: {
  readonly retryAfterMs: number
  readonly degraded: boolean
}): Throttled {
  const { degraded, retryAfterMs } = decision
  return { ok: false, reason: degraded ? 'busy' : 'limited', retryAfterMs }
}

/** Too many passwords are being hashed. That takes a moment. */
export const busy: Throttled = { ok: false, reason: 'busy', retryAfterMs: 1000 }
