import type { Clock } from '../core/clock.ts'
import { randomText } from '../core/random.ts'
import type { DatedEvent } from '../events/event.ts'
import type { EntrySeal } from './entry-seal.ts'
import { type AuditHead, type AuditRecord, type AuditStore, emptyHead } from './store.ts'

/** What {@link createAuditWriter} needs. */
export interface AuditWriterOptions {
  readonly store: AuditStore
  readonly seal: EntrySeal
  readonly clock: Clock
  readonly keep: number
  readonly maxPending: number
  /** The log that an event belongs to. */
  readonly logOf: (event: DatedEvent) => string
  /** Told that a log ends before an entry this process wrote; the event belongs into the log. */
  readonly onRolledBack: (event: DatedEvent) => void
}

/** Writes entries behind the requests, in order, and holds them back while the store is away. */
export interface AuditWriter {
  /** Takes an event in. Never throws and never waits. */
  add(event: DatedEvent): void
  /** Writes all that is held back. @throws {StoreError} when the store cannot take it. */
  flush(): Promise<void>
  /** How many events wait, and how many were lost since the start because too many did. */
  counts(): { readonly pending: number; readonly dropped: number }
  /** Stops trying again by itself. */
  stop(): void
}

const mostPerStep = 100
const mostPauseMs = 50
const retryMs = { first: 500, longest: 30_000 }

/** Makes an {@link AuditWriter}. */
export function createAuditWriter(options: AuditWriterOptions): AuditWriter {
  const { store, seal, clock, keep, maxPending, logOf, onRolledBack } = options
  const worker = randomText(8)
  const heads = new Map<string, AuditHead>()
  let pending: DatedEvent[] = []
  let dropped = 0
  let droppedUnsaid = 0
  let writing: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined
  let waitMs = retryMs.first
  let isStopped = false

  function recordsAfter(log: string, head: AuditHead, events: readonly DatedEvent[]) {
    const records: AuditRecord[] = []
    let { sequence, mac } = head
    for (const event of events) {
      const record = seal.write(log, {
        sequence: sequence + 1,
        previous: mac,
        keep,
        worker,
        event,
      })
      records.push(record)
      sequence = record.sequence
      mac = record.mac
    }
    return { records, head: { sequence, mac } }
  }

  /** Tries until nobody else appends in between; somebody always gets on. */
  async function append(log: string, given: readonly DatedEvent[]): Promise<void> {
    let events = given
    for (let conflicts = 0; events.length > 0; conflicts += 1) {
      if (conflicts > 1) await pauseAtRandom(conflicts)
      const after = heads.get(log) ?? emptyHead
      const { records, head } = recordsAfter(log, after, events)
      const result = await store.append({ log, after, records, keep })
      if (result.state === 'appended') {
        heads.set(log, head)
        return
      }
      const found = result.head
      heads.set(log, found)
      // An answer that was lost on its way looks like somebody else's entry, but for its signature.
      events = events.slice(records.findIndex(record => record.mac === found.mac) + 1)
      if (isBehind(found, after)) onRolledBack(rolledBack(log, after, found))
    }
  }

  function rolledBack(log: string, known: AuditHead, found: AuditHead): DatedEvent {
    const details = { log, known: known.sequence, found: found.sequence }
    return { type: 'audit_rolled_back', at: clock.now(), details }
  }

  function sayDropped(): void {
    if (droppedUnsaid === 0) return
    pending.push({ type: 'audit_dropped', at: clock.now(), details: { count: droppedUnsaid } })
    droppedUnsaid = 0
  }

  async function writePending(): Promise<void> {
    try {
      for (;;) {
        if (pending.length === 0) sayDropped()
        const [first] = pending
        if (first === undefined) return
        const log = logOf(first)
        const events = pending.filter(event => logOf(event) === log).slice(0, mostPerStep)
        await append(log, events)
        const written = new Set(events)
        pending = pending.filter(event => !written.has(event))
        waitMs = retryMs.first
      }
    } finally {
      writing = null
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (pending.length === 0 && droppedUnsaid === 0) return
    writing ??= writePending()
    await writing
  }

  function retryLater(): void {
    if (isStopped) return
    timer = setTimeout(writeBehind, waitMs).unref()
    waitMs = Math.min(waitMs * 2, retryMs.longest)
  }

  function writeBehind(): void {
    flush().catch(retryLater)
  }

  return {
    flush,
    add(event) {
      if (pending.length >= maxPending) {
        dropped += 1
        droppedUnsaid += 1
        return
      }
      pending.push(event)
      // One step of the event loop later, so that what one request causes is written together.
      if (writing === null && timer === undefined) timer = setTimeout(writeBehind, 0).unref()
    },
    counts: () => ({ pending: pending.length, dropped }),
    stop() {
      isStopped = true
      clearTimeout(timer)
      timer = undefined
    },
  }
}

/** Lets others get on, so that work is not done over and over for nothing. */
function pauseAtRandom(conflicts: number): Promise<void> {
  const mostMs = Math.min(2 ** conflicts, mostPauseMs)
  return new Promise(resolve => {
    setTimeout(resolve, Math.random() * mostMs)
  })
}

/** Whether a log ends before the place where this process saw it end. */
function isBehind(found: AuditHead, known: AuditHead): boolean {
  if (found.sequence === known.sequence) return found.mac !== known.mac
  return found.sequence < known.sequence
}
