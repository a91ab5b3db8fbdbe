import type { AuditTrail, Clock } from 'cloakroom'
import type { Activity } from './activity.ts'

/** Has an {@link Activity} count what the workers of a site have written into their common trail. */
export interface TrailReader {
  /** Counts a bounded part of what was not counted yet, the newest first. Calls at once are one. */
  catchUp(): Promise<void>
}

/** A stretch of the trail that is still to be read, from its newer end. */
interface Stretch {
  readonly cursor: string | null
  /** Number of the entry at which it ends, which was counted before. */
  readonly seen: number
}

const pageSize = 200
const mostPages = 5
const hourMs = 3_600_000

/** Makes a {@link TrailReader}. */
export function createTrailReader(
  trail: Pick<AuditTrail, 'read'>,
  activity: Activity,
  clock: Clock,
): TrailReader {
  let newest = 0
  let stretches: readonly Stretch[] = []
  let reading: Promise<void> | null = null

  /** Reads one page of a stretch; gives what is left of it. */
  async function readPage({ cursor, seen }: Stretch): Promise<Stretch | null> {
    const from = clock.now() - hourMs
    const page = await trail.read({ cursor, from, limit: pageSize })
    for (const { sequence, event } of page.entries) {
      if (sequence <= seen) return null
      newest = Math.max(newest, sequence)
      if (event !== null) activity.note(event)
    }
    return page.cursor === null ? null : { cursor: page.cursor, seen }
  }

  async function catchUp(): Promise<void> {
    let waiting = [{ cursor: null, seen: newest }, ...stretches]
    for (let pages = 0; pages < mostPages; pages += 1) {
      const [next, ...others] = waiting
      if (next === undefined) break
      const rest = await readPage(next)
      waiting = rest === null ? others : [rest, ...others]
      stretches = waiting
    }
  }

  return {
    catchUp() {
      reading ??= catchUp().finally(() => {
        reading = null
      })
      return reading
    },
  }
}
