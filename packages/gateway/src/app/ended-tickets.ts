import { createHash } from 'node:crypto'
import type { Clock } from 'cloakroom'

/** Remembers tickets whose session has ended. */
export interface EndedTickets {
  /** Why the session of a ticket ended; undefined for one that nothing is known of. */
  reasonOf(ticket: string): string | undefined
  note(ticket: string, reason: string): void
}

/** Sessions that ended for one of these never live again, whatever happens. */
const finalReasons = new Set(['unknown', 'idle', 'absolute', 'epoch', 'reused'])

const keptMs = 600_000
const maxKept = 10_000

/**
 * Makes {@link EndedTickets}. A tab that is left open asks about once a second for as long as it is
 * there: it is told each time that its session has ended, and the log once.
 */
export function createEndedTickets(clock: Clock): EndedTickets {
  const ended = new Map<string, { readonly reason: string; readonly until: number }>()
  // A ticket that has ended is no secret worth much; it is not kept all the same.
  const keyOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url')

  return {
    reasonOf(ticket) {
      if (ended.size === 0) return undefined
      const found = ended.get(keyOf(ticket))
      return found !== undefined && clock.now() < found.until ? found.reason : undefined
    },
    note(ticket, reason) {
      if (!finalReasons.has(reason)) return
      const key = keyOf(ticket)
      ended.delete(key)
      ended.set(key, { reason, until: clock.now() + keptMs })
      if (ended.size > maxKept) ended.delete(ended.keys().next().value ?? '')
    },
  }
}
