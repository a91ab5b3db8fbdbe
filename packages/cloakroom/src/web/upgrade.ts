import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ownOrigin } from '../http/origin.ts'
import type { SessionState } from '../sessions/state.ts'
import type { Engine } from './engine.ts'

/** How upgrades are checked. */
export interface UpgradeOptions {
  /** Further origins whose pages may connect, besides those of the application. */
  readonly origins?: readonly string[]
  /**
   * Lets clients connect that say no origin. Browsers always say it; other programs do not, and
   * cannot be made to connect by a page of another site. @default false
   */
  readonly allowNoOrigin?: boolean
}

/** Whether a request may become a WebSocket, and whose it is. */
export type UpgradeCheck<Data> =
  | { readonly ok: true; readonly session: SessionState<Data> }
  | { readonly ok: false; readonly status: 401 | 403 | 503; readonly reason: string }

/**
 * Checks a request that wants to become a WebSocket: where it comes from, and whether it has a living
 * session. Browsers send cookies with such requests from any site and ask nobody (RFC 6455, section
 * 10.2), so the origin comes first.
 *
 * Bind the socket afterwards with `sessions.bind(socket, session)`.
 */
export async function checkUpgrade<Data extends object>(
  engine: Engine<Data>,
  request: IncomingMessage,
  options: UpgradeOptions = {},
): Promise<UpgradeCheck<Data>> {
  const { headers, socket } = request
  const header = (name: string): string | undefined => headers[name]?.toString()
  const isEncrypted = 'encrypted' in socket && socket.encrypted === true
  const client = engine.addresses.read({ socketAddress: socket.remoteAddress, isEncrypted, header })
  const source = { ip: client.ip, userAgent: headers['user-agent'] }
  const refuse = (status: 401 | 403 | 503, reason: string): UpgradeCheck<Data> => {
    if (status === 403) engine.events.emit({ type: 'csrf_failed', ...source, reason })
    return { ok: false, status, reason }
  }

  const { origin } = headers
  if (origin === undefined && options.allowNoOrigin !== true) return refuse(403, 'origin-missing')
  const own = ownOrigin(client)
  const usual = engine.origins.length > 0 || own === null ? engine.origins : [own]
  const allowed = [...usual, ...(options.origins ?? [])]
  if (origin !== undefined && !allowed.includes(origin)) return refuse(403, 'origin-mismatch')

  const ticket = engine.sessionCookie.read(headers.cookie, client)
  if (ticket.value === null) return refuse(401, ticket.reason)
  const read = await engine.sessions.validate(ticket.value, { source, isSensitive: true })
  if (read.state === 'unavailable') return refuse(503, 'unavailable')
  return read.state === 'absent' ? refuse(401, read.reason) : { ok: true, session: read.session }
}

/** Answers an upgrade that is refused, as HTTP, and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  refusal: Extract<UpgradeCheck<never>, { ok: false }>,
): void {
  const titles = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' }
  const head = `HTTP/1.1 ${refusal.status} ${titles[refusal.status]}`
  socket.end(`${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
