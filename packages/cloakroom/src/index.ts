export { type Cloakroom, createCloakroom } from './app/cloakroom.ts'
export type { CloakroomOptions } from './app/options.ts'
export type { SecretName, Secrets } from './app/secrets.ts'
export type { AuditHead } from './audit/store.ts'
export type {
  AuditEntry,
  AuditFilter,
  AuditPage,
  AuditQuery,
  AuditTrail,
  AuditTrailOptions,
} from './audit/trail.ts'
export type { AuditProblem, AuditReport, VerifyOptions } from './audit/verify.ts'
export { createWebhook, type Webhook, type WebhookOptions } from './audit/webhook.ts'
export { type Clock, systemClock } from './core/clock.ts'
export type { Duration } from './core/duration.ts'
export {
  type CloakroomError,
  ConfigError,
  ConflictError,
  HttpError,
  SealError,
  StoreError,
} from './core/errors.ts'
export type { TextSealer } from './crypto/text-seal.ts'
export { type AuditLogOptions, createAuditLog } from './events/audit.ts'
export { type EcsDocument, toEcs } from './events/ecs.ts'
export type { DatedEvent, EventListener, EventType, SecurityEvent } from './events/event.ts'
export type { EventHub } from './events/hub.ts'
export type { Measure, MeasureListener, Meter } from './events/meter.ts'
export { createEventCounter, type EventCounter } from './events/metrics.ts'
export type { CookieOptions } from './http/cookie-options.ts'
export type { SecurityHeadersOptions } from './http/headers-options.ts'
export { safeRedirectPath } from './http/redirect.ts'
export type { CsrfOptions } from './protection/csrf-options.ts'
export type {
  LoginAttempt,
  LoginDecision,
  LoginProtection,
} from './protection/login-protection.ts'
export type { RateLimitOutcome, RateLimitResult } from './protection/rate-limit.ts'
export type { RateLimiter } from './protection/rate-limiter.ts'
export type { SessionData } from './sessions/data.ts'
export type { SessionEntry } from './sessions/directory.ts'
export type {
  Locker,
  LockerOwner,
  LockerValue,
  LockerWrite,
  LockerWriteOptions,
} from './sessions/lockers.ts'
export type { SessionManager, SessionRead, SignedInUser } from './sessions/manager.ts'
export type { SessionOptions } from './sessions/policy.ts'
export type { StandardSchema } from './sessions/schema.ts'
export type { SessionState } from './sessions/state.ts'
export type { RedisHealth } from './stores/redis/health.ts'
export type { Tracer, TraceSpan } from './tracing/tracing.ts'
export {
  getCsrfToken,
  getCurrentSession,
  getCurrentUser,
  getNonce,
  isAuthenticated,
  loginUser,
  logoutUser,
} from './web/context.ts'
export { type RoleOptions, type UserRole, userRoles } from './web/roles.ts'
export { Session } from './web/session.ts'
export type { CurrentUser, LoginOptions } from './web/session-types.ts'
export { refuseUpgrade, type UpgradeCheck, type UpgradeOptions } from './web/upgrade.ts'
