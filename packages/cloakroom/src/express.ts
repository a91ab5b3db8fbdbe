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
    interface Locals extends WithTokens {}
  }
}

declare module 'express-serve-static-core' {
  // Where the types of express-session are installed as well, both have their say.
  interface Request {
    session: Session<SessionData> &
      (Express.Request extends { session: infer Other } ? Other : unknown)
  }
}
