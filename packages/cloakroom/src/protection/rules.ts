import type { Duration } from '../core/duration.ts'
import { ConfigError } from '../core/errors.ts'
import { refuseUnknown, requireInteger, requireOneOf } from '../core/options.ts'
import { sha256Text } from '../crypto/digest.ts'
import { type BlockOptions, type BlockPolicy, parseLength, resolveBlock } from './block-policy.ts'

/**
 * How units are counted. With a limit of L in a window of W:
 *
 * - `'sliding-window'`: never more than L within any W. A unit comes back W to W + W/`buckets` later.
 * - `'sliding-log'`: never more than L within any W, to the microsecond. Memory grows with L.
 * - `'sliding-counter'`: estimates from this window and the last; up to 2 L within W, spread out.
 * - `'fixed-window'`: the window begins with the first unit; up to 2 L around its end.
 * - `'token-bucket'`: L tokens come back evenly over W; up to 2 L within W, spread out.
 */
export type LimitStrategy =
  | 'sliding-window'
  | 'sliding-log'
  | 'sliding-counter'
  | 'fixed-window'
  | 'token-bucket'

/**
 * What to answer while the store cannot: `'open'` lets everything pass, `'closed'` nothing;
 * `'local'` counts in this process, each of `instances` processes granting its part of the limit.
 */
export type FailurePolicy = 'open' | 'closed' | 'local'

/** What a unit stands for, in the words of the RateLimit header fields. */
export type QuotaUnit = 'requests' | 'content-bytes' | 'concurrent-requests'

/** Settings of one rule. */
export interface LimitRuleOptions {
  /** Units allowed within the window. 0 allows nothing. */
  readonly limit: number
  readonly window: Duration
  /** @default 'sliding-window' */
  readonly strategy?: LimitStrategy
  /** Parts of a `'sliding-window'`, up to 126. More give units back sooner. @default 10 */
  readonly buckets?: number
  /** How many tokens a `'token-bucket'` holds. @default the limit */
  readonly burst?: number
  /** Blocks those who break the rule, for this long or as described. @default no block */
  readonly block?: Duration | BlockOptions
  /** @default 'local' */
  readonly onError?: FailurePolicy
  /** Counts and reports, but never refuses: for trying a rule out. @default false */
  readonly isShadow?: boolean
  /**
   * Whether RateLimit fields may tell the client about it. Not where the key is an account: they
   * would tell strangers about it.
   *
   * @default true
   */
  readonly isPublic?: boolean
  /** @default 'requests' */
  readonly unit?: QuotaUnit
}

/** {@link LimitRuleOptions} with every value. Times are microseconds. */
export interface LimitRule {
  readonly name: string
  /** Changes whenever stored counts would get another meaning, so that they are not read again. */
  readonly version: string
  readonly strategy: LimitStrategy
  /** Units that pass at most: within the window, or at once from a full token bucket. */
  readonly limit: number
  /** For a token bucket: the time in which an empty one fills. */
  readonly windowUs: number
  /** Parts of a sliding window, and the length of each; 0 for other strategies. */
  readonly buckets: number
  readonly bucketUs: number
  /** A token comes back every `refill[0] / refill[1]` microseconds, in lowest terms. */
  readonly refill: readonly [number, number]
  /** How long counts matter at most. */
  readonly lifeUs: number
  readonly block: BlockPolicy | null
  readonly onError: FailurePolicy
  readonly isShadow: boolean
  readonly isPublic: boolean
  readonly unit: QuotaUnit
}

const known = [
  'limit',
  'window',
  'strategy',
  'buckets',
  'burst',
  'block',
  'onError',
  'isShadow',
  'isPublic',
  'unit',
] as const satisfies readonly (keyof LimitRuleOptions)[]

const strategies = [
  'sliding-window',
  'sliding-log',
  'sliding-counter',
  'fixed-window',
  'token-bucket',
] as const satisfies readonly LimitStrategy[]

const units = [
  'requests',
  'content-bytes',
  'concurrent-requests',
] as const satisfies readonly QuotaUnit[]

/** Each unit of a log is one entry in the store. */
const longestLog = 1000

/**
 * Resolves the settings of a rule.
 *
 * @param name letters, digits, `_` and `-`; it appears in keys, header fields and events.
 * @throws {ConfigError} naming the setting.
 */
