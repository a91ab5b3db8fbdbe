import type { Clock } from '../core/clock.ts'
import type { ClientAddress } from './address.ts'
import { findCookies, isHostName, maxCookieAgeMs, serializeCookie } from './cookie.ts'
import { type CookieOptions, type CookieShape, resolveCookie } from './cookie-options.ts'
import { type CookieRole, sessionCookie } from './cookie-role.ts'
import {
  type CookieSignature,
  type CookieSigner,
  createCookieSignature,
  type SignedValue,
} from './cookie-signature.ts'
import { type WarningSink, warnOnce } from './warning.ts'

/** What a {@link CookieManager} works with. */
export interface CookieDeps {
  /** @default sessionCookie */
  readonly role?: CookieRole | undefined
  /** null for a cookie whose value needs no signature, such as that of `csrfCookie`. */
  readonly signer: CookieSigner | null
  readonly clock: Clock
  readonly onWarning: WarningSink
  /** Whether NODE_ENV is `production`. */
  readonly production: boolean
}

/** What of a request's circumstances matters to a cookie. */
export type CookieClient = Pick<ClientAddress, 'isSecure' | 'isLoopback' | 'host'>

/** What {@link CookieManager.read} found. */
export type CookieReading =
  | {
      readonly value: string
      /** True when an older key signed it: write the cookie anew. */
      readonly resign: boolean
      /** How many cookies of the same name failed; more than 0 means that somebody planted one. */
      readonly refused: number
    }
  | { readonly value: null; readonly reason: 'none' | 'bad-signature' | 'ambiguous' }

/** What {@link CookieManager.write} needs beyond the value. */
export interface CookieWriting {
  readonly client: CookieClient
  /** Instant in ms at which the cookie ends, or null for when the browser closes. */
  readonly expiresAt: number | null
}

/** Reads, writes and clears one cookie. */
export interface CookieManager {
  /** The name where the client is not on a loopback host in development. */
  readonly name: string
  /** The path that the cookie is limited to. */
  readonly path: string
  /**
   * Finds the cookie in a Cookie header.
   *
   * Every cookie of the name is tried, since a neighbouring host may have planted one that comes
   * first. Two different values that are both good answer `'ambiguous'`: nobody can say which one
   * the browser was meant to send.
   */
  read(header: string | undefined, client: CookieClient): CookieReading
  /**
   * A Set-Cookie line for the value. A life of more than 400 days is cut to that.
   *
   * @throws {ConfigError} when the value is not fit for a cookie or too long.
   */
  write(value: string, writing: CookieWriting): string
  /** Set-Cookie lines that take the cookie and its legacy forms out of the browser. */
  clear(client: CookieClient): readonly string[]
  /**
   * {@link CookieManager.clear}, and lines for every domain that the host belongs to.
   *
   * For `'ambiguous'`: unless both cookies go, the next sign-in ends in the same place.
   */
  clearEverywhere(client: CookieClient): readonly string[]
}

const maxDomainLabels = 6

/** Makes a {@link CookieManager}. @throws {ConfigError} naming the setting at fault. */
export function createCookieManager(options: CookieOptions, deps: CookieDeps): CookieManager {
  const { clock, production: isProduction, role = sessionCookie } = deps
  const onWarning = warnOnce(deps.onWarning)
  const signature = createCookieSignature(role.purpose, deps.signer)
  const { shape, loopbackShape, legacy } = resolveCookie(options, { role, isProduction, onWarning })
  const shapeFor = (client: CookieClient): CookieShape =>
    client.isLoopback && !client.isSecure ? loopbackShape : shape
  const clearing = (each: CookieShape): string =>
    serializeCookie({ ...each, value: '', expiresAt: 0 }, clock.now())
  const clear = (client: CookieClient): readonly string[] =>
    [shapeFor(client), ...legacy].map(clearing)
  return {
    name: shape.name,
    path: shape.path ?? '/',
    read: (header, client) => readCookie(header ?? '', shapeFor(client).name, signature),
    write(value, { client, expiresAt }) {
      const chosen = shapeFor(client)
      if (chosen.secure && !client.isSecure) warnInsecure(client, isProduction, onWarning)
      const now = clock.now()
      const end = expiresAt === null ? null : Math.min(expiresAt, now + maxCookieAgeMs)
      const signed = signature.sign(chosen.name, value)
      return serializeCookie({ ...chosen, value: signed, expiresAt: end }, now)
    },
    clear,
    clearEverywhere: client => [
      ...new Set([...clear(client), ...widerShapes(shapeFor(client), client).map(clearing)]),
    ],
  }
}

function readCookie(header: string, name: string, signature: CookieSignature): CookieReading {
  let found: SignedValue | null = null
  let refused = 0
  for (const value of findCookies(header, name)) {
    const opened = signature.open({ name, value })
    if (opened === null) refused += 1
    else if (found !== null && found.value !== opened.value) {
      return { value: null, reason: 'ambiguous' }
    } else found = opened
  }
  if (found !== null) return { value: found.value, resign: found.resign, refused }
  return { value: null, reason: refused > 0 ? 'bad-signature' : 'none' }
}

function warnInsecure(client: CookieClient, isProduction: boolean, onWarning: WarningSink): void {
  const problem = 'A Secure cookie was sent over a connection that does not look like https'
  if (client.isLoopback) {
    onWarning({
      code: 'cookie-connection',
      level: 'warning',
      message: `${problem}. Safari drops it; set \`cookie.development\` while you work on a loopback host.`,
    })
    return
  }
  onWarning({
    code: 'cookie-connection',
    level: isProduction ? 'error' : 'warning',
    message: `${problem}, so browsers may drop it and nobody stays signed in. If a proxy ends TLS, name it in \`trustProxy\` and let it send X-Forwarded-Proto; otherwise serve the site over https.`,
  })
}

function widerShapes(shape: CookieShape, client: CookieClient): readonly CookieShape[] {
  if (shape.name.startsWith('__Host-')) return []
  const paths = ['/', shape.path]
  return parentDomains(client.host).flatMap(domain =>
    paths.map(path => ({ ...shape, domain, path })),
  )
}

// An address has no domains above it, and no browser takes a cookie for a whole top-level domain.
function parentDomains(host: string | null): readonly string[] {
  const name = (host ?? '').replace(/:\d+$/, '')
  if (!isHostName(name) || /^[\d.]+$/.test(name)) return []
  const labels = name.split('.').slice(-maxDomainLabels)
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
}
