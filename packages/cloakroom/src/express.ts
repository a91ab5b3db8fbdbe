import type { SessionData } from './sessions/data.ts'
import type { Session } from './web/session.ts'

export {
  csrf,
  type ErrorsOptions,
  errors,
  fresh,
  onUnavailable,
  passive,
  rateLimit,
  requireAuth,
  requirePermission,
  sensitive,
} from './adapters/express.ts'
export type { AccessOptions } from './web/demand.ts'
export type { ErrorFacts } from './web/problem.ts'

/** What Cloakroom adds to a request. */
export interface WithSession {
  session: Session<SessionData>
}

/** What Cloakroom adds to `response.locals`, for templates. */
export interface WithTokens {
  /** A token for a form's `_csrf` field. Each call gives another; all are good. */
  csrfToken(): string
  /** For `nonce` attributes of scripts and styles in the page. */
  nonce: string
}

declare global {
  namespace Express {
    // By inheritance, so that another package may declare members of the same names beside them.
    interface Request extends WithSession {}
    interface Locals extends WithTokens {}
  }
}
