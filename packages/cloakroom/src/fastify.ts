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
} from './adapters/fastify.ts'
export type { AccessOptions } from './web/demand.ts'

declare module 'fastify' {
  interface FastifyRequest {
    session: Session<SessionData>
  }
}