export function resolveRule(name: string, options: LimitRuleOptions): LimitRule {
  if (!/^[A-Za-z][\w-]{0,47}$/.test(name)) {
    const message = `\`rules\` has a rule named ${JSON.stringify(name)}. Use up to 48 letters, digits, \`_\` and \`-\`.`
    throw new ConfigError('ERR_OPTION_INVALID', message)
  }
  const at = `rules.${name}`
  refuseUnknown(at, options, known)
  const strategy = requireOneOf(`${at}.strategy`, options.strategy ?? 'sliding-window', strategies)
  const windowMs = parseLength(options.window, `${at}.window`)
  const counting = resolveCounting(at, strategy, { ...options, windowUs: windowMs * 1000 })
  const isShadow = options.isShadow ?? false
  return {
    name,
    version: sha256Text(JSON.stringify([strategy, counting, isShadow])).slice(0, 6),
    strategy,
    ...counting,
    block:
      options.block === undefined ? null : resolveBlock(`${at}.block`, options.block, windowMs),
    onError: requireOneOf(`${at}.onError`, options.onError ?? 'local', ['open', 'closed', 'local']),
    isShadow,
    isPublic: options.isPublic ?? true,
    unit: requireOneOf(`${at}.unit`, options.unit ?? 'requests', units),
  }
}

/** The part of a rule that falls to one of several processes which count for themselves. */
export function shareRule(options: LimitRuleOptions, instances: number): LimitRuleOptions {
  const limit = Math.ceil(options.limit / instances)
  if (options.burst === undefined) return { ...options, limit }
  return { ...options, limit, burst: Math.ceil(options.burst / instances) }
}

type Counting = Pick<LimitRule, 'limit' | 'windowUs' | 'buckets' | 'bucketUs' | 'refill' | 'lifeUs'>

function resolveCounting(
  at: string,
  strategy: LimitStrategy,
  options: LimitRuleOptions & { readonly windowUs: number },
): Counting {
  const { windowUs } = options
  requireOnlyFor(`${at}.buckets`, options.buckets, strategy === 'sliding-window')
  requireOnlyFor(`${at}.burst`, options.burst, strategy === 'token-bucket')
  const max = strategy === 'sliding-log' ? longestLog : Number.MAX_SAFE_INTEGER
  const limit = requireInteger(`${at}.limit`, options.limit, { min: 0, max })
  const plain = { limit, windowUs, buckets: 0, bucketUs: 0, refill: [0, 1] as const }

  if (strategy === 'token-bucket') return resolveBucket(at, options, limit)
  if (strategy === 'sliding-window') {
    const buckets = requireInteger(`${at}.buckets`, options.buckets ?? 10, { min: 1, max: 126 })
    const bucketUs = Math.ceil(windowUs / buckets)
    return { ...plain, buckets, bucketUs, lifeUs: (buckets + 1) * bucketUs }
  }
  if (strategy === 'sliding-counter') {
    requireExact(at, limit * windowUs)
    return { ...plain, lifeUs: 2 * windowUs }
  }
  return { ...plain, lifeUs: windowUs }
}

function resolveBucket(
  at: string,
  options: LimitRuleOptions & { readonly windowUs: number },
  limit: number,
): Counting {
  const { windowUs } = options
  const max = limit === 0 ? 0 : Number.MAX_SAFE_INTEGER
  const burst = requireInteger(`${at}.burst`, options.burst ?? limit, {
    min: Math.min(limit, 1),
    max,
  })
  const divisor = greatestDivisor(windowUs, limit)
  const refill = [windowUs / divisor, Math.max(1, limit / divisor)] as const
  requireExact(at, burst * refill[0])
  const fillUs = Math.max(1, Math.ceil((burst * refill[0]) / refill[1]))
  return { limit: burst, windowUs: fillUs, buckets: 0, bucketUs: 0, refill, lifeUs: fillUs }
}

/** Stores compare such products as double numbers, which hold integers up to 2^53. */
function requireExact(at: string, product: number): void {
  if (product <= Number.MAX_SAFE_INTEGER) return
  const message = `\`${at}\` allows too many units in too long a window to be counted exactly. Use the strategy \`'sliding-window'\`, or smaller numbers.`
  throw new ConfigError('ERR_OPTION_INVALID', message)
}

function requireOnlyFor(name: string, value: unknown, isFitting: boolean): void {
  if (value === undefined || isFitting) return
  const message = `\`${name}\` has no meaning for the strategy of this rule. Leave it out.`
  throw new ConfigError('ERR_OPTION_INVALID', message)
}

function greatestDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestDivisor(right, left % right)
}
