import type { SessionData } from './sessions/data.ts'
import type { Session } from './web/session.ts'

export {
  csrf,
  errors,
  fresh,
  onUnavailable,
  passive,
  rateLimit,
  requireAuth,
  requirePermission,
  sensitive,
} from './adapters/hono.ts'
export type { AccessOptions } from './web/demand.ts'

declare module 'hono' {
  interface ContextVariableMap {
    session: Session<SessionData>
    /** A token for a form's `_csrf` field. Each call gives another; all are good. */
    csrfToken: () => string
    /** For `nonce` attributes of scripts and styles in the page. */
    nonce: string
  }
}
