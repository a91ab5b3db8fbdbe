/** What lies in a locker, as a store keeps it. */
export interface LockerRecord {
  /** Raised by one with each write. */
  readonly version: number
  /** Id of the key that sealed it. */
  readonly keyId: string
  readonly sealed: Uint8Array
}

/**
 * Keeps lockers. A place is the id of a session or of an owner, so that lockers lie beside what they
 * belong to.
 *
 * Every method throws {@link StoreError} when the store cannot answer.
 */
export interface LockerStore {
  read(place: string): Promise<LockerRecord | null>
  /**
   * Stores a record whose version is one above the stored one, or 1 where nothing is stored; false,
   * and nothing changed, when another request was faster.
   *
   * @param ttlMs after which it is forgotten.
   */
  write(place: string, record: LockerRecord, ttlMs: number): Promise<boolean>
  clear(place: string): Promise<void>
}
