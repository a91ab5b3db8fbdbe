import type { SessionData } from './sessions/data.ts'
import type { Session } from './web/session.ts'

export {
  csrf,
  errors,
  passive,
  rateLimit,
  requireAuth,
  requirePermission,
} from './adapters/express.ts'
export type { AccessOptions } from './web/demand.ts'

/** What Cloakroom adds to a request. */
export interface WithSession {
  session: Session<SessionData>
}

declare global {
  namespace Express {
    // By inheritance, so that another package may declare a `session` of its own beside it.
    interface Request extends WithSession {}
  }
}
