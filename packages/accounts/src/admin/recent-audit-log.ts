import { type AuditEntry, type AuditLogStore, type DatedEvent, passes } from './audit-log-store.ts'

/**
 * Makes an {@link AuditLogStore} that remembers the last events of this process, until it ends.
 *
 * @param size how many events it remembers. @default 10000
 */
export function createRecentAuditLog(size = 10_000): Required<AuditLogStore> {
  // A ring: the event with number n is at n modulo size.
  const ring: DatedEvent[] = []
  let next = 0

  return {
    append(event) {
      ring[next % size] = event
      next += 1
    },

    async read({ before, count, filter }) {
      const oldest = Math.max(0, next - size)
      const entries: AuditEntry[] = []
      let place = before === null ? next : Math.min(next, placeOf(before))
      while (place > oldest && entries.length < count) {
        place -= 1
        const event = ring[place % size]
        if (event !== undefined && passes(filter, event)) entries.push({ id: `${place}`, event })
      }
      return { entries, cursor: place > oldest ? `${place}` : null }
    },
  }
}

/** What is no place of this log comes before everything. */
function placeOf(id: string): number {
  return /^\d{1,15}$/.test(id) ? Number(id) : 0
}
