import type { ClientAddress } from '../http/address.ts'
import { appendVary, cacheHeadersFor } from '../http/cache-headers.ts'
import type { CookieReading } from '../http/cookie-manager.ts'
import type { HeaderList } from '../http/headers.ts'
import { appendSetCookie } from '../http/set-cookie.ts'
import type { CsrfTokens } from './csrf-tokens.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import type { Session } from './session.ts'

/** What the head of a response depends on. */
export interface HeadCircumstances<Data extends object> {
  readonly exchange: Exchange
  readonly client: ClientAddress
  readonly ticket: CookieReading
  readonly session: Session<Data>
  readonly csrf: CsrfTokens
  /** Of the cookie that makes a device known. */
  readonly deviceLines: () => readonly string[]
  /** The security headers. */
  readonly security: HeaderList
}

/** Reasons that will not go away: the cookie is of no more use. */
const lasting = new Set(['malformed', 'unknown', 'idle', 'absolute', 'epoch', 'reused', 'corrupt'])

/**
 * Gives a function that puts our cookies on a response and says how it may be cached.
 *
 * It may be called again, after an error page took the place of the response: the cookies that
 * were written then come along.
 */
export function createHeadWriter<Data extends object>(
  { sessionCookie }: Pick<Engine<Data>, 'sessionCookie'>,
  { exchange, client, ticket, session, csrf, deviceLines, security }: HeadCircumstances<Data>,
): () => void {
  const { response } = exchange
  let written: readonly string[] = []

  function complete(): void {
    if (response.isSent()) return
    const lines = [...sessionLines(), ...csrf.cookieLines(), ...deviceLines()]
    written = lines.reduce(appendSetCookie, written)
    if (written.length > 0) {
      response.setCookies(written.reduce<readonly string[]>(appendSetCookie, response.cookies()))
    }
    const changes = cacheHeadersFor({
      sessionRead: session.isUsed,
      cookieWritten: written.length > 0,
      existing: { cacheControl: response.get('cache-control'), vary: response.get('vary') },
    })
    for (const name of changes.remove) response.remove(name)
    for (const [name, value] of changes.set) response.set(name, value)
    if (csrf.isChecked()) response.set('vary', appendVary(response.get('vary'), csrf.vary))
    if (response.status() >= 400) restoreSecurity()
  }

  /** Koa, among others, takes all headers off before it writes about an error. */
  function restoreSecurity(): void {
    for (const [name, value] of security) {
      if (response.get(name) === undefined) response.set(name, value)
    }
  }

  function sessionLines(): readonly string[] {
    const change = session.takeCookie()
    if (change?.kind === 'clear') return sessionCookie.clear(client)
    if (change?.kind === 'set') return [writeTicket(change.token)]
    if (written.length > 0) return []
    if (ticket.value === null) return refusedLines(ticket.reason)
    if (ticket.resign && session.isLoaded && session.state === 'valid') {
      return [writeTicket(ticket.value)]
    }
    return isDead() ? sessionCookie.clear(client) : []
  }

  function writeTicket(token: string): string {
    return sessionCookie.write(token, { client, expiresAt: session.cookieEndsAt })
  }

  function refusedLines(reason: 'none' | 'bad-signature' | 'ambiguous'): readonly string[] {
    if (reason === 'none') return []
    return reason === 'ambiguous'
      ? sessionCookie.clearEverywhere(client)
      : sessionCookie.clear(client)
  }

  /**
   * Only a page load clears a dead cookie. A background request may be answered after a sign-in in
   * another tab, and would clear the new cookie.
   */
  function isDead(): boolean {
    const mode = exchange.header('sec-fetch-mode')
    const isNavigation = mode === undefined || mode === 'navigate'
    return isNavigation && session.isLoaded && lasting.has(session.reason ?? '')
  }

  return complete
}
