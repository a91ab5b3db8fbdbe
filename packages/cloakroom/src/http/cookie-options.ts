import { ConfigError } from '../core/errors.ts'
import { refuseUnknown, requireOneOf } from '../core/options.ts'
import { type Cookie, type SameSite, serializeCookie } from './cookie.ts'
import { choosePrefix, withoutPrefix } from './cookie-prefix.ts'
import type { CookieRole } from './cookie-role.ts'
import type { HttpWarning, WarningSink } from './warning.ts'

/** Settings of the cookies. The defaults bind them to one host, to https and to the site itself. */
export interface CookieOptions {
  /** Full name, prefix included. @default 'cloakroom' with the strongest prefix that fits */
  readonly name?: string | undefined
  /** Also sends the cookie to every host below this one, and trusts all of them with it. */
  readonly domain?: string | undefined
  /** @default '/' */
  readonly path?: string | undefined
  /**
   * `'strict'` makes people who follow a link from elsewhere, or come back from an identity
   * provider, look signed out on the first page; `'none'` is for pages embedded in other sites.
   *
   * @default 'lax'
   */
  readonly sameSite?: SameSite | undefined
  /** Refused when off in production. @default true */
  readonly secure?: boolean | undefined
  /** Keeps a cookie apart for each site that embeds this one. @default false */
  readonly partitioned?: boolean | undefined
  /**
   * Cookies that earlier settings set. They are cleared along with the present one, or a browser
   * would keep sending them.
   */
  readonly legacy?: readonly LegacyCookie[] | undefined
  /**
   * Leaves the prefix and `Secure` out where page and connection are both on a loopback host and
   * not encrypted, since Safari keeps no such cookie there. Refused in production.
   *
   * @default false
   */
  readonly development?: boolean | undefined
}

/** A cookie that is no longer set. What is left out is as in the present settings. */
export interface LegacyCookie {
  readonly name?: string | undefined
  /** null when it was bound to its host. */
  readonly domain?: string | null | undefined
  readonly path?: string | undefined
  readonly secure?: boolean | undefined
  readonly partitioned?: boolean | undefined
}

/** Everything of a cookie but what changes from one answer to the next. */
export type CookieShape = Omit<Cookie, 'value' | 'expiresAt'>

/** {@link CookieOptions}, checked. */
export interface ResolvedCookie {
  readonly shape: CookieShape
  /** Shape on an unencrypted loopback host; the same as `shape` outside development. */
  readonly loopbackShape: CookieShape
  readonly legacy: readonly CookieShape[]
}

/** Circumstances that {@link resolveCookie} judges the settings by. */
export interface CookieCircumstances {
  readonly role: CookieRole
  readonly isProduction: boolean
  readonly onWarning: WarningSink
}

const sameSites: readonly SameSite[] = ['lax', 'strict', 'none']

const developmentWarning: HttpWarning = {
  code: 'cookie-development',
  level: 'warning',
  message:
    '`cookie.development` is on: on loopback hosts, cookies go without prefix and `Secure`. Leave it off everywhere else.',
}

const legacyKnown: readonly (keyof LegacyCookie)[] = [
  'name',
  'domain',
  'path',
  'secure',
  'partitioned',
]

const known: readonly (keyof CookieOptions)[] = [
  'name',
  'domain',
  'path',
  'sameSite',
  'secure',
  'partitioned',
  'legacy',
  'development',
]

/** Checks the settings of a cookie. @throws {ConfigError} naming the one at fault. */
export function resolveCookie(
  options: CookieOptions,
  circumstances: CookieCircumstances,
): ResolvedCookie {
  const { role, isProduction, onWarning } = circumstances
  refuseUnknown('cookie', options, known)
  if (isProduction) refuseInProduction(options)
  const { shape, hindrances } = shapeOf(options, role)
  const legacy = (options.legacy ?? []).map(earlier => legacyShape(options, earlier, role))
  for (const each of [shape, ...legacy]) serializeCookie({ ...each, value: '' }, 0)
  if (hindrances.length > 0) onWarning(prefixWarning(shape.name, hindrances))
  if (!options.development) return { shape, loopbackShape: shape, legacy }
  onWarning(developmentWarning)
  return { shape, loopbackShape: withoutSecure(shape), legacy }
}

function refuseInProduction(options: CookieOptions): void {
  if (options.development) throw unsafe('`cookie.development` is on in production. Take it out.')
  if (options.secure !== false) return
  throw unsafe(
    '`cookie.secure` is off in production. Serve the site over https and take the setting out.',
  )
}

function shapeOf(
  options: CookieOptions,
  role: CookieRole,
): { shape: CookieShape; hindrances: readonly string[] } {
  const { domain, path = '/', secure = true, partitioned = false } = options
  const sameSite = requireOneOf('cookie.sameSite', options.sameSite ?? 'lax', sameSites)
  const rest = { domain, path, secure, httpOnly: role.isHttpOnly, sameSite, partitioned }
  if (options.name !== undefined) return { shape: { name: options.name, ...rest }, hindrances: [] }
  const { prefix, hindrances } = choosePrefix(rest)
  return { shape: { name: `${prefix}${role.baseName}`, ...rest }, hindrances }
}

function legacyShape(options: CookieOptions, earlier: LegacyCookie, role: CookieRole): CookieShape {
  refuseUnknown('cookie.legacy', earlier, legacyKnown)
  const domain = earlier.domain === undefined ? options.domain : (earlier.domain ?? undefined)
  return shapeOf({ ...options, ...earlier, domain }, role).shape
}

function withoutSecure(shape: CookieShape): CookieShape {
  const sameSite = shape.sameSite === 'none' ? 'lax' : shape.sameSite
  return { ...shape, name: withoutPrefix(shape.name), secure: false, partitioned: false, sameSite }
}

function prefixWarning(name: string, hindrances: readonly string[]): HttpWarning {
  const message = `The name of the cookie \`${name}\` does not bind it to this host, so other hosts of the domain may plant one: ${hindrances.join(', ')}.`
  return { code: 'cookie-prefix', level: 'warning', message }
}

function unsafe(message: string): ConfigError {
  return new ConfigError('ERR_COOKIE_UNSAFE', message)
}
