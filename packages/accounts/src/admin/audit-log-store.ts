import type { AuditPage, AuditQuery, AuditTrail, EventListener } from 'cloakroom'

/** An event as it was passed on: the time is always filled in. */
export type DatedEvent = Parameters<EventListener>[0]

/** What kind of event it was. */
export type EventType = DatedEvent['type']

/** Where the console reads what happened. Cloakroom's `auditTrail` is one. */
export interface AuditLogStore {
  /**
   * The newest first. The work for one page is bounded: it may hold few entries, or none, and have a
   * cursor all the same.
   *
   * @throws {StoreError} when the store cannot answer.
   */
  read(query: AuditQuery): Promise<AuditPage>
  /** Lines of JSON, where the log has its own, as with signatures. */
  readonly export?: AuditTrail['export']
}
