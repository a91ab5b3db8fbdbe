/** The end of a log: number and signature of its last entry. */
export interface AuditHead {
  readonly sequence: number
  readonly mac: string
}

/** The head of a log without entries. */
export const emptyHead: AuditHead = { sequence: 0, mac: '' }

/** An entry as it is written down. */
export interface AuditRecord extends AuditHead {
  /** The line of the entry, sealed for this place in this log. */
  readonly sealed: Uint8Array
}

/** An entry as it was found, which may be anything: somebody may have written past Cloakroom. */
export interface StoredRecord extends AuditRecord {
  /** Continues a reading after this entry. */
  readonly cursor: string
  /** When the store took it in, in milliseconds by its own clock. */
  readonly storedAt: number
}

/** What to append, and after what. */
export interface AppendRequest {
  readonly log: string
  /** The end of the log as the caller knows it. */
  readonly after: AuditHead
  /** One or more, in order. */
  readonly records: readonly AuditRecord[]
  /** How many entries the log keeps; the oldest leave. */
  readonly keep: number
}

/** `conflict`: somebody else has appended, nothing was written, and this is where the log ends. */
export type AppendResult =
  | { readonly state: 'appended' }
  | { readonly state: 'conflict'; readonly head: AuditHead }

/** Which entries to read. */
export interface PageRequest {
  readonly log: string
  readonly order: 'newest-first' | 'oldest-first'
  /** Of the entry after which to go on; null to begin. */
  readonly cursor: string | null
  readonly count: number
}

/** Keeps logs of entries, each of which can only grow at its end. */
export interface AuditStore {
  head(log: string): Promise<AuditHead>
  /** Appends in one step if the log still ends as the caller thinks. */
  append(request: AppendRequest): Promise<AppendResult>
  /** An empty page is the end. */
  page(request: PageRequest): Promise<readonly StoredRecord[]>
  /** The names of all logs that were ever appended to. */
  logs(): Promise<readonly string[]>
}
