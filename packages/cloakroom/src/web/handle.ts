import type { EventSource } from '../events/event.ts'
import type { ClientAddress } from '../http/address.ts'
import type { CookieReading } from '../http/cookie-manager.ts'
import { type CsrfTokens, createCsrfTokens } from './csrf-tokens.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { createHeadWriter } from './head.ts'
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
  readonly csrf: CsrfTokens
  /** Whether somebody signed in from here before. Made when it is first asked for. */
  readonly device: () => KnownDevice
  readonly engine: Engine<Data>
  /**
   * Reads the session and refuses forged requests, before the first handler.
   *
   * @throws {HttpError} 403 for a request that another site may have made.
   */
  open(options?: Opening): Promise<void>
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
  const nonce = engine.headers.createNonce()
  const security = engine.headers.headersFor({ ...client, nonce })
  for (const [name, value] of security) response.set(name, value)
  const ticket = engine.sessionCookie.read(exchange.header('cookie'), client)
  reportRefusedCookies(engine, ticket, source)
  let { onUnavailable } = engine
  let isPassive = false
  let isSensitive = false
  let isLeaving = false
  let hasFailed = false

  const session = new Session<Data>(engine, {
    source,
    isHeadSent: () => isLeaving || response.isSent(),
    unavailablePolicy: () => onUnavailable,
    async read() {
      if (ticket.value === null) return null
      const options = { source, isPassive: true, isSensitive }
      return engine.sessions.validate(ticket.value, options)
    },
  })
  const csrf = createCsrfTokens(engine, { exchange, client, session, source })
  let known: KnownDevice | null = null
  const deviceLines = (): readonly string[] => known?.cookieLines() ?? []
  const complete = createHeadWriter(engine, {
    exchange,
    client,
    ticket,
    session,
    csrf,
    deviceLines,
    security,
  })

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
    csrf,
    device() {
      known ??= createKnownDevice(engine, { exchange, client })
      return known
    },
    engine,
    async open({ lazy = false, csrf: isChecked = true } = {}) {
      if (!lazy || (isChecked && !csrf.isSafe)) await session.load()
      if (isChecked === 'head') csrf.checkHead()
      else if (isChecked) await csrf.check()
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
    complete,
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
