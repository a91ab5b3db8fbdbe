import { EventEmitter } from 'node:events'
import { Cookie } from './cookie.ts'
import type { SessionHolder } from './request.ts'
import { Session, type SessionData } from './session.ts'

/** Told how something ended; without an error it went well. */
export type StoreCallback = (error?: Error | null) => void

/**
 * What keeps sessions. Derive yours from this and add `get`, `set` and `destroy`; `touch` where
 * sessions expire by themselves.
 *
 * While it is disconnected, which it says by the events `disconnect` and `connect`, requests pass
 * without a session.
 */
export interface Store extends EventEmitter {
  get(id: string, callback: (error?: Error | null, session?: SessionData | null) => void): void
  /** Stores a session, new or not. */
  set(id: string, session: SessionData, callback?: StoreCallback): void
  destroy(id: string, callback?: StoreCallback): void
  /** Notes that a session is in use. */
  touch?(id: string, session: SessionData, callback?: StoreCallback): void
  all?(
    callback: (
      error?: Error | null,
      sessions?: SessionData[] | Record<string, SessionData> | null,
    ) => void,
  ): void
  length?(callback: (error?: Error | null, length?: number) => void): void
  clear?(callback?: StoreCallback): void
  /** Whether a session turned out to have ended when it was saved or touched last. */
  hasEnded?(session: object): boolean
  /** Gives a request an empty session under a new id. The middleware provides it. */
  generate(request: SessionHolder): void
  /** Ends a request's session and gives it an empty one. */
  regenerate(request: SessionHolder, callback: StoreCallback): void
  /** Finds a session outside of any request, as for a socket. */
  load(id: string, callback: (error?: Error | null, session?: Session) => void): void
  /** Gives a request the session that was stored. */
  createSession(request: SessionHolder, data: SessionData): Session
}

/** Any store that was made for express-session, by whatever declarations. */
export interface ConnectStore {
  on(event: string, listener: () => void): unknown
  get(id: string, callback: never): unknown
  set(id: string, session: never, callback?: never): unknown
  destroy(id: string, callback?: never): unknown
}

/** Stores of today extend {@link Store}; older ones call it on themselves. */
export interface StoreConstructor {
  new (): Store
  (this: object): void
  readonly prototype: Store
}

/** Its methods; {@link Store} shares the prototype. */
abstract class BaseStore extends EventEmitter implements Store {
  abstract get: Store['get']
  abstract set: Store['set']
  abstract destroy: Store['destroy']
  abstract generate: Store['generate']

  regenerate(request: SessionHolder, callback: StoreCallback): void {
    this.destroy(String(request.sessionID), error => {
      this.generate(request)
      callback(error)
    })
  }

  load(id: string, callback: (error?: Error | null, session?: Session) => void): void {
    this.get(id, (error, data) => {
      if (error) return callback(error)
      if (!data) return callback()
      callback(null, this.createSession({ sessionID: id, sessionStore: this }, data))
    })
  }

  createSession(request: SessionHolder, data: SessionData): Session {
    const stored: { readonly expires?: unknown; readonly originalMaxAge?: unknown } = data.cookie
    const { expires, originalMaxAge } = stored
    const cookie = new Cookie(data.cookie)
    if (typeof expires === 'string') cookie.expires = new Date(expires)
    Reflect.set(cookie, 'originalMaxAge', originalMaxAge)
    data.cookie = cookie
    const session = new Session(request, data)
    request.session = session
    return session
  }
}

function construct(this: object): void {
  EventEmitter.call(this as EventEmitter)
}

/** What stores derive from. A class could not be called on themselves, as older stores do. */
export const Store: StoreConstructor = Object.defineProperties(construct, {
  name: { value: 'Store' },
  prototype: {
    value: Object.defineProperty(BaseStore.prototype, 'constructor', { value: construct }),
  },
}) as StoreConstructor
