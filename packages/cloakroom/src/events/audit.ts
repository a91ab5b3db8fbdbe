import { pino } from 'pino'
import { refuseUnknown } from '../core/options.ts'
import type { DatedEvent, EventListener } from './event.ts'

/** The part of a pino logger that is needed; other loggers with the same method serve as well. */
export interface AuditLogger {
  info(fields: object): void
}

/** Where finished lines go. `pino.destination('/var/log/audit.log')` is one. */
export interface AuditDestination {
  write(line: string): unknown
}

/** Options of {@link createAuditLog}. */
export interface AuditLogOptions {
  /** Your own logger: the fields pass through it, and it adds what it adds (level, pid, host). */
  readonly logger?: AuditLogger | undefined
  /** Takes the lines when there is no `logger`. @default standard output */
  readonly destination?: AuditDestination | undefined
}

/** Fields of an audit line, in the order in which they are written. */
export interface AuditFields {
  readonly event_type: string
  readonly user_id: string | null
  readonly ip_address: string | null
  readonly user_agent: string | null
  /** Public handle of the session, never its token. */
  readonly session_id: string | null
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly actor_id?: string
  readonly tenant?: string
  readonly reason?: string
  readonly details?: Readonly<Record<string, string | number | boolean>>
}

/** Longest value, in characters: whoever sends a request chooses most of them. */
const longestText = 512

/**
 * What a terminal, an editor or a log viewer would act upon: control characters, line separators,
 * and marks that turn the direction of writing.
 */
const unsafe = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * Makes a listener that writes one line of JSON for each event.
 *
 * Nothing in a line can begin another one or steer a terminal: such characters appear as a visible
 * `\u000a`, and stay so after the JSON has been read.
 *
 * @example
 * hub.on(createAuditLog())
 */
export function createAuditLog(options: AuditLogOptions = {}): EventListener {
  refuseUnknown('audit', options, ['logger', 'destination'])
  const { logger } = options
  if (logger !== undefined) return event => logger.info(describeEvent(event))
  const destination = options.destination ?? pino.destination(1)
  return event => destination.write(`${JSON.stringify(describeEvent(event))}\n`)
}

/** The fields of an event as they are written, with nothing in them that could steer a terminal. */
export function describeEvent(event: DatedEvent): AuditFields {
  return {
    event_type: event.type,
    user_id: clean(event.userId),
    ip_address: clean(event.ip),
    user_agent: clean(event.userAgent),
    session_id: clean(event.sessionId),
    timestamp: new Date(event.at).toISOString(),
    ...(event.actorId === undefined ? {} : { actor_id: cleanText(event.actorId) }),
    ...(event.tenant === undefined ? {} : { tenant: cleanText(event.tenant) }),
    ...(event.reason === undefined ? {} : { reason: cleanText(event.reason) }),
    ...(event.details === undefined ? {} : { details: cleanDetails(event.details) }),
  }
}

function clean(text: string | undefined): string | null {
  return text === undefined ? null : cleanText(text)
}

function cleanText(text: string): string {
  // A cut through a pair of surrogates would leave half a character behind.
  const short = text.slice(0, longestText).replace(/[\ud800-\udbff]$/, '')
  return short.replace(unsafe, escapeCharacter)
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function cleanDetails(
  details: Readonly<Record<string, string | number | boolean>>,
): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? cleanText(value) : value,
    ]),
  )
}
