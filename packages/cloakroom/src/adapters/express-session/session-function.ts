import { Cookie } from './cookie.ts'
import { MemoryStore } from './memory-store.ts'
import { createSessionMiddleware, type SessionMiddleware } from './middleware.ts'
import type { SessionOptions } from './options.ts'
import { Session } from './session.ts'
import { Store } from './store.ts'

/** The function that the package `express-session` is, with what hangs on it. */
export interface SessionFunction {
  /** Makes the middleware. @throws {ConfigError} naming the option that is wrong. */
  (options?: SessionOptions): SessionMiddleware
  readonly Cookie: typeof Cookie
  readonly MemoryStore: typeof MemoryStore
  readonly Session: typeof Session
  readonly Store: typeof Store
}

/** Makes a {@link SessionFunction}, anew, so that more can be hung on it. */
export function createSessionFunction(): SessionFunction {
  const session = (options?: SessionOptions): SessionMiddleware => createSessionMiddleware(options)
  return Object.assign(session, { Cookie, MemoryStore, Session, Store })
}
