import type { Cookie } from './cookie.ts'
import { fingerprint } from './fingerprint.ts'
import type { SessionRequest } from './request.ts'
import type { Session } from './session.ts'
import type { StoreCallback } from './store.ts'

/** How a request's session differs from what it began with, and from what is stored. */
export interface Comparison {
  readonly isModified: boolean
  readonly isSaved: boolean
}

/** Follows what a request does to its session. */
export interface Tracker {
  /** Takes note of the session that the request begins with. `isSaved` when it need not be again. */
  begin(session: Session, isSaved: boolean): void
  /** Follows a further session, put in the place of the first. */
  watch(session: Session): void
  compare(session: Session): Comparison
  /** Whether the request has a session, or had one. */
  readonly hasBegun: boolean
  /** Whether something of this request is in the store. */
  readonly hasSaved: boolean
  /** The session that was destroyed last: its id and cookie. */
  readonly ended: { readonly id: string; readonly cookie: Cookie } | null
  /** Notes that the session ended that the request had last. */
  noteEnd(): void
  /**
   * Waits for what handlers asked of the store and did not wait for; null when there is nothing.
   * Rejects when it failed and no callback was told.
   */
  settle(): Promise<void> | null
}

const followed = ['save', 'reload', 'destroy', 'regenerate'] as const

/** Makes a {@link Tracker} for one request. */
export function createTracker(request: SessionRequest): Tracker {
  let original: { readonly id: unknown; readonly print: string } | null = null
  let savedPrint: string | null = null
  let latest: Session | null = null
  let ended: Tracker['ended'] = null
  let failure: { readonly error: unknown } | null = null
  const pending = new Set<Promise<void>>()

  function begin(session: Session, isSaved: boolean): void {
    const print = fingerprint(session)
    original = { id: request.sessionID, print }
    if (isSaved) savedPrint = print
    watch(session)
  }

  function watch(session: Session): void {
    latest = session
    for (const name of followed) {
      const value = follow(session, name)
      Object.defineProperty(session, name, { value, configurable: true, writable: true })
    }
  }

  function follow(session: Session, name: (typeof followed)[number]) {
    const method: (callback: StoreCallback) => Session = session[name]
    return (callback?: StoreCallback): Session => {
      const print = name === 'save' ? fingerprint(session) : ''
      const finish = start()
      return method.call(session, error => {
        finish()
        if (error) {
          if (callback === undefined) failure = { error }
        } else if (name === 'save') {
          savedPrint = print
        } else if (name === 'destroy') {
          ended = session
        } else if (request.session && request.session !== latest) {
          watch(request.session)
        }
        callback?.(error)
      })
    }
  }

  function start(): () => void {
    let resolve: () => void = () => undefined
    const promise = new Promise<void>(resolvePromise => {
      resolve = resolvePromise
    })
    pending.add(promise)
    return () => {
      pending.delete(promise)
      resolve()
    }
  }

  async function wait(): Promise<void> {
    while (pending.size > 0) await Promise.all(pending)
    if (failure !== null) throw failure.error
  }

  return {
    begin,
    watch,
    compare(session) {
      const print = fingerprint(session)
      const isSame = original?.id === session.id
      return {
        isModified: !isSame || original?.print !== print,
        isSaved: isSame && savedPrint === print,
      }
    },
    get hasBegun() {
      return original !== null
    },
    get hasSaved() {
      return savedPrint !== null
    },
    get ended() {
      return ended
    },
    noteEnd() {
      ended = latest
    },
    settle: () => (pending.size === 0 && failure === null ? null : wait()),
  }
}
