import type { Session, SessionData } from 'cloakroom'
import { addressKey } from 'cloakroom/kit'
import type { Context } from 'hono'
import type { Visit, VisitDevice } from '../account/ports.ts'

/** What Cloakroom's middleware for Hono puts beside a request. */
export interface RequestEnv {
  readonly Variables: {
    readonly session: Session<SessionData>
    readonly nonce: string
    readonly csrfToken: () => string
    readonly knownDevice: () => VisitDevice
  }
}

/** Middleware as Cloakroom makes it for Hono. */
export type SessionMiddleware = (context: object, next: () => Promise<unknown>) => Promise<void>

/** The request as flows see it. */
export function visitOf(request: Context<RequestEnv>): Visit {
  const session = request.get('session')
  const { source } = session
  const device = request.get('knownDevice')()
  return { session, source, address: addressKey(source.ip ?? ''), device }
}

/** When to try again, in whole seconds rounded up; null for a wait without end. */
export function secondsOf(ms: number): number | null {
  return ms < 0 ? null : Math.max(1, Math.ceil(ms / 1000))
}
