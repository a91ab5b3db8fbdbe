import type { Clock } from 'cloakroom'
import type { SessionOffice } from './engine.ts'

/** A count of all sessions that was finished. */
export interface CensusResult {
  /** Ids of the keys of the ring, newest first. */
  readonly ring: readonly string[]
  /** Living sessions by the key that sealed them. */
  readonly byKey: ReadonlyMap<string, number>
  readonly total: number
  readonly finishedAt: number
}

/** How far a {@link Census} is. */
export interface CensusState {
  /** Null until the first count is finished. */
  readonly last: CensusResult | null
  /** How many the count under way has met; null while it rests. */
  readonly soFar: number | null
}

/** Counts all sessions, a part with each step, so that no request has to wait for millions. */
export interface Census {
  /** Counts a part, or begins anew when the last count is old. Steps at the same time are one. */
  step(): Promise<CensusState>
}

/** One step asks the store for so many sessions at once, and goes on asking for so long. */
const pageSize = 500
const mostPages = 20
const stepMs = 100

/** A count that took long is not begun anew so soon. */
const shortestRestMs = 2000

interface Count {
  readonly startedAt: number
  readonly byKey: Map<string, number>
  ring: readonly string[]
  cursor: string | null
}

/** Makes a {@link Census}. */
export function createCensus(sessions: Pick<SessionOffice, 'countPage'>, clock: Clock): Census {
  let last: CensusResult | null = null
  let restsUntil = 0
  let count: Count | null = null
  let stepping: Promise<CensusState> | null = null

  async function countPart(current: Count): Promise<boolean> {
    const endsAt = clock.now() + stepMs
    for (let page = 0; page < mostPages && clock.now() < endsAt; page += 1) {
      const { ring, counts, cursor } = await sessions.countPage(current.cursor, pageSize)
      current.ring = ring
      for (const [id, met] of counts) current.byKey.set(id, (current.byKey.get(id) ?? 0) + met)
      current.cursor = cursor
      if (cursor === null) return true
    }
    return false
  }

  async function step(): Promise<CensusState> {
    if (count === null && last !== null && clock.now() < restsUntil) return { last, soFar: null }
    count ??= { startedAt: clock.now(), byKey: new Map(), ring: [], cursor: null }
    const { startedAt, byKey } = count
    const isFinished = await countPart(count)
    const total = [...byKey.values()].reduce((sum, met) => sum + met, 0)
    if (!isFinished) return { last, soFar: total }
    const finishedAt = clock.now()
    last = { ring: count.ring, byKey, total, finishedAt }
    restsUntil = finishedAt + Math.max(shortestRestMs, finishedAt - startedAt)
    count = null
    return { last, soFar: null }
  }

  return {
    step() {
      stepping ??= step().finally(() => {
        stepping = null
      })
      return stepping
    },
  }
}
