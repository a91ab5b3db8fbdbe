import { type Duration, parseDuration } from '../core/duration.ts'
import { ConfigError } from '../core/errors.ts'
import { describeValue, refuseUnknown, requireInteger, requireOneOf } from '../core/options.ts'

/** How a rule blocks those who break it. */
export interface BlockOptions {
  /** How long the first block lasts. Attempts made meanwhile do not move its end. */
  readonly duration: Duration
  /**
   * What counts as breaking the rule: `'excess'` a call that is refused, `'limit'` already the call
   * that uses up the limit. Use `'limit'` where calls are failures, so that the last one blocks.
   *
   * @default 'excess'
   */
  readonly at?: 'excess' | 'limit'
  /** How often the rule must be broken within `period` before the block begins. @default 1 */
  readonly violations?: number
  /** @default the window of the rule */
  readonly period?: Duration
  /** Each further block lasts this many times longer than the one before. @default 1 */
  readonly factor?: number
  /** The longest a block gets by `factor`. @default a day, or `duration` if that is longer */
  readonly max?: Duration
  /** How long after a block it is remembered for the next one's length. @default '1d' */
  readonly decay?: Duration
  /** Part of the length, up to 0.5, by which blocks are made longer or shorter. @default 0 */
  readonly jitter?: number
  /** Whether each attempt during a block starts it anew. @default false */
  readonly isExtending?: boolean
}

/** {@link BlockOptions} with every value, in microseconds. */
export interface BlockPolicy {
  readonly at: 'excess' | 'limit'
  readonly durationUs: number
  readonly violations: number
  readonly periodUs: number
  readonly factor: number
  readonly maxUs: number
  readonly decayUs: number
  readonly jitter: number
  readonly isExtending: boolean
}

const known = [
  'duration',
  'at',
  'violations',
  'period',
  'factor',
  'max',
  'decay',
  'jitter',
  'isExtending',
] as const satisfies readonly (keyof BlockOptions)[]

const dayMs = 86_400_000

/** Resolves `block` of a rule. @throws {ConfigError} naming the setting. */
export function resolveBlock(
  name: string,
  given: Duration | BlockOptions,
  windowMs: number,
): BlockPolicy {
  const options = typeof given === 'object' ? given : { duration: given }
  refuseUnknown(name, options, known)
  const duration = parseLength(options.duration, `${name}.duration`)
  const max = parseLength(options.max ?? Math.max(duration, dayMs), `${name}.max`)
  if (max < duration) {
    throw invalid(`${name}.max`, max, `${duration} ms (\`${name}.duration\`) or more`)
  }
  return {
    at: requireOneOf(`${name}.at`, options.at ?? 'excess', ['excess', 'limit']),
    durationUs: duration * 1000,
    violations: requireInteger(`${name}.violations`, options.violations ?? 1, { min: 1 }),
    periodUs: parseLength(options.period ?? `${windowMs}ms`, `${name}.period`) * 1000,
    factor: requireNumber(`${name}.factor`, options.factor ?? 1, [1, 100]),
    maxUs: max * 1000,
    decayUs: parseLength(options.decay ?? dayMs, `${name}.decay`) * 1000,
    jitter: requireNumber(`${name}.jitter`, options.jitter ?? 0, [0, 0.5]),
    isExtending: options.isExtending ?? false,
  }
}

/**
 * Reads how long something lasts. A bare number below one second is refused, since it is most
 * likely meant in seconds; `'250ms'` says what is meant.
 *
 * @throws {ConfigError} naming the setting.
 */
export function parseLength(value: Duration, name: string): number {
  return parseDuration(value, name, { min: typeof value === 'number' ? 1000 : 1 })
}

/** How long a block lasts, in microseconds. The level is the number of blocks remembered. */
export function blockLength(policy: BlockPolicy, level: number, now: number): number {
  const length = Math.min(policy.maxUs, policy.durationUs * policy.factor ** level)
  // Spreads the ends of blocks that began together; the time is random enough for that.
  const chance = (now % 997) / 996
  return Math.ceil(length * (1 + policy.jitter * (2 * chance - 1)))
}

function requireNumber(name: string, value: unknown, range: readonly [number, number]): number {
  if (typeof value === 'number' && value >= range[0] && value <= range[1]) return value
  throw invalid(name, value, `a number from ${range[0]} to ${range[1]}`)
}

function invalid(name: string, value: unknown, wanted: string): ConfigError {
  const message = `\`${name}\` is ${describeValue(value)} and must be ${wanted}.`
  return new ConfigError('ERR_OPTION_INVALID', message)
}
