import { StoreError } from '../core/errors.ts'
import type { ConsumeMode, CounterCheck, CounterStore, CounterVerdict } from './counter-store.ts'
import { type Judgement, judge, type RateLimitReason } from './rate-limit.ts'
import type { FailurePolicy, LimitRule } from './rules.ts'

/** Decides while the store cannot, as each rule has asked for with `onError`. */
export interface Fallback {
  judge(
    checks: readonly CounterCheck[],
    mode: ConsumeMode | 'peek',
    error: StoreError,
  ): Promise<readonly Judgement[]>
}

/** What {@link createFallback} needs. */
export interface FallbackOptions {
  readonly local: CounterStore | undefined
  /** The part of each rule that falls to this process. */
  readonly shares: ReadonlyMap<string, LimitRule>
}

/** When to try again after an answer that nobody counted: a store is seldom away for long. */
const retryAfterMs = 1000

/** Makes a {@link Fallback}. */
export function createFallback({ local, shares }: FallbackOptions): Fallback {
  async function countLocally(
    checks: readonly CounterCheck[],
    mode: ConsumeMode | 'peek',
  ): Promise<readonly CounterVerdict[] | null> {
    if (local === undefined) return null
    try {
      return await (mode === 'peek' ? local.peek(checks) : local.consume(checks, mode))
    } catch (error) {
      if (error instanceof StoreError) return null
      throw error
    }
  }

  return {
    async judge(checks, mode, error) {
      const isClosed = checks.some(
        ({ rule }) => policyOf(rule, error) === 'closed' && !rule.isShadow,
      )
      const counted = checks
        .filter(({ rule }) => policyOf(rule, error) === 'local')
        .map(check => ({ ...check, rule: shares.get(check.rule.name) ?? check.rule }))
      const verdicts = await countLocally(counted, isClosed ? 'peek' : mode)
      const waiting = [...(verdicts ?? [])]
      return checks.map(check => {
        const policy = policyOf(check.rule, error)
        if (policy === 'open') return uncounted(check, 'degraded-open')
        const verdict = policy === 'local' ? waiting.shift() : undefined
        if (verdict === undefined || local === undefined) return uncounted(check, 'degraded-closed')
        return degrade(judge(verdict, local))
      })
    },
  }
}

/** A script that Redis refuses to run, on a key of a wrong kind for instance, must not open a door. */
function policyOf(rule: LimitRule, error: StoreError): FailurePolicy {
  return rule.onError === 'open' && error.code === 'ERR_STORE_REPLY' ? 'closed' : rule.onError
}

function degrade(judgement: Judgement): Judgement {
  const { result } = judgement
  const reason = result.reason === 'ok' ? 'degraded-local' : result.reason
  return { ...judgement, result: { ...result, reason, degraded: true } }
}

function uncounted(check: CounterCheck, reason: RateLimitReason): Judgement {
  const { rule, cost } = check
  const allowed = reason === 'degraded-open' || rule.isShadow
  const result = {
    allowed,
    limit: rule.limit,
    remaining: allowed ? rule.limit : 0,
    cost,
    retryAfterMs: allowed ? 0 : retryAfterMs,
    resetAfterMs: 0,
    blockedForMs: 0,
    rule: rule.name,
    reason,
    degraded: true,
  }
  return { check, result, charge: null, isBlockStart: false, home: null }
}
