import {
  asBuffer,
  concatBytes,
  equalBytes,
  fromBase64Url,
  toBase64Url,
  utf8,
} from '../core/bytes.ts'
import { randomBytes } from '../core/random.ts'
import { hmacSha256, importKey } from '../crypto/digest.ts'

/** Whose token it is: somebody's with a session, or a visitor's, whose secret is in a cookie. */
export type CsrfHolder = 'session' | 'visitor'

/** Why a token was not accepted. */
export type CsrfTokenProblem =
  | 'token-missing'
  | 'token-malformed'
  | 'token-mismatch'
  | 'token-expired'

/** What {@link verifyToken} found. */
export type CsrfTokenCheck =
  | { readonly ok: true; readonly ageMs: number }
  | { readonly ok: false; readonly reason: CsrfTokenProblem }

/** Length in bytes of the secret that tokens are made from. */
export const csrfSecretLength = 32

/** How far ahead another server's clock may be. Nobody else can make a token for a time to come. */
const skewMs = 900_000

const timeLength = 6
const contentLength = timeLength + 32
const tokenCharacters = Math.ceil((contentLength * 2 * 4) / 3)

/**
 * Makes a token: `mask ‖ (mask XOR (time ‖ HMAC(secret, holder ‖ time)))` in base64url.
 *
 * With a fresh mask no two tokens look alike, so that compressing a page together with what an
 * attacker put into it tells nothing of the token (BREACH). All tokens of a secret are good side by
 * side, which keeps every open tab working.
 */
export function issueToken(secret: Uint8Array, holder: CsrfHolder, now: number): string {
  const time = new Uint8Array(timeLength)
  asBuffer(time).writeUIntBE(Math.floor(now), 0, timeLength)
  const content = concatBytes(time, authenticate(secret, holder, time))
  const mask = randomBytes(contentLength)
  return toBase64Url(concatBytes(mask, combine(mask, content)))
}

/** What a token is checked against. */
export interface CsrfTokenExpectation {
  /** null when the request has none to offer; no token is good then. */
  readonly secret: Uint8Array | null
  readonly holder: CsrfHolder
  readonly now: number
  readonly timeoutMs: number
}

/** Checks a token, which may be of any shape. Never throws. */
export function verifyToken(token: unknown, expected: CsrfTokenExpectation): CsrfTokenCheck {
  const { secret, holder, now, timeoutMs } = expected
  if (token === undefined || token === null || token === '') return failed('token-missing')
  const bytes = typeof token === 'string' ? decode(token) : null
  if (bytes === null) return failed('token-malformed')
  const content = combine(bytes.subarray(0, contentLength), bytes.subarray(contentLength))
  const time = content.subarray(0, timeLength)
  if (secret?.byteLength !== csrfSecretLength) return failed('token-mismatch')
  if (!equalBytes(content.subarray(timeLength), authenticate(secret, holder, time))) {
    return failed('token-mismatch')
  }
  const ageMs = now - asBuffer(time).readUIntBE(0, timeLength)
  return ageMs < timeoutMs && ageMs >= -skewMs ? { ok: true, ageMs } : failed('token-expired')
}

function decode(token: string): Uint8Array | null {
  return token.length === tokenCharacters ? fromBase64Url(token) : null
}

function authenticate(secret: Uint8Array, holder: CsrfHolder, time: Uint8Array): Uint8Array {
  return hmacSha256(importKey(secret), concatBytes(utf8(`csrf/v1/${holder}/`), time))
}

function combine(mask: Uint8Array, content: Uint8Array): Uint8Array {
  return mask.map((byte, index) => byte ^ (content[index] ?? 0))
}

function failed(reason: CsrfTokenProblem): CsrfTokenCheck {
  return { ok: false, reason }
}
