import { toBase64Url } from '../core/bytes.ts'
import { sha256 } from '../crypto/digest.ts'
import { idLength, type Token } from './token.ts'

/**
 * The token that stands for a secret which was made elsewhere, always the same for the same secret.
 *
 * Neither its id, which is public, nor anything in the store leads back to the secret.
 */
export function adoptToken(secret: string): Token {
  const bytes = sha256(`adopted id ${secret}`)
  // As for every owner: one of 16,384 buckets.
  bytes[1] = (bytes[1] ?? 0) & 0xfc
  bytes[2] = (bytes[2] ?? 0) & 0x3f
  const id = toBase64Url(bytes).slice(0, idLength)
  const text = id + toBase64Url(sha256(`adopted token ${secret}`))
  return { id, text, digest: sha256(text).subarray(0, 16) }
}
