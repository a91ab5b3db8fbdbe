import { createAuditLog } from 'cloakroom'
import type { DatedEvent } from './audit-log-store.ts'

/** Forms in which the log can be taken away. */
export type AuditFormat = 'jsonl' | 'csv'

/** Writes events in one of the forms. */
export interface AuditWriter {
  /** What comes before the first one. */
  readonly head: string
  /** One event, with its line break. */
  line(event: DatedEvent): string
}

const columns = [
  'timestamp',
  'event_type',
  'user_id',
  'actor_id',
  'ip_address',
  'user_agent',
  'session_id',
  'reason',
  'details',
] as const

/** Makes an {@link AuditWriter}. Lines of JSON are the same that `createAuditLog` writes. */
export function createAuditWriter(format: AuditFormat): AuditWriter {
  return format === 'jsonl'
    ? { head: '', line: jsonOf }
    : { head: `${columns.join(',')}\r\n`, line: event => csvOf(jsonOf(event)) }
}

function jsonOf(event: DatedEvent): string {
  let text = ''
  const log = createAuditLog({
    destination: {
      write(line) {
        text = line
      },
    },
  })
  log(event)
  return text
}

/** RFC 4180. */
function csvOf(json: string): string {
  const fields = JSON.parse(json) as Readonly<Record<string, unknown>>
  return `${columns.map(name => cellOf(fields[name])).join(',')}\r\n`
}

function cellOf(value: unknown): string {
  const text = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value)
  // Spreadsheets take what begins so for a formula, and strangers choose some of these texts.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
