import type { AuditTrailOptions } from '../audit/trail.ts'
import type { Clock } from '../core/clock.ts'
import type { Duration } from '../core/duration.ts'
import type { AuditLogOptions } from '../events/audit.ts'
import type { CookieOptions } from '../http/cookie-options.ts'
import type { SecurityHeadersOptions } from '../http/headers-options.ts'
import type { TrustProxy } from '../http/trust-proxy.ts'
import type { CsrfOptions } from '../protection/csrf-options.ts'
import type { LoginProtectionOptions } from '../protection/login-protection.ts'
import type { RateLimiterOptions } from '../protection/rate-limiter.ts'
import type { SessionData } from '../sessions/data.ts'
import type { NearCacheOptions } from '../sessions/near-cache.ts'
import type { SessionOptions } from '../sessions/policy.ts'
import type { DataRules } from '../sessions/schema.ts'
import type { UserRedisClient } from '../stores/redis/driver-recognize.ts'
import type { GuardOptions } from '../stores/redis/guard.ts'
import type { Tracer } from '../tracing/tracing.ts'
import type { Environment } from '../web/environment.ts'
import type { RoleOptions } from '../web/roles.ts'

/** Settings of {@link createCloakroom}. What is left out is taken from the environment. */
export interface CloakroomOptions<Data = SessionData> extends DataRules<Data> {
  /**
   * A client of `redis`, `ioredis` or `iovalkey`: single server, Sentinel or Cluster. Left out, all
   * is kept in the memory of this process, which production refuses.
   */
  redis?: UserRedisClient
  /** Keeps all in memory, in production too: for one process whose sessions may be lost. */
  memory?: boolean
  /** Deadline, circuit breaker and the like of Redis calls. */
  redisGuard?: Omit<GuardOptions, 'clock' | 'onUnavailable'>
  /** Begins every key in Redis. @default 'cr:' */
  prefix?: string
  /** Seals sessions: 32 characters or more; several, newest first. @default SESSION_SECRET_KEY */
  secret?: string | readonly string[]
  /** Signs cookies: 32 characters or more; several, newest first. @default COOKIE_SECRET_KEY */
  cookieSecret?: string | readonly string[]
  /**
   * How often the files are looked at that `SESSION_SECRET_KEY_FILE` and its like name; what they then
   * hold is taken over. @default '30s'
   */
  reloadSecrets?: Duration | false
  /** Timeouts and limits of sessions. */
  session?: SessionOptions
  /**
   * Answers from the memory of the process where every change is proven to be heard; what was loaded
   * is asked for again after a few seconds. @default false
   */
  nearCache?: NearCacheOptions | boolean
  /** What sessions are sealed with. @default 'fernet' */
  cipher?: 'fernet' | 'aes-256-gcm'
  cookie?: CookieOptions
  /** Protection against forged requests; false switches it off. */
  csrf?: (CsrfOptions & { cookie?: boolean }) | false
  rateLimit?: Pick<RateLimiterOptions<string>, 'rules' | 'instances'>
  /** Protection of passwords against guessing. */
  login?: Pick<LoginProtectionOptions, 'rules' | 'slowDown' | 'normalize'>
  /** Security headers. */
  headers?: SecurityHeadersOptions
  /** Proxies whose X-Forwarded headers are believed. @default false */
  trustProxy?: TrustProxy
  /** Public origins, such as `https://example.com`. @default as each request was addressed */
  origins?: string | readonly string[]
  roles?: RoleOptions
  /** Audit lines: to standard output, elsewhere, or false for none. */
  audit?: AuditLogOptions | false
  /**
   * Keeps the events of all workers in Redis as well, in a log that nobody can change unnoticed; true
   * for the defaults. @default false
   */
  auditTrail?: AuditTrailOptions | boolean
  /**
   * Writes spans for sessions and limits: `trace.getTracer('cloakroom')` of `@opentelemetry/api`. Ids
   * are hashed. @default none
   */
  tracer?: Tracer
  /**
   * What a handler sees that looks at the session while Redis cannot answer: an error 503, or a
   * visitor. @default 'error'
   */
  onUnavailable?: 'error' | 'anonymous'
  /** @default NODE_ENV is 'production' */
  production?: boolean
  /** @default process.env */
  env?: Environment
  /** For tests. Redis then goes by it too. */
  clock?: Clock
}

/** The names of all settings, for the check against misspelt ones. */
export const optionNames: readonly (keyof CloakroomOptions)[] = [
  'redis',
  'memory',
  'redisGuard',
  'prefix',
  'secret',
  'cookieSecret',
  'reloadSecrets',
  'session',
  'nearCache',
  'cipher',
  'cookie',
  'csrf',
  'rateLimit',
  'login',
  'headers',
  'trustProxy',
  'origins',
  'roles',
  'audit',
  'auditTrail',
  'tracer',
  'onUnavailable',
  'production',
  'env',
  'clock',
  'schema',
  'migrate',
]
