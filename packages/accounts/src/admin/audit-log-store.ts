import type { EventListener } from 'cloakroom'

/** An event as it was passed on: the time is always filled in. */
export type DatedEvent = Parameters<EventListener>[0]

/** What kind of event it was. */
export type EventType = DatedEvent['type']

/** An event that was written down. */
export interface AuditEntry {
  /** Its place in the log, as a text without meaning; no other entry has the same. */
  readonly id: string
  readonly event: DatedEvent
}

/** Which entries are wanted: those to which all of it applies. */
export interface AuditFilter {
  readonly types?: readonly EventType[] | undefined
  /** The user it happened to, or who did it. */
  readonly personId?: string | undefined
  readonly ip?: string | undefined
  readonly sessionId?: string | undefined
}

/** Which page of the log is wanted. */
export interface AuditQuery {
  /** Where the page before ended; null for the newest entries. */
  readonly before: string | null
  /** How many at most. */
  readonly count: number
  readonly filter: AuditFilter
}

/** Entries, the newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  /**
   * What to pass as `before` for what is older; null when there is nothing older. A page may hold few
   * entries, or none, and have a cursor all the same: the work for one page is bounded.
   */
  readonly cursor: string | null
}

/** Keeps what happened. */
export interface AuditLogStore {
  /** Takes an event in. Never throws and never waits. Absent where something else writes the log. */
  append?(event: DatedEvent): void
  /** @throws {StoreError} when the store cannot answer. */
  read(query: AuditQuery): Promise<AuditPage>
}

/** Whether a filter lets an event pass: for stores that cannot search. */
export function passes(filter: AuditFilter, event: DatedEvent): boolean {
  const { types, personId, ip, sessionId } = filter
  if (types !== undefined && !types.includes(event.type)) return false
  if (personId !== undefined && event.userId !== personId && event.actorId !== personId)
    return false
  if (ip !== undefined && event.ip !== ip) return false
  return sessionId === undefined || event.sessionId === sessionId
}
