import { startStopwatch } from '../core/clock.ts'
import type { MeasuredCloakroom } from './measured.ts'

/** Counts living sessions by key, over and over, without holding anybody up. */
export interface SessionCensus {
  /** The last count that was finished; begins another where that one is old. Never waits. */
  latest(): ReadonlyMap<string, number>
  /** Resolves when no count is under way. */
  settled(): Promise<void>
}

const pageSize = 200

/** A count reads every session, so it rests twenty times as long as it took, and a while at least. */
const restFactor = 20
const shortestRestMs = 15_000

/** Makes a {@link SessionCensus}. */
export function createSessionCensus(
  sessions: Pick<MeasuredCloakroom['sessions'], 'countPage'>,
): SessionCensus {
  let latest: ReadonlyMap<string, number> = new Map()
  let restMs = 0
  let sinceLast = startStopwatch()
  let counting: Promise<void> | null = null

  async function count(): Promise<void> {
    const elapsed = startStopwatch()
    const total = new Map<string, number>()
    let cursor: string | null = null
    do {
      const page = await sessions.countPage(cursor, pageSize)
      for (const [keyId, met] of page.counts) total.set(keyId, (total.get(keyId) ?? 0) + met)
      cursor = page.cursor
    } while (cursor !== null)
    latest = total
    restMs = Math.max(shortestRestMs, elapsed() * restFactor)
  }

  return {
    latest() {
      if (counting === null && sinceLast() >= restMs) {
        counting = count()
          // While Redis is away the last count stands; another metric says that it is away.
          .catch(() => undefined)
          .finally(() => {
            counting = null
            sinceLast = startStopwatch()
          })
      }
      return latest
    },
    settled: async () => {
      await counting
    },
  }
}
