import type { IncomingMessage } from 'node:http'
import type { ConnectSecret } from '../../crypto/connect-signature.ts'
import type { Session } from './session.ts'
import type { Store } from './store.ts'

/**
 * Whoever a session belongs to: a request, or what stands for one where there is none. Its
 * properties are of whatever declarations are in use.
 */
export interface SessionHolder {
  session?: unknown
  sessionID?: unknown
  sessionStore?: unknown
}

/** A request as Connect, Express and their middleware know it. */
export interface SessionRequest extends IncomingMessage, SessionHolder {
  session?: Session | null | undefined
  sessionStore?: Store
  /** The whole address, also inside a mounted router. */
  readonly originalUrl?: string
  /** Whether the client's connection is TLS, by what Express trusts of proxies. */
  readonly secure?: boolean
  /** Secret and cookies as cookie-parser leaves them. */
  readonly secret?: ConnectSecret
  readonly cookies?: Readonly<Record<string, unknown>>
  readonly signedCookies?: Readonly<Record<string, unknown>>
}

/** Path of the URL as the client sent it, never empty. */
export function pathOf({ originalUrl, url }: SessionRequest): string {
  const [address = ''] = (originalUrl ?? url ?? '').split(/[?#]/, 1)
  // A request to a proxy names the server too (RFC 9112, section 3.2.2).
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  return path === '' ? '/' : path
}

/**
 * Whether the client is connected by TLS.
 *
 * @param proxy true to believe X-Forwarded-Proto, false to look at the connection alone, anything
 * else to ask Express.
 */
export function isSecure(request: SessionRequest, proxy: unknown): boolean {
  const { socket } = request
  if (socket && 'encrypted' in socket && socket.encrypted === true) return true
  if (proxy === false) return false
  if (proxy !== true) return request.secure === true
  const [protocol = ''] = String(request.headers['x-forwarded-proto'] ?? '').split(',', 1)
  return protocol.trim().toLowerCase() === 'https'
}
