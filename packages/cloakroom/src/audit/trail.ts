import type { Clock } from '../core/clock.ts'
import { refuseUnknown, requireInteger } from '../core/options.ts'
import { sha256Text } from '../crypto/digest.ts'
import { type Keyring, toKeyring } from '../crypto/keyring.ts'
import type { DatedEvent, EventListener, EventSink, EventType } from '../events/event.ts'
import { createEntrySeal } from './entry-seal.ts'
import { readLine, writeExported } from './line.ts'
import type { AuditStore, StoredRecord } from './store.ts'
import { type AuditReport, type VerifyOptions, verifyLines, verifyLog } from './verify.ts'
import { createAuditWriter } from './writer.ts'

/** Settings of the audit trail. */
export interface AuditTrailOptions {
  /** How many entries a log keeps; the oldest leave. @default 100_000, some 60 MB of Redis */
  readonly keep?: number
  /** A log for each tenant, each with {@link keep}; events without one stay in the common log. @default false */
  readonly perTenant?: boolean
  /** How many events wait here while Redis is away; what comes after is counted. @default 10_000 */
  readonly maxPending?: number
  /** Kinds of events that are not kept. @default ['session_renewed'] */
  readonly except?: readonly EventType[]
  /**
   * Signs and seals entries, so that the trail outlives a change of the sessions' secret; several,
   * newest first. @default AUDIT_SECRET_KEY, or the secret of sessions
   */
  readonly secret?: string | readonly string[]
}

/** What to look for; all that is given must be so. */
export interface AuditFilter {
  readonly types?: readonly EventType[] | undefined
  readonly userId?: string | undefined
  readonly actorId?: string | undefined
  readonly sessionId?: string | undefined
  readonly ip?: string | undefined
  /** Instants in milliseconds: from this one on, and before that one. */
  readonly from?: number | undefined
  readonly until?: number | undefined
}

/** Which page of a log. */
export interface AuditQuery extends AuditFilter {
  /** The log of a tenant. @default the common one */
  readonly tenant?: string | undefined
  /** Of the page before; null for the newest entries. */
  readonly cursor?: string | null | undefined
  /** @default 50 */
  readonly limit?: number | undefined
}

/** One entry, as it is read. */
export interface AuditEntry {
  readonly sequence: number
  /** Null when the entry is not as it was written, or its key is no longer there. */
  readonly event: DatedEvent | null
}

/** Some entries, newest first. May hold fewer than asked for, although there are more. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  /** For the next page; null after the oldest entry. */
  readonly cursor: string | null
}

/** The security events of all workers, in an order that nobody can change unnoticed. */
export interface AuditTrail {
  /** Hand it to the event hub. */
  readonly listener: EventListener
  /** Newest first. */
  read(query?: AuditQuery): Promise<AuditPage>
  /** Lines of JSON, oldest first, each with its signature. */
  export(query?: Omit<AuditQuery, 'cursor' | 'limit'>): AsyncGenerator<string>
  /** The event of an exported line; does not check its signature. @throws for what is none */
  readLine(line: string): DatedEvent
  /** Whether the log is what was written. @param tenant whose log; none for the common one */
  verify(tenant?: string | null, options?: VerifyOptions): Promise<AuditReport>
  /** Whether exported lines, all of a log or a stretch of it, are what was written. */
  verifyLines(
    lines: AsyncIterable<string> | Iterable<string>,
    options?: VerifyOptions & { readonly tenant?: string | undefined },
  ): Promise<AuditReport>
  /** Checks every log there is. */
  verifyAll(options?: Pick<VerifyOptions, 'onProgress'>): Promise<readonly AuditReport[]>
  /** How many events wait to be written, and how many were lost since the start. */
  counts(): { readonly pending: number; readonly dropped: number }
  /** Writes what waits. @throws {StoreError} when the store cannot take it. */
  flush(): Promise<void>
  /** Stops writing by itself. What waits can still be flushed. */
  close(): void
}

/** What a trail is made of. */
export interface AuditTrailParts {
  readonly store: AuditStore
  readonly clock: Clock
  /** Used where the options name none. */
  readonly secret: string | readonly string[] | Keyring
  /** Told of what the trail notices itself. It comes back by the listener. */
  readonly events?: EventSink | undefined
}

/** How many entries one call reads at most, however few of them fit the filter. */
const mostScanned = 5000
const pageSize = 200

