import { toBase64Url } from '../core/bytes.ts'
import { ConfigError } from '../core/errors.ts'
import { describeValue } from '../core/options.ts'
import { hmacSha256, importKey } from '../crypto/digest.ts'
import type { RateKey } from './rate-limit.ts'

/** How many digests are remembered, to twice as many. Busy keys are then not hashed again. */
const remembered = 5000

/** Longer keys are rare, and would fill the memory. */
const longestRemembered = 200

/**
 * Makes what turns keys into the ids that a store sees: 128 bits of HMAC-SHA256 in base64url.
 *
 * Whatever a key holds, its id is short and of harmless characters, and tells nothing of the key.
 *
 * @throws {ConfigError} when the secret is too short.
 */
export function createRateIds(secret: Uint8Array): (key: RateKey) => string {
  if (!(secret instanceof Uint8Array) || secret.byteLength < 16) {
    const message = '`rateLimit.secret` must be 16 random bytes or more.'
    throw new ConfigError('ERR_SECRET_WEAK', message)
  }
  const hmacKey = importKey(secret)
  let recent = new Map<string, string>()
  let older = new Map<string, string>()

  return key => {
    const text = keyText(key)
    const known = recent.get(text)
    if (known !== undefined) return known
    const id = older.get(text) ?? toBase64Url(hmacSha256(hmacKey, text).subarray(0, 16))
    if (text.length > longestRemembered) return id
    if (recent.size >= remembered) {
      older = recent
      recent = new Map()
    }
    recent.set(text, id)
    return id
  }
}

/** One text for each key; the first character keeps single texts and lists of parts apart. */
function keyText(key: RateKey): string {
  const isSingle = typeof key === 'string'
  if (isSingle && key !== '') return `=${key}`
  const parts: readonly unknown[] = isSingle ? [key] : key
  const missing = parts.find(part => typeof part !== 'string' || part === '')
  if (missing === undefined && parts.length > 0) return JSON.stringify(parts)
  const message = `The key of a rate limit is ${describeValue(missing)}, which all callers without one would share. Give each its own text.`
  throw new ConfigError('ERR_OPTION_INVALID', message)
}
