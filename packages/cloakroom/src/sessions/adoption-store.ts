/**
 * What adopted sessions need of a store beside `SessionStore`, since their ids are made before it is
 * known whose they are.
 */
export interface AdoptionStore {
  /** Remembers for a while that a session has ended, so that a late request does not begin it anew. */
  bury(id: string): Promise<void>
  isBuried(id: string): Promise<boolean>
  /** Enters a session under an owner, before its record is written. */
  link(owner: string, id: string, now: number): Promise<void>
  unlink(owner: string, ids: readonly string[]): Promise<void>
  /** The sessions under an owner, entered by then; of some nothing may be left. */
  linked(owner: string, until: number): Promise<readonly string[]>
}
