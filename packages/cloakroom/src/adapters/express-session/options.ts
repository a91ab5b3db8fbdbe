import { ConfigError } from '../../core/errors.ts'
import { describeValue } from '../../core/options.ts'
import { randomText } from '../../core/random.ts'
import {
  type ConnectSecret,
  type ConnectSigner,
  createConnectSigner,
} from '../../crypto/connect-signature.ts'
import { isWithinPath } from '../../http/cookie.ts'
import { Cookie, type CookieOptions } from './cookie.ts'
import { MemoryStore } from './memory-store.ts'
import { isSecure, pathOf, type SessionRequest } from './request.ts'
import type { ConnectStore, Store } from './store.ts'
import { createWarning, deprecate, warn } from './warning.ts'

interface ByRequest {
  // Declared as methods, so that functions may name the request by the type of their framework.
  cookie(request: SessionRequest): CookieOptions
  id(request: SessionRequest): string
}

/** Makes the settings of a cookie for each request. */
export type CookieFunction = ByRequest['cookie']

/** Makes the id of a new session. */
export type IdFunction = ByRequest['id']

/** Options of {@link session}: those of express-session, and what Cloakroom adds. */
export interface SessionOptions {
  /** Signs the session id; with several, the first signs and all are accepted. */
  secret?: ConnectSecret | readonly ConnectSecret[] | undefined
  /** @default a new `MemoryStore` */
  store?: ConnectStore | undefined
  /** Settings of the cookie, or a function that makes them for each request. */
  cookie?: CookieOptions | CookieFunction | undefined
  /** Makes the id of a session. @default 32 random characters, 192 bits */
  genid?: IdFunction | undefined
  /** Name of the cookie. @default 'connect.sid' */
  name?: string | undefined
  /** Older word for `name`. */
  key?: string | undefined
  /** Whether X-Forwarded-Proto is believed; undefined asks Express. */
  proxy?: boolean | undefined
  /** Save a session that did not change. @default true, which is obsolete: set it */
  resave?: boolean | undefined
  /** Send the cookie with every response. @default false */
  rolling?: boolean | undefined
  /** Save and send a new session that holds nothing. @default true, which is obsolete: set it */
  saveUninitialized?: boolean | undefined
  /** What becomes of a session when `req.session` is set to null. @default 'keep' */
  unset?: 'destroy' | 'keep' | undefined
  /** Remove the browser's cookie when its session was destroyed. @default true */
  clearCookie?: boolean | undefined
}

/** {@link SessionOptions} with every value settled. */
export interface SessionSettings {
  readonly name: string
  readonly store: Store
  readonly resave: boolean
  readonly rolling: boolean
  readonly saveUninitialized: boolean
  readonly destroysUnset: boolean
  readonly clearsCookie: boolean
  /** What signs for this request, or null when nobody gave a secret. */
  signerOf(request: SessionRequest): ConnectSigner | null
  newId(request: SessionRequest): string
  newCookie(request: SessionRequest): Cookie
  /** Whether a browser would send the cookie with this request. */
  reaches(request: SessionRequest): boolean
  isSecure(request: SessionRequest): boolean
  /** Says, once, that the cookie is for TLS and a connection is none. */
  warnInsecure(): void
}

/** @throws {ConfigError} naming the option that is wrong. */
export function resolveOptions(options?: SessionOptions | null): SessionSettings {
  const given = options ?? {}
  const { proxy, rolling = false, clearCookie = true } = given
  // As in express-session, anything false stands for the default.
  const genid = given.genid || newId
  const unset = given.unset || 'keep'
  const name = given.name || given.key || 'connect.sid'
  requireThat(typeof genid === 'function', 'genid option must be a function', genid)
  requireThat(
    unset === 'destroy' || unset === 'keep',
    'unset option must be "destroy" or "keep"',
    unset,
  )
  const cookieOf = resolveCookie(given.cookie)
  checkCookie(name, given.cookie)
  const signer = resolveSigner(given.secret)
  return {
    name,
    store: resolveStore(given.store),
    resave: resolveObsolete('resave', given.resave),
    rolling: Boolean(rolling),
    saveUninitialized: resolveObsolete('saveUninitialized', given.saveUninitialized),
    destroysUnset: unset === 'destroy',
    clearsCookie: Boolean(clearCookie),
    signerOf(request) {
      if (signer !== null) return signer
      return request.secret ? createConnectSigner([request.secret]) : null
    },
    newId: request => genid(request),
    newCookie(request) {
      const settings = cookieOf(request)
      const cookie = new Cookie(settings)
      if (settings?.secure === 'auto') cookie.secure = isSecure(request, proxy)
      if (settings?.sameSite === 'auto') cookie.sameSite = isSecure(request, proxy) ? 'none' : 'lax'
      return cookie
    },
    reaches: request => isWithinPath(pathOf(request), cookieOf(request)?.path || '/'),
    isSecure: request => isSecure(request, proxy),
    warnInsecure: createWarning(
      'A session cookie was not sent: `cookie.secure` is set and the connection is not TLS. Behind a proxy, set `proxy: true` or "trust proxy" of Express.',
    ),
  }
}

function newId(): string {
  return randomText(32)
}

function resolveCookie(
  cookie: SessionOptions['cookie'],
): (request: SessionRequest) => CookieOptions | undefined {
  return typeof cookie === 'function' ? request => cookie(request) : () => cookie ?? undefined
}

/** What browsers would misread is refused at the start, where it is known by then. */
function checkCookie(name: string, cookie: SessionOptions['cookie']): void {
  const { path, domain } = typeof cookie === 'function' ? {} : (cookie ?? {})
  new Cookie({ path, domain }).serialize(name, '')
}

function resolveSigner(secret: SessionOptions['secret']): ConnectSigner | null {
  if (Array.isArray(secret)) {
    const message = 'secret option array must contain one or more strings'
    requireThat(secret.length > 0, message, secret)
    return createConnectSigner(secret)
  }
  if (secret) return createConnectSigner([secret as ConnectSecret])
  deprecate('SECRET', '`secret` is missing. Set it: taking it from `req.secret` is obsolete.')
  return null
}

function resolveStore(given: ConnectStore | undefined): Store {
  const store = given ? (given as Store) : new MemoryStore()
  if (store instanceof MemoryStore && process.env['NODE_ENV'] === 'production') {
    warn('Sessions are kept in the memory of this process. Set `store` to one that others share.')
  }
  return store
}

function resolveObsolete(option: 'resave' | 'saveUninitialized', value: unknown): boolean {
  if (value === undefined) {
    const code = option.toUpperCase()
    deprecate(code, `\`${option}\` is missing and is true by default, which is obsolete. Set it.`)
    return true
  }
  return Boolean(value)
}

function requireThat(isValid: boolean, message: string, value: unknown): void {
  if (isValid) return
  throw new ConfigError('ERR_OPTION_INVALID', `${message}, and is ${describeValue(value)}.`)
}
