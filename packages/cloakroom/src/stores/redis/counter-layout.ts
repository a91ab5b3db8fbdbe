import {
  type Charge,
  type CounterCheck,
  type CounterVerdict,
  toMs,
} from '../../protection/counter-store.ts'
import type { LimitRule } from '../../protection/rules.ts'
import type { RedisReply } from './client.ts'
import type { CounterKeys } from './counter-keys.ts'

/** Rules are written once; they are compared by identity, and seldom many. */
const written = new WeakMap<LimitRule, string>()

/** A rule as scripts read it. */
export function writeRule(rule: LimitRule): string {
  const known = written.get(rule)
  if (known !== undefined) return known
  const { block } = rule
  const text = JSON.stringify({
    strategy: rule.strategy,
    limit: rule.limit,
    window: rule.windowUs,
    buckets: rule.buckets,
    bucket: rule.bucketUs,
    refill: rule.refill,
    life: rule.lifeUs,
    shadow: rule.isShadow,
    block:
      block === null
        ? undefined
        : {
            at: block.at,
            duration: block.durationUs,
            violations: block.violations,
            period: block.periodUs,
            factor: block.factor,
            max: block.maxUs,
            decay: block.decayUs,
            jitter: block.jitter,
            extending: block.isExtending,
          },
  })
  written.set(rule, text)
  return text
}

/** The keys of a check, in the order in which scripts take them. */
export function keysOf(keys: CounterKeys, check: CounterCheck): readonly string[] {
  const { block } = check.rule
  const names = [keys.counter(check), keys.block(check)]
  if (block !== null && block.factor > 1) names.push(keys.level(check))
  if (block !== null && block.violations > 1) names.push(keys.violations(check))
  return names
}

/** How many values a script answers for each check. */
const width = 7

/** Reads what `consume-limit.lua` answers. */
export function readVerdicts(
  checks: readonly CounterCheck[],
  reply: RedisReply,
): readonly CounterVerdict[] {
  const values = Array.isArray(reply) ? reply : []
  return checks.map((check, index) => {
    const at = index * width
    const run = Number(values[at + 5])
    return {
      check,
      remaining: Number(values[at]),
      retryAfterMs: toMs(Number(values[at + 1])),
      resetAfterMs: toMs(Number(values[at + 2])),
      blockedForMs: toMs(Number(values[at + 3])),
      isBlockStart: values[at + 4] === 1,
      charge: run < 0 ? null : chargeOf(check, run, values[at + 6]),
    }
  })
}

function chargeOf({ rule, id, cost }: CounterCheck, run: number, slot: unknown): Charge {
  return { rule, id, cost, run, slot: typeof slot === 'number' ? slot : String(slot) }
}
