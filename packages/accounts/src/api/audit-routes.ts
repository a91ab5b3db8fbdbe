import { z } from 'zod'
import type { DatedEvent, EventType } from '../admin/audit-log-store.ts'
import type {
  AdminCalls,
  AuditExport,
  AuditFilter,
  AuditSearch,
  LogEvent,
} from '../wire/admin-calls.ts'
import { showPerson } from './admin-routes.ts'
import { auditFilter, auditLogPage } from './admin-schemas.ts'
import type { ConsoleParts, Routes } from './route.ts'
import { instantOf, object, text } from './schema.ts'

type Keys = Extract<keyof AdminCalls, `GET /admin/audit${string}`>

const mediaTypes = { jsonl: 'application/x-ndjson', csv: 'text/csv' } as const

/** The log of security events. */
export const auditRoutes: Routes<Pick<AdminCalls, Keys>, ConsoleParts> = {
  'GET /admin/audit': {
    id: 'readAuditLog',
    summary: 'Security events, the newest first.',
    access: 'audit:read',
    isPassive: true,
    input: object<AuditSearch>({
      ...auditFilter,
      cursor: text.optional(),
      count: z.coerce.number().int().min(1).max(200).optional(),
    }),
    answer: auditLogPage,
    refusals: [],
    async handle({ admin, visit, input: { cursor = null, count, ...filter } }) {
      const search = { ...filterOf(filter), cursor, ...(count !== undefined && { limit: count }) }
      const result = await admin.readAudit(search, visit)
      if (!result.ok) return result
      const entries = result.entries.map(({ sequence, event }) => ({
        sequence,
        event: event && showEvent(event),
      }))
      return { entries, cursor: result.cursor, people: [...result.people.values()].map(showPerson) }
    },
  },

  'GET /admin/audit/export': {
    id: 'exportAuditLog',
    summary: 'The log as a file: lines of JSON with their signatures, or a table.',
    access: 'audit:read',
    input: object<AuditExport>({ ...auditFilter, format: z.enum(['jsonl', 'csv']) }),
    answer: Object.values(mediaTypes),
    refusals: [],
    async handle({ admin, visit, input: { format, ...filter } }) {
      const result = await admin.exportAudit({ format, filter: filterOf(filter) }, visit)
      if (!result.ok) return result
      return new Response(ReadableStream.from(result.chunks).pipeThrough(new TextEncoderStream()), {
        headers: {
          'cache-control': 'no-store',
          'content-type': `${mediaTypes[format]}; charset=utf-8`,
          'content-disposition': `attachment; filename="audit.${format}"`,
        },
      })
    },
  },
}

function filterOf({ type, from, until, ...filter }: AuditFilter) {
  return {
    ...filter,
    ...(type !== undefined && { types: [type as EventType] }),
    ...(from !== undefined && { from: Date.parse(from) }),
    ...(until !== undefined && { until: Date.parse(until) }),
  }
}

function showEvent(event: DatedEvent): LogEvent {
  const { type, at, userId, actorId, sessionId, ip, userAgent, reason, details = {} } = event
  return {
    type,
    at: instantOf(at),
    userId: userId ?? null,
    actorId: actorId ?? null,
    sessionId: sessionId ?? null,
    ip: ip ?? null,
    userAgent: userAgent ?? null,
    reason: reason ?? null,
    details,
  }
}
