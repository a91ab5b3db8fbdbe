import { ConfigError } from '../core/errors.ts'
import { requirePrefixRules } from './cookie-prefix.ts'

/** One `name=value` of a Cookie header. */
export interface CookiePair {
  readonly name: string
  readonly value: string
}

/** When a browser sends a cookie with requests that come from other sites. */
export type SameSite = 'lax' | 'strict' | 'none'

/** What {@link serializeCookie} writes. */
export interface Cookie {
  readonly name: string
  readonly value: string
  /** Also sends the cookie to every host below this one. A leading dot changes nothing. */
  readonly domain?: string | undefined
  /** @default '/' */
  readonly path?: string | undefined
  /** Instant the cookie ends, in ms; null for when the browser closes. @default null */
  readonly expiresAt?: number | null | undefined
  readonly secure?: boolean | undefined
  readonly httpOnly?: boolean | undefined
  /** Always sent: without it, Chrome lets cross-site POSTs carry a cookie younger than two minutes. */
  readonly sameSite: SameSite
  /** Keeps a cookie of its own for each site that this one is embedded in. */
  readonly partitioned?: boolean | undefined
}

/** Browsers keep no cookie longer (RFC 6265bis, section 5.5). */
export const maxCookieAgeMs: number = 400 * 86_400_000

const maxHeaderLength = 16_384
const maxPairs = 200
const maxPairOctets = 4096
const maxAttributeOctets = 1024
const hostLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/**
 * Reads a Cookie header: every pair in the order it came, repeated names included.
 *
 * Only spaces and tabs are trimmed. Trimming all that Unicode calls a space would let a name with a
 * stray U+00A0, which no browser takes for a `__Host-` cookie, arrive here as one. Pairs without a
 * name and the `$` attributes of RFC 2965 are left out, and so is what lies beyond 16 KB or 200
 * pairs. A value with a broken percent escape is taken as it is. Quotes belong to the value.
 */
export function parseCookies(header: string): readonly CookiePair[] {
  const pairs: CookiePair[] = []
  visitPairs(header, (text, equals) => {
    const name = trimBlanks(text.slice(0, equals))
    pairs.push({ name, value: readValue(text, equals) })
  })
  return pairs
}

/** The values of all cookies of one name, in the order they came: see {@link parseCookies}. */
export function findCookies(header: string, name: string): readonly string[] {
  const values: string[] = []
  if (!header.includes(name)) return values
  visitPairs(header, (text, equals) => {
    if (trimBlanks(text.slice(0, equals)) === name) values.push(readValue(text, equals))
  })
  return values
}

/** Visits each pair that has a name, with the place of its first equals sign. */
function visitPairs(header: string, visit: (text: string, equals: number) => void): void {
  const length = usableLength(header)
  let start = 0
  let count = 0
  while (start < length && count < maxPairs) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon === -1 || semicolon > length ? length : semicolon
    const text = trimBlanks(header.slice(start, end))
    const equals = text.indexOf('=')
    if (equals > 0 && !text.startsWith('$')) {
      count += 1
      visit(text, equals)
    }
    start = end + 1
  }
}

/**
 * Writes a Set-Cookie line.
 *
 * @param now the present instant; Max-Age and Expires are both reckoned from `expiresAt`.
 * @throws {ConfigError} naming the field, when a browser would refuse or misread the cookie, or when
 * a field would slip a further attribute or header into the line.
 */
export function serializeCookie(cookie: Cookie, now: number): string {
  const { name, value, path = '/', secure = false, partitioned = false } = cookie
  const domain = cookie.domain?.replace(/^\./, '')
  requireName(name)
  requireValue(name, value)
  requirePath(path)
  if (domain !== undefined) requireDomain(domain)
  if (cookie.sameSite === 'none' && !secure) {
    throw unsafe('cookie.sameSite', "is 'none', which browsers take with `secure` only")
  }
  if (partitioned && !secure) {
    throw unsafe('cookie.partitioned', 'is set, which browsers take with `secure` only')
  }
  requirePrefixRules({ name, secure, httpOnly: cookie.httpOnly ?? false, domain, path })
  let line = `${name}=${value}${lifetime(cookie.expiresAt ?? null, now)}`
  if (domain !== undefined) line += `; Domain=${domain}`
  line += `; Path=${path}`
  if (secure) line += '; Secure'
  if (cookie.httpOnly) line += '; HttpOnly'
  line += `; SameSite=${sameSiteWord(cookie.sameSite)}`
  return partitioned ? `${line}; Partitioned` : line
}

/** Whether a browser sends a cookie of this path with a request (RFC 6265, section 5.1.4). */
export function isWithinPath(url: string, path: string): boolean {
  const requested = url.replace(/[?#].*$/s, '')
  if (!requested.startsWith(path)) return false
  return requested.length === path.length || path.endsWith('/') || requested[path.length] === '/'
}

/** Whether a text is a host name in ASCII, without port, dot at the end or brackets. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && text.split('.').every(label => hostLabel.test(label))
}

function usableLength(header: string): number {
  if (header.length <= maxHeaderLength) return header.length
  return Math.max(0, header.lastIndexOf(';', maxHeaderLength))
}

function readValue(text: string, equals: number): string {
  return decode(trimBlanks(text.slice(equals + 1)))
}

function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return end - start === text.length ? text : text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function decode(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

// RFC 9110, section 5.6.2. `$` is left out at the front since parseCookies would not read it back.
function requireName(name: string): void {
  if (/^(?!\$)[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return
  throw unsafe('cookie.name', 'must consist of letters, digits and hyphens')
}

// RFC 6265, section 4.1.1: what a cookie-octet may be.
function requireValue(name: string, value: string): void {
  if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value)) {
    throw unsafe('cookie.value', 'holds a character that cookies cannot carry; encode it first')
  }
  if (name.length + value.length > maxPairOctets) {
    throw unsafe(
      'cookie.value',
      `makes the cookie longer than the ${maxPairOctets} octets of browsers`,
    )
  }
}

// The path characters of RFC 3986, section 3.3, without those that cookies or lists of them use.
function requirePath(path: string): void {
  if (/^\/[!$&'()*+\-./0-9:@A-Z_a-z~%]*$/.test(path) && path.length <= maxAttributeOctets) return
  throw unsafe('cookie.path', 'must be an absolute path such as `/app`, percent-encoded')
}

function requireDomain(domain: string): void {
  if (isHostName(domain)) return
  throw unsafe(
    'cookie.domain',
    'must be a host name such as `example.org`, in ASCII, without a port',
  )
}

function lifetime(expiresAt: number | null, now: number): string {
  if (expiresAt === null) return ''
  const leftMs = expiresAt - now
  // Midnight of 1970 lies in the past of a browser whose clock is wrong, too.
  if (leftMs <= 0) return `; Max-Age=0; Expires=${new Date(0).toUTCString()}`
  if (!(leftMs <= maxCookieAgeMs)) {
    throw unsafe(
      'cookie.expiresAt',
      'is more than 400 days away, longer than browsers keep a cookie',
    )
  }
  return `; Max-Age=${Math.ceil(leftMs / 1000)}; Expires=${new Date(expiresAt).toUTCString()}`
}

function sameSiteWord(sameSite: SameSite): string {
  const word = { lax: 'Lax', strict: 'Strict', none: 'None' }[sameSite]
  if (word !== undefined) return word
  throw unsafe('cookie.sameSite', "must be 'lax', 'strict' or 'none'")
}

function unsafe(field: string, problem: string): ConfigError {
  return new ConfigError('ERR_COOKIE_UNSAFE', `\`${field}\` ${problem}. No cookie was written.`)
}
