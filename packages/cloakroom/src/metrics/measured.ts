import type { EventHub } from '../events/hub.ts'
import type { Meter } from '../events/meter.ts'

/** What is read of the counts of the near cache. */
interface CacheNumbers {
  readonly hits: number
  readonly misses: number
  readonly invalidations: number
  readonly size: number
  readonly isAlive: boolean
}

/** A part of all sessions, by the key that sealed them. */
interface CountedPage {
  readonly ring: readonly string[]
  readonly counts: ReadonlyMap<string, number>
  readonly cursor: string | null
}

/** What is read of the health of Redis. */
interface RedisNumbers {
  readonly ok: boolean
  readonly usedMemoryBytes: number | null
  readonly maxMemoryBytes: number | null
  readonly evictedKeys: number | null
}

/** What is measured. What `createCloakroom` returns is one. */
export interface MeasuredCloakroom {
  readonly events: Pick<EventHub, 'on' | 'failureCount'>
  readonly meter: Pick<Meter, 'on'>
  readonly sessions: {
    readonly nearCache: { stats(): CacheNumbers } | null
    countPage(cursor?: string | null, count?: number): Promise<CountedPage>
  }
  readonly auditTrail: {
    counts(): { readonly pending: number; readonly dropped: number }
  } | null
  checkHealth(): Promise<RedisNumbers | null>
}
