import type { WatchChanges } from './changes.ts'

/**
 * One session as a store keeps it.
 *
 * The plain numbers are what a store may read and change by itself; everything that says whose
 * session it is or what it holds is inside `sealed`.
 */
export interface SessionRecord {
  /** Public handle; also names the record. */
  readonly id: string
  /** Id of the key that sealed it. */
  readonly keyId: string
  /** Raised by one with each write of `sealed`. */
  readonly generation: number
  /** First 16 bytes of the SHA-256 of the token. */
  readonly digest: Uint8Array
  /** Ends after this long without a request, in milliseconds (whole seconds). */
  readonly idleMs: number
  /** Ends this long after its creation, in milliseconds (whole seconds). */
  readonly absoluteMs: number
  readonly createdAt: number
  readonly seenAt: number
  /** The owner's epoch when the session was written; a higher one now ends it. */
  readonly epoch: number
  readonly sealed: Uint8Array
}

/** The part of a record that a caller writes; times and epoch are the store's own. */
export type SessionWrite = Omit<SessionRecord, 'createdAt' | 'seenAt' | 'epoch'>

/** How long a session may still live, by the store's clock. */
export function deadlineOf(record: SessionRecord): number {
  return Math.min(record.seenAt + record.idleMs, record.createdAt + record.absoluteMs)
}

/** Why there is no session behind a token. */
export type AbsentReason =
  | 'unknown'
  | 'idle'
  | 'absolute'
  | 'epoch'
  | 'retired'
  | 'reused'
  | 'corrupt'
  | 'unknown-key'
  | 'newer-format'
  | 'schema'

/** What a retired token is still good for during its grace. */
export type GraceKind =
  /** The successor's token may be handed out: the rotation changed no rights. */
  | 'successor'
  /** The session may be read, without the rights that the rotation gave. */
  | 'limited'
  /** Nothing: the session behind it belongs to somebody with more rights. */
  | 'none'

/** Where a token leads that was replaced. */
export interface Retirement {
  readonly kind: GraceKind
  readonly keyId: string
  /** The successor's token, sealed under a key made from the retired one. */
  readonly successor: Uint8Array
}

/** Where a sign-in leads that another has begun. */
export interface Claim extends Retirement {
  /** Its session has begun, and may have ended since: no other may begin under that token. */
  readonly isDone: boolean
}

/** What a store remembers of a token that was replaced. */
export interface RetiredToken extends Retirement {
  readonly digest: Uint8Array
  /** End of the grace; later use of the token is theft. Milliseconds by the store's clock. */
  readonly graceMs: number
}

/** Answer of {@link SessionStore.load}. */
export type LoadResult =
  | { readonly state: 'valid'; readonly record: SessionRecord; readonly now: number }
  | {
      readonly state: 'retired'
      readonly retired: Retirement
    }
  | {
      readonly state: 'reused'
      readonly retired: Retirement
      readonly record: SessionRecord | null
    }
  | {
      readonly state: 'absent'
      readonly reason: AbsentReason
      /** The record that was ended by this call, where it could be read. */
      readonly record: SessionRecord | null
    }

/** What to do when a user has as many sessions as allowed. */
export type OverLimit = 'end-oldest' | 'end-least-recent' | 'refuse'

export interface CreateRequest {
  readonly record: SessionWrite
  /** Enter it into its owner's index, which listing and limits use. Visitors have none. */
  readonly isIndexed: boolean
  readonly limit: { readonly max: number; readonly over: OverLimit } | null
  /** The session whose place it takes: about to end, and not counted. */
  readonly replaces: string | null
}

export type CreateResult =
  | {
      readonly state: 'created'
      readonly record: SessionRecord
      readonly evicted: readonly SessionRecord[]
      readonly now: number
    }
  /** The session has begun already: nothing was changed. */
  | { readonly state: 'exists'; readonly record: SessionRecord }
  | { readonly state: 'refused' }

/** Answer of {@link SessionStore.save} and {@link SessionStore.rotate}. */
export type WriteResult =
  | { readonly state: 'written'; readonly record: SessionRecord; readonly now: number }
  | { readonly state: 'conflict'; readonly record: SessionRecord; readonly now: number }
  | { readonly state: 'gone' }

export interface SaveRequest {
  /** Its generation is one above the generation it is based on. */
  readonly record: SessionWrite
  /** Whether the write counts as activity. */
  readonly isActivity: boolean
}

export interface LoadRequest {
  readonly id: string
  /** Null for what holds a session without its token: the handle alone then names it. */
  readonly digest: Uint8Array | null
  /** Note the activity when the last note is this old; null when it does not count. */
  readonly touchEveryMs: number | null
  /** The token was good when the request began: that it has been replaced since is no theft. */
  readonly isUnderWay: boolean
}

/** Asks for a session by its handle alone, without noting activity. */
export function byHandle(id: string): LoadRequest {
  return { id, digest: null, touchEveryMs: null, isUnderWay: true }
}

/** A page of all sessions, in no order. */
export interface SessionPage {
  readonly records: readonly SessionRecord[]
  /** Where to go on, or null after the last page. */
  readonly cursor: string | null
}

/**
 * Keeps session records. Each method is one atomic step and, on Redis, one round trip.
 *
 * Every method throws {@link StoreError} when the store cannot answer; none of them then says that a
 * session is absent.
 */
export interface SessionStore {
  load(request: LoadRequest): Promise<LoadResult>
  create(request: CreateRequest): Promise<CreateResult>
  /**
   * Remembers which session is about to take the place of this one, and gives null; or gives what
   * another sign-in remembered, while the grace of that lasts.
   */
  claim(id: string, retired: RetiredToken): Promise<Claim | null>
  /** Replaces a record that still lives and has the generation below; never brings one back. */
  save(request: SaveRequest): Promise<WriteResult>
  /** Replaces the token too, and remembers the old one. */
  rotate(request: SaveRequest & { readonly retired: RetiredToken }): Promise<WriteResult>
  /**
   * Ends one session; with `retired`, its token is remembered as replaced by another session.
   *
   * Null when there was none that still lived.
   */
  end(id: string, retired?: RetiredToken): Promise<SessionRecord | null>
  /** Ends all sessions of an owner but one, known or not, by raising the owner's epoch. */
  endAll(owner: string, exceptId?: string): Promise<readonly SessionRecord[]>
  /** The living sessions of an owner. */
  list(owner: string): Promise<readonly SessionRecord[]>
  /** All sessions, page by page, for administrators. */
  scan(cursor: string | null, count: number): Promise<SessionPage>
  /** Epochs that are not bound to an owner, by name. */
  readEpochs(): Promise<ReadonlyMap<string, number>>
  /**
   * Raises one of them and gives its new value: the second it is by the store's clock, or one more
   * than it was. Those raised longer ago than any session lives are forgotten; by its date, one that
   * is raised again is above all that was ever written under it.
   */
  raiseEpoch(name: string): Promise<number>
  /** Hears what is changed, by whatever process. Without it, nothing is answered from memory. */
  readonly watch?: WatchChanges
}

/** No session lives longer, in milliseconds, so an epoch need not either. */
export const longestMs: number = 400 * 86_400_000

/** Length of the owner part of a session id, in characters of 6 bits. */
export const ownerLength = 12

/** The owner part of a session id. */
export function ownerOf(id: string): string {
  return id.slice(0, ownerLength)
}

/** The bucket of a session or of an owner: what one bucket holds can be changed in one step. */
export function bucketOf(id: string): string {
  return id.slice(0, 3)
}
