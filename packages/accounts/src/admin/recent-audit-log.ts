import type { AuditEntry, AuditFilter } from 'cloakroom'
import type { AuditLogStore, DatedEvent } from './audit-log-store.ts'

/** An {@link AuditLogStore} that is told of events. */
export interface RecentAuditLog extends AuditLogStore {
  /** Hand it to the event hub. */
  readonly listener: (event: DatedEvent) => void
}

/**
 * Makes an {@link AuditLogStore} that remembers the last events of this process, until it ends.
 *
 * @param size how many events it remembers. @default 10000
 */
export function createRecentAuditLog(size = 10_000): RecentAuditLog {
  // A ring: the event with number n is at n modulo size.
  const ring: DatedEvent[] = []
  let next = 0

  return {
    listener(event) {
      ring[next % size] = event
      next += 1
    },

    async read({ cursor = null, limit = 50, ...filter }) {
      const oldest = Math.max(0, next - size)
      const entries: AuditEntry[] = []
      let place = cursor === null ? next : Math.min(next, placeOf(cursor))
      while (place > oldest && entries.length < limit) {
        place -= 1
        const event = ring[place % size]
        if (event !== undefined && fits(event, filter)) entries.push({ sequence: place + 1, event })
      }
      return { entries, cursor: place > oldest ? `${place}` : null }
    },
  }
}

/** What is no place of this log comes before everything. */
function placeOf(cursor: string): number {
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : 0
}

function fits(event: DatedEvent, filter: AuditFilter): boolean {
  const { types, from, until } = filter
  if (types !== undefined && !types.includes(event.type)) return false
  if (from !== undefined && event.at < from) return false
  if (until !== undefined && event.at >= until) return false
  return (['userId', 'actorId', 'sessionId', 'ip'] as const).every(
    name => filter[name] === undefined || filter[name] === event[name],
  )
}
