import { asBuffer } from '../../core/bytes.ts'
import { StoreError } from '../../core/errors.ts'
import {
  type Charge,
  type ConsumeMode,
  type CounterCheck,
  type CounterVerdict,
  toMs,
} from '../../protection/counter-store.ts'
import type { LimitRule } from '../../protection/rules.ts'
import type { RedisReply } from './client.ts'
import type { CounterKeys } from './counter-keys.ts'
import type { ScriptArgument } from './script.ts'

/** A rule with what scripts need to know of it. */
interface Form {
  readonly values: readonly string[]
  readonly hasLevel: boolean
  readonly hasViolations: boolean
}

const forms = new WeakMap<LimitRule, Form>()

function formOf(rule: LimitRule): Form {
  const known = forms.get(rule)
  if (known !== undefined) return known
  const form = createForm(rule)
  forms.set(rule, form)
  return form
}

function createForm(rule: LimitRule): Form {
  const { strategy, limit, windowUs, lifeUs, block } = rule
  const hasLevel = block !== null && block.factor > 1
  const hasViolations = block !== null && block.violations > 1
  const [step, steps] = strategy === 'token-bucket' ? rule.refill : [rule.bucketUs, rule.buckets]
  const keyCount = 2 + Number(hasLevel) + Number(hasViolations)
  const numbers = [limit, windowUs, step, steps, lifeUs, keyCount].map(String)
  const values = [strategy, ...numbers, flagsOf(rule), writePolicy(rule)]
  return { values, hasLevel, hasViolations }
}

function flagsOf({ isShadow, block }: LimitRule): string {
  const isAtLimit = block?.at === 'limit'
  return `${isShadow ? 's' : ''}${block?.isExtending === true ? 'e' : ''}${isAtLimit ? 'l' : ''}`
}

/** Read only when somebody breaks the rule. */
function writePolicy({ block }: LimitRule): string {
  if (block === null) return ''
  return JSON.stringify({
    duration: block.durationUs,
    violations: block.violations,
    period: block.periodUs,
    factor: block.factor,
    max: block.maxUs,
    decay: block.decayUs,
    jitter: block.jitter,
  })
}

/**
 * A rule as scripts read it, nine values: strategy, limit, window, step, steps, life, number of keys,
 * flags (`s` in shadow, `e` attempts extend a block, `l` blocks at the limit) and block policy.
 *
 * A step is a bucket of a sliding window, of which there are `steps`; a token of a bucket takes
 * `step / steps` microseconds to come back.
 */
export function writeRule(rule: LimitRule): readonly ScriptArgument[] {
  return formOf(rule).values
}

/** The keys of a check: counter, block, level if blocks grow, violations if they are counted. */
export function keysOf(keys: CounterKeys, check: CounterCheck): readonly string[] {
  const { hasLevel, hasViolations } = formOf(check.rule)
  const names = [keys.counter(check), keys.block(check)]
  if (hasLevel) names.push(keys.level(check))
  if (hasViolations) names.push(keys.violations(check))
  return names
}

/** A call as `consume-limit.lua` judges it. */
export interface CounterCall {
  readonly checks: readonly CounterCheck[]
  readonly mode: ConsumeMode | 'peek'
  /** Microseconds, or 0 for the time of the server. */
  readonly now: number
}

/**
 * The input of `consume-limit.lua`: each rule once, then each call as its time, mode, number of checks
 * and number of keys, and for each check the place of its rule and its cost.
 */
export function writeCalls(
  keys: CounterKeys,
  calls: readonly CounterCall[],
): {
  readonly ruleCount: number
  readonly keys: readonly string[]
  readonly values: readonly ScriptArgument[]
} {
  const places = new Map<LimitRule, number>()
  const names: string[] = []
  const rules: ScriptArgument[] = []
  const values: ScriptArgument[] = []
  for (const { checks, mode, now } of calls) {
    const first = names.length
    const written: ScriptArgument[] = []
    for (const check of checks) {
      const { rule, cost } = check
      let place = places.get(rule)
      if (place === undefined) {
        place = places.size + 1
        places.set(rule, place)
        rules.push(...writeRule(rule))
      }
      names.push(...keysOf(keys, check))
      written.push(place, cost)
    }
    values.push(now, mode, checks.length, names.length - first, ...written)
  }
  return { ruleCount: places.size, keys: names, values: [...rules, ...values] }
}

/** How many values the script answers for each check. */
const width = 7

/** Reads what `consume-limit.lua` answers to a call. @throws {StoreError} when that is an error. */
export function readVerdicts(
  { checks }: CounterCall,
  reply: RedisReply | undefined,
): readonly CounterVerdict[] {
  if (!Array.isArray(reply)) {
    throw new StoreError('ERR_STORE_REPLY', `Redis refused a command: ${textOf(reply)}`)
  }
  return checks.map((check, index) => {
    const at = index * width
    const run = Number(reply[at + 5])
    return {
      check,
      remaining: Number(reply[at]),
      retryAfterMs: toMs(Number(reply[at + 1])),
      resetAfterMs: toMs(Number(reply[at + 2])),
      blockedForMs: toMs(Number(reply[at + 3])),
      isBlockStart: reply[at + 4] === 1,
      charge: run < 0 ? null : chargeOf(check, run, reply[at + 6]),
    }
  })
}

function chargeOf({ rule, id, cost }: CounterCheck, run: number, slot: unknown): Charge {
  return { rule, id, cost, run, slot: typeof slot === 'number' ? slot : textOf(slot) }
}

/** The parts of a reply that is a list. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}

/** A reply that is a text. */
export function textOf(reply: unknown): string {
  return reply instanceof Uint8Array ? asBuffer(reply).toString() : String(reply)
}