/** Workers' clocks and the store's may differ by so much. */
const skewMs = 60_000

/** Makes an {@link AuditTrail}. @throws {ConfigError} naming the setting that is wrong. */
export function createAuditTrail(
  options: AuditTrailOptions,
  { store, clock, secret, events }: AuditTrailParts,
): AuditTrail {
  refuseUnknown('auditTrail', options, ['keep', 'perTenant', 'maxPending', 'except', 'secret'])
  const keyring = toKeyring(options.secret ?? secret, { name: 'auditTrail.secret' })
  const seal = createEntrySeal(keyring, clock)
  const isPerTenant = options.perTenant ?? false
  const except = new Set(options.except ?? ['session_renewed'])
  const writer = createAuditWriter({
    store,
    seal,
    clock,
    keep: requireInteger('auditTrail.keep', options.keep ?? 100_000, { min: 100 }),
    maxPending: requireInteger('auditTrail.maxPending', options.maxPending ?? 10_000, { min: 1 }),
    logOf: event => logOf(isPerTenant ? event.tenant : null),
    onRolledBack: event => (events === undefined ? writer.add(event) : events.emit(event)),
  })

  function openEntry(log: string, record: StoredRecord): AuditEntry & { readonly text: string } {
    const opened = seal.open(log, record)
    const { sequence } = record
    if (opened.state !== 'genuine') return { sequence, event: null, text: '' }
    return { sequence, event: opened.line.event, text: opened.text }
  }

  async function read(query: AuditQuery = {}): Promise<AuditPage> {
    const log = logOf(query.tenant)
    const limit = requireInteger('limit', query.limit ?? 50, { min: 1, max: 1000 })
    const entries: AuditEntry[] = []
    let cursor = query.cursor ?? null
    for (let scanned = 0; scanned < mostScanned; scanned += pageSize) {
      const page = await store.page({ log, order: 'newest-first', cursor, count: pageSize })
      for (const record of page) {
        if (query.from !== undefined && record.storedAt < query.from - skewMs) {
          return { entries, cursor: null }
        }
        cursor = record.cursor
        const { sequence, event } = openEntry(log, record)
        if (event === null || fits(event, query)) entries.push({ sequence, event })
        if (entries.length === limit) return { entries, cursor }
      }
      if (page.length < pageSize) return { entries, cursor: null }
    }
    return { entries, cursor }
  }

  async function* exportLines(
    query: Omit<AuditQuery, 'cursor' | 'limit'> = {},
  ): AsyncGenerator<string> {
    const log = logOf(query.tenant)
    let cursor: string | null = null
    for (;;) {
      const page = await store.page({ log, order: 'oldest-first', cursor, count: pageSize })
      for (const record of page) {
        const { event, text } = openEntry(log, record)
        if (event !== null && fits(event, query)) yield writeExported(text, record.mac)
      }
      const last: StoredRecord | undefined = page.at(-1)
      if (last === undefined) return
      cursor = last.cursor
    }
  }

  return {
    listener(event) {
      if (!except.has(event.type)) writer.add(event)
    },
    read,
    export: exportLines,
    readLine: line => readLine(line).event,
    verify: (tenant, given) => verifyLog({ store, seal, log: logOf(tenant) }, given),
    verifyLines: (lines, given) => verifyLines({ seal, log: logOf(given?.tenant) }, lines, given),
    async verifyAll(given) {
      const reports: AuditReport[] = []
      for (const log of await store.logs()) {
        reports.push(await verifyLog({ store, seal, log }, given))
      }
      return reports
    },
    counts: writer.counts,
    flush: writer.flush,
    close: writer.stop,
  }
}

const commonLog = 'common'

/** Tenants are named by a digest: no name of a customer stands in the store in clear. */
function logOf(tenant: string | null | undefined): string {
  return tenant == null ? commonLog : sha256Text(`tenant ${tenant}`).slice(0, 22)
}

function fits(event: DatedEvent, filter: AuditFilter): boolean {
  const { types, from, until } = filter
  if (types !== undefined && !types.includes(event.type)) return false
  if (from !== undefined && event.at < from) return false
  if (until !== undefined && event.at >= until) return false
  return (['userId', 'actorId', 'sessionId', 'ip'] as const).every(
    name => filter[name] === undefined || filter[name] === event[name],
  )
}
