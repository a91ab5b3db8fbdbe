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
    const near = known.find(candidate => isNear(name.toLowerCase(), candidate.toLowerCase()))
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
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` is ${String(value)} and must be a whole number from ${min} to ${max}.`,
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
    `\`${name}\` is ${JSON.stringify(value)} and must be one of ${words.join(', ')}.`,
  )
}

function isNear(left: string, right: string): boolean {
  if (left.startsWith(right) || right.startsWith(left)) return true
  return Math.abs(left.length - right.length) <= 2 && editDistance(left, right) <= 2
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
