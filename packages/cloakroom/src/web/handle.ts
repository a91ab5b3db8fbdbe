import type { EventSource } from '../events/event.ts'
import type { ClientAddress } from '../http/address.ts'
import { appendVary, cacheHeadersFor } from '../http/cache-headers.ts'
import { createNonce } from '../http/content-security-policy.ts'
import type { CookieReading } from '../http/cookie-manager.ts'
import { appendSetCookie } from '../http/set-cookie.ts'
import type { SessionRead } from '../sessions/manager.ts'
import { type CsrfTokens, createCsrfTokens } from './csrf-tokens.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { Session } from './session.ts'

/** One request on its way through Cloakroom. */
export interface Handling<Data extends object> {
  readonly session: Session<Data>
  readonly client: ClientAddress
  readonly source: EventSource
  readonly exchange: Exchange
  /** For `nonce` attributes of scripts and styles in this response's page. */
  readonly nonce: string
  readonly csrf: CsrfTokens
  readonly engine: Engine<Data>
  /**
   * Reads the session and refuses forged requests, before the first handler.
   *
   * @throws {HttpError} 403 for a request that another site may have made.
   */
  open(options: OpenOptions): Promise<void>
  /** Has the request not count as activity: for polling. */
  markPassive(): void
  /**
   * Saves the session and completes the headers. Call it when the headers are about to leave.
   *
   * Null when nothing had to be waited for; the headers are complete then. Rejects when the session
   * could not be saved: the response that was about to leave must not.
   */
  commit(): Promise<void> | null
}

/** How a request is opened. */
export interface OpenOptions {
  /** Leaves the session unread until a handler or guard wants it. @default false */
  readonly lazy?: boolean
  /** Checks requests that change something against forgery. @default true */
  readonly csrf?: boolean
  /** The parsed body, if there is one: it may hold the token. */
  readonly body?: unknown
}

/** Reasons that will not go away: the cookie is of no more use. */
const lasting = new Set(['malformed', 'unknown', 'idle', 'absolute', 'epoch', 'reused', 'corrupt'])

/** Takes a request in, before any handler runs. */
export function beginHandling<Data extends object>(
  engine: Engine<Data>,
  exchange: Exchange,
): Handling<Data> {
  const { response } = exchange
  const client = engine.addresses.read(exchange)
  const source = { ip: client.ip, userAgent: exchange.header('user-agent') }
  const nonce = createNonce()
  for (const [name, value] of engine.headers.headersFor({ ...client, nonce })) {
    response.set(name, value)
  }
  const ticket = engine.sessionCookie.read(exchange.header('cookie'), client)
  reportRefusedCookies(engine, ticket, source)
  let isPassive = false

  const session = new Session<Data>(engine, {
    source,
    isHeadSent: () => response.isSent,
    async read() {
      if (ticket.value === null) return null
      const read = await engine.sessions.validate(ticket.value, { source, isPassive: true })
      return read as SessionRead<never>
    },
  })
  const csrf = createCsrfTokens(engine, { exchange, client, session, source })

  function addCookies(lines: readonly string[]): void {
    let cookies = response.cookies
    for (const line of lines) cookies = appendSetCookie(cookies, line)
    if (lines.length > 0) response.setCookies(cookies)
  }

  function completeHead(): void {
    if (response.isSent) return
    const lines = [...sessionCookieLines(), ...csrf.cookieLines()]
    addCookies(lines)
    const changes = cacheHeadersFor({
      sessionRead: session.isUsed,
      cookieWritten: lines.length > 0,
      existing: { cacheControl: response.get('cache-control'), vary: response.get('vary') },
    })
    for (const name of changes.remove) response.remove(name)
    for (const [name, value] of changes.set) response.set(name, value)
    if (csrf.isChecked) response.set('vary', appendVary(response.get('vary'), csrf.vary))
  }

  function sessionCookieLines(): readonly string[] {
    const change = session.takeCookie()
    if (change?.kind === 'clear') return engine.sessionCookie.clear(client)
    if (change?.kind === 'set') {
      return [writeTicket(change.token)]
    }
    if (ticket.value === null) return refusedCookieLines(ticket.reason)
    if (ticket.resign && session.isLoaded && session.state === 'valid') {
      return [writeTicket(ticket.value)]
    }
    return isDead() ? engine.sessionCookie.clear(client) : []
  }

  function writeTicket(token: string): string {
    return engine.sessionCookie.write(token, { client, expiresAt: session.cookieEndsAt })
  }

  function refusedCookieLines(reason: 'none' | 'bad-signature' | 'ambiguous'): readonly string[] {
    if (reason === 'none') return []
    return reason === 'ambiguous'
      ? engine.sessionCookie.clearEverywhere(client)
      : engine.sessionCookie.clear(client)
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

  return {
    session,
    client,
    source,
    exchange,
    nonce,
    csrf,
    engine,
    async open({ lazy = false, csrf: isChecked = true, body }) {
      const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(exchange.method)
      if (!lazy || (isChecked && !isSafe)) await session.load()
      if (isChecked) csrf.check(body)
    },
    markPassive() {
      isPassive = true
    },
    commit() {
      if (!isPassive) session.noteActivity()
      const saving = session.commit()
      if (saving !== null) return saving.then(completeHead)
      completeHead()
      return null
    },
  }
}

function reportRefusedCookies(
  { events }: Pick<Engine<never>, 'events'>,
  ticket: CookieReading,
  source: EventSource,
): void {
  if (ticket.value !== null && ticket.refused === 0) return
  if (ticket.value === null && ticket.reason === 'none') return
  const reason = ticket.value === null ? ticket.reason : 'bad-signature'
  events.emit({ type: 'cookie_refused', ...source, reason })
}
