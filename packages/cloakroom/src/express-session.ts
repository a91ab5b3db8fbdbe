import type { WithExpressSession } from './adapters/express-session/session.ts'
import { session } from './app/express-session.ts'

export type { ExpressSessionStore } from './adapters/express-session/cloakroom-store.ts'
export { Cookie, type CookieOptions } from './adapters/express-session/cookie.ts'
export { MemoryStore } from './adapters/express-session/memory-store.ts'
export type { SessionMiddleware } from './adapters/express-session/middleware.ts'
export type { SessionOptions } from './adapters/express-session/options.ts'
export { Session, type SessionData } from './adapters/express-session/session.ts'
export { Store } from './adapters/express-session/store.ts'
export type { ExpressSessionStoreOptions } from './app/express-session-options.ts'
export { createExpressSessionStore } from './app/express-session-store.ts'

// The function itself, however the package is imported that it stands in for.
// biome-ignore lint/style/noDefaultExport: `import session from` is how express-session is imported.
export { session as default, session as 'module.exports' }

declare global {
  namespace Express {
    // By inheritance, so that another package may declare members of the same names beside them.
    interface Request extends WithExpressSession {}
  }
}
