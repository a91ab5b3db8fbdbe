import { ConfigError } from './errors.ts'

/**
 * Refuses settings that are not known, so that a misspelt one never passes for its default.
 *
 * @param where what the settings belong to, as the caller wrote it: `session`, `cookie` …
 * @throws {ConfigError} naming the setting and the likeliest spelling.
 */
export function refuseUnknown(where: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const near = findNearest(name, known)
    const hint = near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean \`${near}\`?`
    throw new ConfigError('ERR_OPTION_UNKNOWN', `\`${where}.${name}\` is not a setting. ${hint}`)
  }
}

/** Checks that a setting is a whole number within bounds. @throws {ConfigError} naming it. */
export function requireInteger(
  name: string,
  value: unknown,
  bounds: { min: number; max?: number },
): number {
  const { min, max = Number.MAX_SAFE_INTEGER } = bounds
  if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) {
    return Number(value)
  }
  const range = bounds.max === undefined ? `${min} or more` : `from ${min} to ${max}`
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` is ${describeValue(value)} and must be a whole number, ${range}.`,
  )
}

/**
 * Checks that a value is a text that is not empty and has no half of a surrogate pair, since all such
 * halves look the same once they are stored or hashed. @throws {ConfigError} naming it.
 */
export function requireText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.isWellFormed()) return value
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` is ${describeValue(value)} and must be a well-formed text that is not empty.`,
  )
}

/** Checks that a setting is one of a few words. @throws {ConfigError} naming it and the words. */
export function requireOneOf<Word extends string>(
  name: string,
  value: unknown,
  words: readonly Word[],
): Word {
  const found = words.find(word => word === value)
  if (found !== undefined) return found
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` is ${describeValue(value)} and must be one of ${words.join(', ')}.`,
  )
}

/** A setting as it appears in a message: short values as they are, of others only the type. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  const isPlain = value === null || ['number', 'boolean', 'undefined'].includes(typeof value)
  return isPlain ? String(value) : `of type ${typeof value}`
}

function findNearest(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined
  let leastDistance = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const distance = distanceBetween(name.toLowerCase(), candidate.toLowerCase())
    if (distance >= leastDistance) continue
    nearest = candidate
    leastDistance = distance
  }
  return nearest
}

/** Infinite when nobody would take one for the other. */
function distanceBetween(left: string, right: string): number {
  const lengths = Math.abs(left.length - right.length)
  if (left.startsWith(right) || right.startsWith(left)) return lengths
  const distance = lengths <= 2 ? editDistance(left, right) : Number.POSITIVE_INFINITY
  return distance <= 2 ? distance : Number.POSITIVE_INFINITY
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 0; i < left.length; i += 1) {
    const next = [i + 1]
    for (let j = 0; j < right.length; j += 1) {
      const change = (row[j] ?? 0) + (left[i] === right[j] ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
