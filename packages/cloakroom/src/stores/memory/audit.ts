import { type AuditHead, type AuditStore, emptyHead, type StoredRecord } from '../../audit/store.ts'
import type { Clock } from '../../core/clock.ts'

/** Logs in the memory of this process: the readable specification of an audit store. */
export function createMemoryAudit({ clock }: { readonly clock: Clock }): AuditStore {
  const logs = new Map<string, StoredRecord[]>()
  let appended = 0

  const headOf = (log: string): AuditHead => {
    const last = logs.get(log)?.at(-1)
    return last === undefined ? emptyHead : { sequence: last.sequence, mac: last.mac }
  }

  return {
    head: async log => headOf(log),
    async append({ log, after, records, keep }) {
      const head = headOf(log)
      if (head.sequence !== after.sequence || head.mac !== after.mac) {
        return { state: 'conflict', head }
      }
      const stored = records.map(record => {
        appended += 1
        return { ...record, cursor: String(appended), storedAt: clock.now() }
      })
      logs.set(log, [...(logs.get(log) ?? []), ...stored].slice(-keep))
      return { state: 'appended' }
    },
    async page({ log, order, cursor, count }) {
      const records = logs.get(log) ?? []
      const ordered = order === 'oldest-first' ? records : records.toReversed()
      const sign = order === 'oldest-first' ? 1 : -1
      const isAhead = (record: StoredRecord): boolean =>
        cursor === null || (Number(record.cursor) - Number(cursor)) * sign > 0
      return ordered.filter(isAhead).slice(0, count)
    },
    logs: async () => [...logs.keys()],
  }
}
