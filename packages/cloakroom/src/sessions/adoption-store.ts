/**
 * What adopted sessions need of a store beside `SessionStore`, since their ids are made before it is
 * known whose they are.
 */
export interface AdoptionStore {
  /** Remembers for a while that a session has ended, so that a late request does not begin it anew. */
  bury(id: string): Promise<void>
  isBuried(id: string): Promise<boolean>
  /** Enters a session under an owner. */
  link(owner: string, id: string): Promise<void>
  unlink(owner: string, ids: readonly string[]): Promise<void>
  /** The sessions under an owner; of some nothing may be left. */
  linked(owner: string): Promise<readonly string[]>
}
