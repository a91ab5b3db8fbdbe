import type { Cookie } from './cookie.ts'
import type { SessionHolder } from './request.ts'
import type { Store, StoreCallback } from './store.ts'

/**
 * What sessions hold. Declare your fields once, and `req.session` has them:
 *
 * ```ts
 * declare module 'cloakroom/express-session' {
 *   interface SessionData { views: number }
 * }
 * ```
 */
export interface SessionData {
  cookie: Cookie
}

/** What the middleware adds to a request. */
export interface WithExpressSession {
  session: Session & Partial<SessionData>
  /** The secret in the cookie. Never log it. */
  sessionID: string
  sessionStore: Store
}

/**
 * The session of one request, as `req.session`.
 *
 * Its data are its own enumerable properties, beside the cookie; everything else is out of sight of
 * loops and serialisers.
 */
export class Session {
  declare cookie: Cookie
  /** The secret in the cookie, as `req.sessionID`. Never log it. */
  declare readonly id: string
  declare readonly req: SessionHolder

  /** @param data what is stored; names that the session needs for itself are left out. */
  constructor(request: SessionHolder, data?: object | null) {
    Object.defineProperty(this, 'req', { value: request })
    Object.defineProperty(this, 'id', { value: request.sessionID })
    for (const name in data) {
      if (!(name in this)) Reflect.set(this, name, Reflect.get(data, name))
    }
  }

  /** Starts the cookie's lifetime anew. The middleware does it with each request. */
  touch(): this {
    return this.resetMaxAge()
  }

  /** Starts the cookie's lifetime anew. */
  resetMaxAge(): this {
    this.cookie.maxAge = this.cookie.originalMaxAge
    return this
  }

  /** Saves now instead of before the response leaves. */
  save(callback: StoreCallback = ignore): this {
    storeOf(this).set(this.id, this, callback)
    return this
  }

  /** Puts a session with what is stored by now in the place of this one. */
  reload(callback: StoreCallback): this {
    const { req } = this
    const store = storeOf(this)
    store.get(this.id, (error, data) => {
      if (error) return callback(error)
      if (!data) return callback(new Error('failed to load session'))
      store.createSession(req, data)
      callback()
    })
    return this
  }

  /** Ends the session; the request has none from now on. */
  destroy(callback?: StoreCallback): this {
    delete this.req.session
    storeOf(this).destroy(this.id, callback)
    return this
  }

  /** Ends the session and starts an empty one under a new id, as after sign-in. */
  regenerate(callback: StoreCallback): this {
    storeOf(this).regenerate(this.req, callback)
    return this
  }
}

function storeOf({ req }: Session): Store {
  return req.sessionStore as Store
}

function ignore(): void {}
