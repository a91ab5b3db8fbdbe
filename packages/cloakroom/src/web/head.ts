import type { ClientAddress } from '../http/address.ts'
import { appendVary, cacheHeadersFor } from '../http/cache-headers.ts'
import type { CookieManager, CookieReading } from '../http/cookie-manager.ts'
import type { HeaderList } from '../http/headers.ts'
import { appendSetCookie } from '../http/set-cookie.ts'
import { csrfVary } from '../protection/csrf-problem.ts'
import type { Exchange } from './exchange.ts'
import type { Session } from './session.ts'

/** What the head of a response depends on. */
export interface HeadCircumstances<Data extends object> {
  readonly sessionCookie: CookieManager
  readonly exchange: Exchange
  readonly client: ClientAddress
  readonly ticket: CookieReading
  readonly session: Session<Data>
  /** The security headers. */
  readonly security: HeaderList
  /** Set-Cookie lines of the cookies beside that of the session. */
  readonly sideLines: () => readonly string[]
  /** Whether the answer depends on where the request came from. */
  readonly isOriginUsed: () => boolean
}

/** Reasons that will not go away: the cookie is of no more use. */
const lasting = new Set(['malformed', 'unknown', 'idle', 'absolute', 'epoch', 'reused', 'corrupt'])

/**
 * Puts our cookies on a response and says how it may be cached. Gives the Set-Cookie lines.
 *
 * It may be called again, after an error page took the place of the response: the lines that were
 * written then come along.
 */
export function completeHead<Data extends object>(
  head: HeadCircumstances<Data>,
  written: readonly string[],
): readonly string[] {
  const { response } = head.exchange
  if (response.isSent()) return written
  const own = written.length > 0 ? changedLines(head) : sessionLines(head)
  const lines = [...own, ...head.sideLines()].reduce(appendSetCookie, written)
  if (lines.length > 0) {
    response.setCookies(lines.reduce<readonly string[]>(appendSetCookie, response.cookies()))
  }
  if (head.session.isUsed || lines.length > 0) limitCaches(head, lines.length > 0)
  if (head.isOriginUsed()) response.set('vary', appendVary(response.get('vary'), csrfVary))
  if (response.status() >= 400) restoreSecurity(head)
  return lines
}

function limitCaches<Data extends object>(
  { exchange, session }: HeadCircumstances<Data>,
  cookieWritten: boolean,
): void {
  const { response } = exchange
  const changes = cacheHeadersFor({
    sessionRead: session.isUsed,
    cookieWritten,
    existing: { cacheControl: response.get('cache-control'), vary: response.get('vary') },
  })
  for (const name of changes.remove) response.remove(name)
  for (const [name, value] of changes.set) response.set(name, value)
}

/** Koa, among others, takes all headers off before it writes about an error. */
function restoreSecurity<Data extends object>({
  exchange: { response },
  security,
}: HeadCircumstances<Data>): void {
  for (const [name, value] of security) {
    if (response.get(name) === undefined) response.set(name, value)
  }
}

/** Where the handler changed nothing, the cookie that came may have to be written anew or cleared. */
function sessionLines<Data extends object>(head: HeadCircumstances<Data>): readonly string[] {
  const { sessionCookie, client, session, ticket } = head
  const changed = changedLines(head)
  if (changed.length > 0) return changed
  if (ticket.value === null) return refusedLines(head, ticket.reason)
  if (ticket.resign && session.isLoaded && session.state === 'valid') {
    return [writeTicket(head, ticket.value)]
  }
  return isDead(head) ? sessionCookie.clear(client) : []
}

function changedLines<Data extends object>(head: HeadCircumstances<Data>): readonly string[] {
  const change = head.session.takeCookie()
  if (change === null) return []
  return change.kind === 'set'
    ? [writeTicket(head, change.token)]
    : head.sessionCookie.clear(head.client)
}

function writeTicket<Data extends object>(
  { sessionCookie, client, session }: HeadCircumstances<Data>,
  token: string,
): string {
  return sessionCookie.write(token, { client, expiresAt: session.cookieEndsAt })
}

function refusedLines<Data extends object>(
  { sessionCookie, client }: HeadCircumstances<Data>,
  reason: 'none' | 'bad-signature' | 'ambiguous',
): readonly string[] {
  if (reason === 'none') return []
  return reason === 'ambiguous'
    ? sessionCookie.clearEverywhere(client)
    : sessionCookie.clear(client)
}

/**
 * Only a page load clears a dead cookie. A background request may be answered after a sign-in in
 * another tab, and would clear the new cookie.
 */
function isDead<Data extends object>({ exchange, session }: HeadCircumstances<Data>): boolean {
  if (!session.isLoaded || !lasting.has(session.reason ?? '')) return false
  const mode = exchange.header('sec-fetch-mode')
  return mode === undefined || mode === 'navigate'
}
