import type { AuditFields } from '../events/audit.ts'
import { describeEvent } from '../events/audit.ts'
import type { DatedEvent, EventType } from '../events/event.ts'

/** What an entry says: the event, and the entry's place in its log. */
export interface AuditLine {
  readonly sequence: number
  /** Signature of the entry before; empty for the first. */
  readonly previous: string
  /** How many entries the log kept when this one was appended. */
  readonly keep: number
  /** Random for each process: two that see the same in the same moment write two entries. */
  readonly worker: string
  readonly event: DatedEvent
}

/** The text that is signed, sealed and exported: one line of JSON. */
export function writeLine({ sequence, previous, keep, worker, event }: AuditLine): string {
  return JSON.stringify({ sequence, previous, keep, worker, ...describeEvent(event) })
}

/** The reverse of {@link writeLine}, of a text whose signature was genuine. */
export function readLine(text: string): AuditLine {
  const fields = JSON.parse(text) as AuditFields & Omit<AuditLine, 'event'>
  const { sequence, previous, keep, worker } = fields
  return { sequence, previous, keep, worker, event: readEvent(fields) }
}

function readEvent(fields: AuditFields): DatedEvent {
  return {
    type: fields.event_type as EventType,
    at: Date.parse(fields.timestamp),
    ...(fields.user_id === null ? {} : { userId: fields.user_id }),
    ...(fields.ip_address === null ? {} : { ip: fields.ip_address }),
    ...(fields.user_agent === null ? {} : { userAgent: fields.user_agent }),
    ...(fields.session_id === null ? {} : { sessionId: fields.session_id }),
    ...(fields.actor_id === undefined ? {} : { actorId: fields.actor_id }),
    ...(fields.tenant === undefined ? {} : { tenant: fields.tenant }),
    ...(fields.reason === undefined ? {} : { reason: fields.reason }),
    ...(fields.details === undefined ? {} : { details: fields.details }),
  }
}

const macField = ',"mac":"'

/** A line with its signature, as it is exported. */
export function writeExported(line: string, mac: string): string {
  return `${line.slice(0, -1)}${macField}${mac}"}`
}

/** The reverse of {@link writeExported}, or null when the text is none. */
export function readExported(text: string): { readonly line: string; readonly mac: string } | null {
  const at = text.lastIndexOf(macField)
  if (at === -1 || !text.endsWith('"}')) return null
  return { line: `${text.slice(0, at)}}`, mac: text.slice(at + macField.length, -2) }
}
