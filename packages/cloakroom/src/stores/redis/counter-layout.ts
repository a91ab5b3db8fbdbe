import { asBuffer } from '../../core/bytes.ts'
import { StoreError } from '../../core/errors.ts'
import type { BlockPolicy } from '../../protection/block-policy.ts'
import {
  type ConsumeMode,
  type CounterCheck,
  type CounterVerdict,
  toMs,
} from '../../protection/counter-store.ts'
import type { LimitRule } from '../../protection/rules.ts'
import type { RedisReply } from './client.ts'
import type { CounterKeys } from './counter-keys.ts'

/** A rule with what scripts need to know of it. */
interface Form {
  readonly text: string
  /** Of its keys: counter, block, level if blocks grow, violations if they are counted. */
  readonly letters: readonly string[]
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
  const { strategy, limit, windowUs, lifeUs, isShadow, block } = rule
  const letters = ['c', 'b']
  if (block !== null && block.factor > 1) letters.push('l')
  if (block !== null && block.violations > 1) letters.push('v')
  const [step, steps] = strategy === 'token-bucket' ? rule.refill : [rule.bucketUs, rule.buckets]
  const text = JSON.stringify({
    strategy,
    limit,
    window: windowUs,
    step,
    steps,
    life: lifeUs,
    key_count: letters.length,
    is_shadow: isShadow,
    is_extending: block?.isExtending === true,
    blocks_at_limit: block?.at === 'limit',
    policy: block === null ? undefined : policyOf(block),
  })
  return { text, letters }
}

function policyOf(block: BlockPolicy): object {
  return {
    duration: block.durationUs,
    violations: block.violations,
    period: block.periodUs,
    factor: block.factor,
    max: block.maxUs,
    decay: block.decayUs,
    jitter: block.jitter,
  }
}

/**
 * A rule as scripts read it: JSON, which they need not take apart. Times are microseconds.
 *
 * A step is a bucket of a sliding window, of which there are `steps`; a token of a bucket takes
 * `step / steps` to come back. A rule without a block has no policy.
 */
export function writeRule(rule: LimitRule): string {
  return formOf(rule).text
}

/** The keys of a check, as many as its rule has. */
export function keysOf(keys: CounterKeys, check: CounterCheck): readonly string[] {
  return keys.list(check, formOf(check.rule).letters)
}

/** A call as `consume-limit.lua` judges it. */
export interface CounterCall {
  readonly checks: readonly CounterCheck[]
  readonly mode: ConsumeMode | 'peek'
  /** Microseconds, or 0 for the time of the server. */
  readonly now: number
}

/**
 * The input of `consume-limit.lua`, in JSON: each rule once, and the calls in one list of numbers and
 * words. A call is its time, mode, number of checks and number of keys, and for each check the place
 * of its rule and its cost. As arguments of their own they cost both sides 1 to 2 µs a call.
 */
export function writeCalls(
  keys: CounterKeys,
  calls: readonly CounterCall[],
): {
  readonly keys: readonly string[]
  readonly writtenRules: string
  readonly writtenCalls: string
} {
  const rules: LimitRule[] = []
  const names: string[] = []
  const values: (number | string)[] = []
  for (const { checks, mode, now } of calls) {
    const first = names.length
    values.push(now, mode, checks.length, 0)
    const countAt = values.length - 1
    for (const check of checks) {
      names.push(...keysOf(keys, check))
      values.push(placeOf(check.rule, rules), check.cost)
    }
    values[countAt] = names.length - first
  }
  return {
    keys: names,
    writtenRules: `[${rules.map(writeRule).join()}]`,
    writtenCalls: JSON.stringify(values),
  }
}

/** From 1 on. */
function placeOf(rule: LimitRule, rules: LimitRule[]): number {
  const place = rules.indexOf(rule) + 1
  return place === 0 ? rules.push(rule) : place
}

/** Seven numbers for each check, of eight bytes. */
const width = 56

/**
 * Reads what `consume-limit.lua` answers: for each call what it says to the checks, or why it failed.
 *
 * @throws {StoreError} when it is no such answer.
 */
export function readAnswers(
  name: string,
  calls: readonly CounterCall[],
  reply: RedisReply,
): readonly (readonly CounterVerdict[] | StoreError)[] {
  const [packed, ...failures] = listOf(reply)
  if (!(packed instanceof Uint8Array)) throw refusal(reply)
  const numbers = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  let offset = 0
  return calls.map(({ checks }, index) => {
    const failure = failures.indexOf(index + 1)
    if (failure !== -1) return refusal(failures[failure + 1])
    return checks.map(check => {
      const verdict = readVerdict(name, check, numbers, offset)
      offset += width
      return verdict
    })
  })
}

function readVerdict(
  name: string,
  check: CounterCheck,
  numbers: DataView,
  offset: number,
): CounterVerdict {
  const { rule, id, cost } = check
  const run = numbers.getFloat64(offset + 40)
  const place = numbers.getFloat64(offset + 48)
  const slot = rule.strategy === 'sliding-log' ? `${name}-${place}` : place
  return {
    check,
    remaining: numbers.getFloat64(offset),
    retryAfterMs: toMs(numbers.getFloat64(offset + 8)),
    resetAfterMs: toMs(numbers.getFloat64(offset + 16)),
    blockedForMs: toMs(numbers.getFloat64(offset + 24)),
    isBlockStart: numbers.getFloat64(offset + 32) === 1,
    charge: run < 0 ? null : { rule, id, cost, run, slot },
  }
}

function refusal(text: unknown): StoreError {
  return new StoreError('ERR_STORE_REPLY', `Redis refused a command: ${textOf(text)}`)
}

/** The parts of a reply that is a list. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}

/** A reply that is a text. */
export function textOf(reply: unknown): string {
  return reply instanceof Uint8Array ? asBuffer(reply).toString() : String(reply)
}
