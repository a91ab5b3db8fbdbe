import type { Clock } from 'cloakroom'
import type { DatedEvent, EventType } from './audit-log-store.ts'

/** What is counted by the minute. */
export type ActivityKind = 'begun' | 'ended' | 'signIns' | 'failures' | 'limits'

/** One number for each kind. */
export type ActivityCounts = Readonly<Record<ActivityKind, number>>

/** One minute, whose counts are still growing while it lasts. */
export interface ActivityMinute extends ActivityCounts {
  /** When it began. */
  readonly at: number
}

/** Counts what happens, minute by minute. */
export interface Activity {
  note(event: DatedEvent): void
  /** The last hour, the oldest minute first, the current one last. */
  lastHour(): readonly ActivityMinute[]
}

const minuteMs = 60_000
const minutes = 60

const kinds: Readonly<Partial<Record<EventType, ActivityKind>>> = {
  session_created: 'begun',
  session_destroyed: 'ended',
  session_expired: 'ended',
  auth_success: 'signIns',
  auth_failure: 'failures',
  rate_limit_exceeded: 'limits',
}

const nothing: ActivityCounts = { begun: 0, ended: 0, signIns: 0, failures: 0, limits: 0 }

/** Makes an {@link Activity}. Hand its `note` to the hub. */
export function createActivity(clock: Clock): Activity {
  const ring = new Map<number, Record<ActivityKind, number>>()

  function countsOf(minute: number): Record<ActivityKind, number> {
    const known = ring.get(minute)
    if (known !== undefined) return known
    const fresh = { ...nothing }
    ring.set(minute, fresh)
    for (const old of ring.keys()) if (old <= minute - minutes) ring.delete(old)
    return fresh
  }

  return {
    note({ type, at }) {
      const kind = kinds[type]
      if (kind === undefined) return
      countsOf(Math.floor(at / minuteMs))[kind] += 1
    },

    lastHour() {
      const current = Math.floor(clock.now() / minuteMs)
      return Array.from({ length: minutes }, (_, index) => {
        const minute = current - minutes + 1 + index
        return { at: minute * minuteMs, ...(ring.get(minute) ?? nothing) }
      })
    },
  }
}
