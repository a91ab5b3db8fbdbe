import { ConfigError } from '../../core/errors.ts'
import { isHostName } from '../../http/cookie.ts'
import type { CookieData, CookieOptions } from './cookie.ts'

/** A cookie as express-session writes it: attributes only where they were asked for. */
export interface ConnectCookie extends Omit<CookieData, 'originalMaxAge'> {
  readonly name: string
  readonly value: string
  /** @default encodeURIComponent */
  readonly encode?: CookieOptions['encode']
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const octets = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const pathCharacters = /^[\x20-\x3a\x3c-\x7e]*$/

const sameSiteWords: Readonly<Record<string, string>> = {
  true: 'Strict',
  strict: 'Strict',
  lax: 'Lax',
  none: 'None',
}

const priorityWords: Readonly<Record<string, string>> = {
  low: 'Low',
  medium: 'Medium',
  high: 'High',
}

/**
 * Writes a Set-Cookie line in the form and order that express-session's users know from it.
 *
 * Beside Cloakroom's own cookies this one is lenient, since it has to go on where another left off:
 * neither Max-Age nor SameSite is added. What could slip a further attribute or header into the
 * line is refused all the same.
 *
 * @throws {ConfigError} `ERR_COOKIE_UNSAFE` naming the option.
 */
export function serializeConnectCookie(cookie: ConnectCookie): string {
  const { name, domain, path, expires, priority, sameSite } = cookie
  const value = (cookie.encode ?? encodeURIComponent)(cookie.value)
  requireThat(token.test(name), 'name')
  requireThat(octets.test(value), 'encode')
  let line = `${name}=${value}`
  if (domain) {
    requireThat(isHostName(domain.replace(/^\./, '')), 'domain')
    line += `; Domain=${domain}`
  }
  if (path) {
    requireThat(pathCharacters.test(path), 'path')
    line += `; Path=${path}`
  }
  if (expires) {
    requireThat(expires instanceof Date && Number.isFinite(expires.getTime()), 'expires')
    line += `; Expires=${expires.toUTCString()}`
  }
  if (cookie.httpOnly) line += '; HttpOnly'
  if (cookie.secure) line += '; Secure'
  if (cookie.partitioned) line += '; Partitioned'
  if (priority) line += `; Priority=${wordOf(priorityWords, priority, 'priority')}`
  if (sameSite) line += `; SameSite=${wordOf(sameSiteWords, sameSite, 'sameSite')}`
  return line
}

function wordOf(words: Readonly<Record<string, string>>, given: unknown, option: string): string {
  const name = String(given).toLowerCase()
  const word = Object.hasOwn(words, name) ? words[name] : undefined
  requireThat(word !== undefined, option)
  return word ?? ''
}

function requireThat(isValid: boolean, option: string): void {
  if (isValid) return
  throw new ConfigError('ERR_COOKIE_UNSAFE', `option ${option} is invalid`)
}
