import type { EventSource } from '../events/event.ts'
import type { ClientAddress } from '../http/address.ts'
import type { CookieReading } from '../http/cookie-manager.ts'
import { type CsrfTokens, createCsrfTokens, isSafeMethod } from './csrf-tokens.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { completeHead, type HeadCircumstances } from './head.ts'
import { createKnownDevice, type KnownDevice } from './known-device.ts'
import { Session } from './session.ts'

/** One request on its way through Cloakroom. */
export interface Handling<Data extends object> {
  readonly session: Session<Data>
  readonly client: ClientAddress
  readonly source: EventSource
  readonly exchange: Exchange
  /** For `nonce` attributes of scripts and styles in this response's page. */
  readonly nonce: string
  /** Whether the request changes nothing, by its method. */
  readonly isSafe: boolean
  /** Tokens against request forgery. Made when they are first asked for. */
  readonly csrf: () => CsrfTokens
  /** Whether somebody signed in from here before. Made when it is first asked for. */
  readonly device: () => KnownDevice
  readonly engine: Engine<Data>
  /**
   * Reads the session and refuses forged requests, before the first handler; null when there is
   * nothing to wait for.
   *
   * @throws {HttpError} 403 for a request that another site may have made.
   */
  open(options?: Opening): Promise<unknown> | null
  /** Has the request not count as activity: for polling. */
  markPassive(): void
  /** Has the session read from the store itself, again if need be: no copy will do. */
  markSensitive(): Promise<void>
  /** Says what this request sees while the store cannot answer. */
  setUnavailable(policy: Engine<Data>['onUnavailable']): void
  /**
   * Saves the session; null when there is nothing to wait for. Call it when the headers are about to
   * leave; once they have left, nothing is saved any more.
   *
   * Rejects when the session could not be saved: the response that was about to leave must not. For
   * the one that takes its place nothing is saved.
   */
  save(): Promise<void> | null
  /** Puts the security headers on the response, as was done at the beginning. */
  secure(): void
  /** Puts the last headers on the response, after {@link save}. */
  complete(): void
}

/** How a request is opened. */
export interface OpenOptions {
  /** Leaves the session unread until a handler or guard wants it. @default false */
  readonly lazy?: boolean
  /** Checks requests that change something against forgery. @default true */
  readonly csrf?: boolean
}

/** {@link OpenOptions} of frameworks that parse the body later: `'head'` waits for it. */
export interface Opening extends Omit<OpenOptions, 'csrf'> {
  readonly csrf?: boolean | 'head'
}

/** Takes a request in, before any handler runs. */
export function beginHandling<Data extends object>(
  engine: Engine<Data>,
  exchange: Exchange,
): Handling<Data> {
  const { response } = exchange
  const client = engine.addresses.read(exchange)
  const source = { ip: client.ip, userAgent: exchange.header('user-agent') }
  const { isSecure, isLoopback } = client
  const nonce = engine.headers.createNonce()
  const security = engine.headers.headersFor({ isSecure, isLoopback, nonce })
  const secure = (): void => {
    for (const [name, value] of security) response.set(name, value)
  }
  secure()
  const ticket = engine.sessionCookie.read(exchange.header('cookie'), client)
  reportRefusedCookies(engine, ticket, source)
  const isSafe = isSafeMethod(exchange.method)
  let { onUnavailable } = engine
  let isPassive = false
  let isSensitive = false
  let isLeaving = false
  let hasFailed = false

  const session = new Session<Data>(engine, {
    source,
    isHeadSent: () => isLeaving || response.isSent(),
    unavailablePolicy: () => onUnavailable,
    read() {
      if (ticket.value === null) return null
      const options = { source, isPassive: true, isSensitive }
      return engine.sessions.recall(ticket.value, options)
    },
  })
  let tokens: CsrfTokens | null = null
  let known: KnownDevice | null = null
  let written: readonly string[] = []

  function csrf(): CsrfTokens {
    tokens ??= createCsrfTokens(engine, { exchange, client, session, source })
    return tokens
  }

  const head: HeadCircumstances<Data> = {
    sessionCookie: engine.sessionCookie,
    exchange,
    client,
    ticket,
    session,
    security,
    sideLines,
    isOriginUsed: () => tokens?.isChecked() === true,
  }

  async function checkForgery(isChecked: true | 'head'): Promise<void> {
    await session.load()
    if (isChecked === 'head') csrf().checkHead()
    else await csrf().check()
  }

  function sideLines(): readonly string[] {
    const lines = engine.csrfCookie === null ? tokens?.cookieLines() : csrf().cookieLines()
    return [...(lines ?? []), ...(known?.cookieLines() ?? [])]
  }

  function save(): Promise<void> | null {
    if (!isLeaving && !isPassive) session.noteActivity()
    isLeaving = true
    const saving = hasFailed || response.isSent() ? null : session.commit()
    return (
      saving?.catch(error => {
        hasFailed = true
        throw error
      }) ?? null
    )
  }

  return {
    session,
    client,
    source,
    exchange,
    nonce,
    isSafe,
    csrf,
    device() {
      known ??= createKnownDevice(engine, { exchange, client })
      return known
    },
    engine,
    open({ lazy = false, csrf: isChecked = true } = {}) {
      if (isChecked && !isSafe) return checkForgery(isChecked)
      return lazy ? null : session.open()
    },
    markPassive() {
      isPassive = true
    },
    async markSensitive() {
      isSensitive = true
      await (session.isLoaded ? session.reload() : session.load())
    },
    setUnavailable(policy) {
      onUnavailable = policy
    },
    save,
    secure,
    complete() {
      written = completeHead(head, written)
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
