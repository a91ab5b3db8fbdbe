import type { LockerStore } from '../../sessions/locker-store.ts'
import { describeLockers } from '../../sessions/lockers.contract.ts'
import { createMemoryLockers } from './lockers.ts'
import { createMemorySessions } from './sessions.ts'

describeLockers({
  name: 'memory',
  async open() {
    let written = ''
    return {
      async createStores(clock) {
        written = ''
        const lockers = createMemoryLockers({ clock })
        const write: LockerStore['write'] = (place, record, ttlMs) => {
          written += Buffer.from(record.sealed).toString('latin1')
          return lockers.write(place, record, ttlMs)
        }
        return { store: createMemorySessions({ clock }), lockers: { ...lockers, write } }
      },
      dump: async () => written,
      close: async () => undefined,
    }
  },
})
