import { ConfigError } from './errors.ts'
import { describeValue } from './options.ts'

/** Milliseconds, or a number with a unit: `'250ms'`, `'30s'`, `'30m'`, `'12h'`, `'30d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Bounds of a duration setting, in milliseconds. */
export interface DurationBounds {
  readonly min?: number
  readonly max?: number
}

/**
 * Reads a duration setting as milliseconds.
 *
 * @throws {ConfigError} naming the setting, when it is no duration or out of bounds. A bare number
 * below the lower bound is most often a number of seconds, and the message says so.
 */
export function parseDuration(value: Duration, name: string, bounds: DurationBounds = {}): number {
  const ms = typeof value === 'number' ? value : readUnits(value)
  const { min = 1, max = 400 * 86_400_000 } = bounds
  if (ms === undefined || !Number.isFinite(ms)) {
    throw invalid(name, `is ${describe(value)}, which is no duration`)
  }
  if (ms < min) {
    const seconds = typeof value === 'number' && value * 1000 >= min
    const hint = seconds ? ` If you mean seconds, write \`'${value}s'\`.` : ''
    throw invalid(name, `is ${describe(value)} and must be at least ${min} ms.${hint}`)
  }
  if (ms > max) throw invalid(name, `is ${describe(value)} and must be at most ${max} ms`)
  return Math.round(ms)
}

function readUnits(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN)
}

function describe(value: unknown): string {
  return typeof value === 'number' ? `${value} ms` : describeValue(value)
}

function invalid(name: string, problem: string): ConfigError {
  const end = problem.endsWith('.') ? '' : '.'
  return new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` ${problem}${end} Use milliseconds or a text such as \`'30m'\`.`,
  )
}
