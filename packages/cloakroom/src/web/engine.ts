import type { Clock } from '../core/clock.ts'
import type { EventSink } from '../events/event.ts'
import type { AddressReader } from '../http/address.ts'
import type { CookieManager } from '../http/cookie-manager.ts'
import type { SecurityHeaders } from '../http/headers.ts'
import type { Csrf } from '../protection/csrf.ts'
import type { LoginProtection } from '../protection/login-protection.ts'
import type { RateLimiter } from '../protection/rate-limiter.ts'
import type { SessionManager } from '../sessions/manager.ts'
import type { Roles } from './roles.ts'

/** What a request is served with: the parts of Cloakroom, made once at the start. */
export interface Engine<Data> {
  readonly sessions: SessionManager<Data>
  readonly limiter: RateLimiter
  readonly loginProtection: LoginProtection
  /** Null when the protection is switched off. */
  readonly csrf: Csrf | null
  readonly headers: SecurityHeaders
  readonly addresses: AddressReader
  readonly sessionCookie: CookieManager
  readonly visitorCookie: CookieManager
  readonly deviceCookie: CookieManager
  /** Readable by scripts, for single-page applications; null when not wanted. */
  readonly csrfCookie: CookieManager | null
  readonly roles: Roles
  readonly events: EventSink
  readonly clock: Clock
  /** Public origins of the application; empty when they are taken from the request. */
  readonly origins: readonly string[]
  /** What a request sees while the store cannot answer. */
  readonly onUnavailable: 'error' | 'anonymous'
}
