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
} from './adapters/koa.ts'
export type { AccessOptions } from './web/demand.ts'

declare module 'koa' {
  interface ExtendableContext {
    session: Session<SessionData>
  }
}
