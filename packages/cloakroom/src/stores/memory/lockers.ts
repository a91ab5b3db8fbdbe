import type { Clock } from '../../core/clock.ts'
import type { LockerRecord, LockerStore } from '../../sessions/locker-store.ts'

interface Kept {
  readonly record: LockerRecord
  readonly endsAt: number
}

/** Lockers in the memory of this process. */
export function createMemoryLockers({ clock }: { readonly clock: Clock }): LockerStore {
  const lockers = new Map<string, Kept>()

  function find(place: string): LockerRecord | null {
    const kept = lockers.get(place)
    if (kept === undefined) return null
    if (clock.now() < kept.endsAt) return kept.record
    lockers.delete(place)
    return null
  }

  return {
    read: async place => find(place),
    async write(place, record, ttlMs) {
      if ((find(place)?.version ?? 0) + 1 !== record.version) return false
      lockers.set(place, { record, endsAt: clock.now() + ttlMs })
      return true
    },
    async clear(place) {
      lockers.delete(place)
    },
  }
}
