import { toBase64Url } from '../core/bytes.ts'
import { randomBytes } from '../core/random.ts'
import { sha256 } from '../crypto/digest.ts'
import { ownerLength } from './store.ts'

/**
 * The secret in the cookie: the session's public id (22 characters) followed by 32 random bytes.
 *
 * The id finds the record, the random part proves that the bearer was given it. The store keeps
 * only the SHA-256 of the whole.
 */
export interface Token {
  readonly id: string
  /** The whole token. Never log it. */
  readonly text: string
  /** What the store keeps of it: the first 16 bytes of its SHA-256. */
  readonly digest: Uint8Array
}

const nonceLength = 10
const secretBytes = 32
/** Length of a session id, with which its tokens begin. */
export const idLength: number = ownerLength + nonceLength

/** Of the last character only four bits count: the other two must be zero, or two tokens were one. */
const shape = /^[A-Za-z0-9_-]{64}[AEIMQUYcgkosw048]$/

/** Makes the first token of a new session of this owner, and with it the session's id. */
export function issueFirstToken(owner: string): Token {
  // One draw for both: asking for random bytes takes longer than making them.
  const random = randomBytes(8 + secretBytes)
  const id = owner + toBase64Url(random.subarray(0, 8)).slice(0, nonceLength)
  return readToken(id + toBase64Url(random.subarray(8)))
}

/** Makes another token for a session. */
export function issueToken(id: string): Token {
  return readToken(id + toBase64Url(randomBytes(secretBytes)))
}

/** Reads a token that came with a request; null when it has not the shape of one. */
export function parseToken(text: string): Token | null {
  return shape.test(text) ? readToken(text) : null
}

/** Whether a text has the shape of a session id. */
export function isSessionId(text: string): boolean {
  return text.length === idLength && /^[A-Za-z0-9_-]+$/.test(text)
}

function readToken(text: string): Token {
  return { id: text.slice(0, idLength), text, digest: sha256(text).subarray(0, 16) }
}
