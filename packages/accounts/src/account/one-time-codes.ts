import { Secret, TOTP } from 'otpauth'

// What RFC 6238 leaves open is as authenticator apps have it, many of which know nothing else.
const periodSeconds = 30
const codes = { algorithm: 'SHA1', digits: 6, period: periodSeconds }

/** 160 random bits in base32, as long as RFC 4226 recommends. */
export function newCodeSecret(): string {
  return new Secret({ size: 20 }).base32
}

/** What an authenticator app reads from a picture. */
export function codeAddress(about: {
  readonly secret: string
  readonly product: string
  readonly email: string
}): string {
  const { secret, product, email } = about
  return new TOTP({ ...codes, issuer: product, label: email, secret }).toString()
}

/**
 * The step of time whose code this is; null for none. The steps before and after now count as well,
 * since people type slowly and clocks go wrong (RFC 6238, section 5.2).
 */
export function stepOfCode(given: {
  readonly secret: string
  readonly code: string
  readonly at: number
}): number | null {
  const { secret, code: token, at: timestamp } = given
  // The comparison in constant time fails on anything else.
  if (!/^[0-9]{6}$/.test(token)) return null
  const found = TOTP.validate({
    ...codes,
    token,
    secret: Secret.fromBase32(secret),
    timestamp,
    window: 1,
  })
  return found === null ? null : Math.floor(timestamp / 1000 / periodSeconds) + found
}
