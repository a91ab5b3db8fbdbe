import { Cookie } from './cookie.ts'
import { MemoryStore } from './memory-store.ts'
import { createSessionMiddleware, type SessionMiddleware } from './middleware.ts'
import type { SessionOptions } from './options.ts'
import { Session } from './session.ts'
import { Store } from './store.ts'

/** The function that `express-session` exports, with what hangs on it. */
export interface SessionFunction {
  (options?: SessionOptions): SessionMiddleware
  readonly Cookie: typeof Cookie
  readonly MemoryStore: typeof MemoryStore
  readonly Session: typeof Session
  readonly Store: typeof Store
}

/** See {@link createSessionMiddleware}. */
export const session: SessionFunction = Object.assign(
  (options?: SessionOptions) => createSessionMiddleware(options),
  { Cookie, MemoryStore, Session, Store },
)
