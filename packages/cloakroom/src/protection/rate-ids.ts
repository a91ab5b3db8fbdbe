import { toBase64Url } from '../core/bytes.ts'
import { ConfigError } from '../core/errors.ts'
import { hmacSha256, importKey } from '../crypto/digest.ts'
import { rememberRecent } from '../http/memo.ts'
import type { RateKey } from './rate-limit.ts'

/** Busy keys are not hashed again. */
const remembered = 10_000

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
  const digest = (text: string): string => toBase64Url(hmacSha256(hmacKey, text).subarray(0, 16))
  const recall = rememberRecent(remembered, digest)
  return key => {
    const text = keyText(key)
    return recall(text) ?? digest(text)
  }
}

/** One text for each key; the first character keeps single texts and lists of parts apart. */
function keyText(key: RateKey): string {
  const parts: readonly unknown[] = Array.isArray(key) ? key : [key]
  const isComplete = parts.every(part => typeof part === 'string' && part !== '')
  if (isComplete && parts.length > 0) {
    return typeof key === 'string' ? `=${key}` : JSON.stringify(key)
  }
  const message =
    'The key of a rate limit is empty, so that all callers without one would share it. Give each its own text.'
  throw new ConfigError('ERR_OPTION_INVALID', message)
}
