import type { EventSource } from '../events/event.ts'
import type { Charge, CounterCheck, CounterStore, CounterVerdict } from './counter-store.ts'

/**
 * Why a call passes or not. `'ok'` and `'degraded-…'` where the store could not answer; with
 * `'limited'` and `'blocked'` the rule refuses, though one in shadow lets the call pass all the same.
 */
export type RateLimitReason =
  | 'ok'
  | 'limited'
  | 'blocked'
  | 'degraded-open'
  | 'degraded-closed'
  | 'degraded-local'

/** What one rule says to one call. */
export interface RateLimitResult {
  readonly allowed: boolean
  /** Units that pass at most: within the window, or at once from a full token bucket. */
  readonly limit: number
  readonly remaining: number
  readonly cost: number
  /** 0 when allowed, -1 when it never will be. */
  readonly retryAfterMs: number
  /** When all units will be back, if no more are used; -1 for never. */
  readonly resetAfterMs: number
  /** 0 when not blocked, -1 for good. The call that uses up a limit may be allowed and block. */
  readonly blockedForMs: number
  readonly rule: string
  readonly reason: RateLimitReason
  /** True when the store could not answer and the rule's `onError` decided. */
  readonly degraded: boolean
}

/** What several rules say to one call: it passes when all of them allow it. */
export interface RateLimitOutcome {
  readonly allowed: boolean
  /** The longest of those that refuse; -1 when one of them always will. */
  readonly retryAfterMs: number
  readonly degraded: boolean
  /** In the order of the checks. */
  readonly results: readonly RateLimitResult[]
  /** Names of the rules that refuse. */
  readonly violated: readonly string[]
}

/**
 * Whom a rule counts: an account, an address, or several such parts together. Parts are kept apart,
 * so that `['a', 'bc']` and `['ab', 'c']` differ.
 */
export type RateKey = string | readonly string[]

/** One rule to be asked, of several. */
export interface RateCheck<Rule extends string = string> {
  readonly rule: Rule
  readonly key: RateKey
  /** Units to use. With 0 nothing is counted. @default 1 */
  readonly cost?: number | undefined
}

/** Who is asking, for events. */
export interface RateSource extends EventSource {
  readonly userId?: string | undefined
  /** Who acts in the user's place. */
  readonly actorId?: string | undefined
  readonly sessionId?: string | undefined
}

/** A result with what its maker needs to go on with it. */
export interface Judgement {
  readonly check: CounterCheck
  readonly result: RateLimitResult
  readonly charge: Charge | null
  readonly isBlockStart: boolean
  /** The store that holds the charge; null when nobody counted. */
  readonly home: CounterStore | null
}

/** Puts a store's verdict into a result. */
export function judge(verdict: CounterVerdict, home: CounterStore): Judgement {
  const { check, charge, isBlockStart, remaining, resetAfterMs, blockedForMs } = verdict
  const { rule, cost } = check
  const isRefused = verdict.retryAfterMs !== 0
  const allowed = !isRefused || rule.isShadow
  const refusal = blockedForMs === 0 ? 'limited' : 'blocked'
  const result: RateLimitResult = {
    allowed,
    limit: rule.limit,
    remaining,
    cost,
    retryAfterMs: allowed ? 0 : verdict.retryAfterMs,
    resetAfterMs,
    blockedForMs,
    rule: rule.name,
    reason: isRefused ? refusal : 'ok',
    degraded: false,
  }
  return { check, result, charge, isBlockStart, home }
}

/** Sums results up. */
export function combineResults(results: readonly RateLimitResult[]): RateLimitOutcome {
  const refused = results.filter(result => !result.allowed)
  const waits = refused.map(result => result.retryAfterMs)
  return {
    allowed: refused.length === 0,
    retryAfterMs: waits.includes(-1) ? -1 : Math.max(0, ...waits),
    degraded: results.some(result => result.degraded),
    results,
    violated: refused.map(result => result.rule),
  }
}
