import { toBase64Url } from '../core/bytes.ts'
import { sha256 } from '../crypto/digest.ts'
import { idLength, parseToken, type Token } from './token.ts'

/**
 * The token that stands for a secret which was made elsewhere, always the same for the same secret.
 *
 * Neither its id, which is public, nor anything in the store leads back to the secret.
 */
export function adoptToken(secret: string): Token {
  const id = sha256(`adopted id ${secret}`)
  // As for every owner: one of 16,384 buckets.
  id[1] = (id[1] ?? 0) & 0xfc
  id[2] = (id[2] ?? 0) & 0x3f
  const text = toBase64Url(id).slice(0, idLength) + toBase64Url(sha256(`adopted token ${secret}`))
  const token = parseToken(text)
  if (token === null) throw new TypeError('A token was made that is none.')
  return token
}
