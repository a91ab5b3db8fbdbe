import { domainToASCII, domainToUnicode } from 'node:url'

/** An e-mail address in its two forms. */
export interface EmailAddress {
  /** For sending and for showing: what was typed, cleaned. */
  readonly email: string
  /** For comparing: all spellings of one mailbox give one text. */
  readonly login: string
}

// RFC 5321, section 4.5.3.1: 64 characters before the @, 254 in all.
const longestLocal = 64
const longestEmail = 254

/**
 * What may stand before the @: of RFC 5322 only what needs no quotes, and every letter there is
 * (RFC 6531). No comma and no angle bracket, or one address could become several on its way out.
 */
const localPart =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u

const hostName = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/

/**
 * Reads an e-mail address, or gives null.
 *
 * Addresses are compared composed (NFC) and without regard to case, domains in their ASCII form. Mail
 * must always go to the address that was stored, never to a spelling of it that somebody typed.
 */
export function parseEmail(typed: string): EmailAddress | null {
  if (typeof typed !== 'string' || typed.length > 4 * longestEmail) return null
  const text = typed.normalize('NFC').trim()
  const at = text.lastIndexOf('@')
  const local = text.slice(0, Math.max(0, at))
  const domain = domainToASCII(text.slice(at + 1))
  if (local.length > longestLocal || !localPart.test(local) || !hostName.test(domain)) return null
  const email = `${local}@${domainToUnicode(domain)}`
  const login = `${local.toLowerCase().normalize('NFC')}@${domain}`
  return email.length > longestEmail || login.length > longestEmail ? null : { email, login }
}

/** An address of which only its owner knows which it is: `a…@example.org`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${[...email.slice(0, at)][0] ?? ''}…${email.slice(at)}`
}

const longestName = 100

/** A person's name, cleaned, or null when it is too long or has characters that steer what shows it. */
export function parseName(typed: string): string | null {
  if (typeof typed !== 'string' || typed.length > 8 * longestName || !typed.isWellFormed())
    return null
  const name = typed
    .normalize('NFC')
    .trim()
    .replace(/[ \u00a0]+/g, ' ')
  // Controls, line ends, and marks that turn the direction of writing.
  if (/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(name)) return null
  return [...name].length > longestName ? null : name
}
