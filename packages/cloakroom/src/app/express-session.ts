import type * as cookie from '../adapters/express-session/cookie.ts'
import type * as memoryStore from '../adapters/express-session/memory-store.ts'
import type * as options from '../adapters/express-session/options.ts'
import type * as sessions from '../adapters/express-session/session.ts'
import {
  createSessionFunction,
  type SessionFunction,
} from '../adapters/express-session/session-function.ts'
import type * as stores from '../adapters/express-session/store.ts'
import type * as storeOptions from './express-session-options.ts'
import { createExpressSessionStore } from './express-session-store.ts'

/**
 * Gives each request a session: what `express-session` does, under the same options, without its
 * ways of losing data.
 *
 * @example
 * app.use(session({ secret, resave: false, saveUninitialized: false }))
 */
export const session: SessionFunction & {
  readonly createExpressSessionStore: typeof createExpressSessionStore
} = Object.assign(createSessionFunction(), { createExpressSessionStore })

/** The types of `express-session`, as its users name them: `session.SessionOptions`. */
export declare namespace session {
  export type Cookie = cookie.Cookie
  export type CookieOptions = cookie.CookieOptions
  export type ExpressSessionStoreOptions = storeOptions.ExpressSessionStoreOptions
  export type MemoryStore = memoryStore.MemoryStore
  export type Session = sessions.Session
  export type SessionData = sessions.SessionData
  export type SessionOptions = options.SessionOptions
  export type Store = stores.Store
}
