/** Every kind of event, as written in `event_type` of an audit line. */
export const eventTypes = [
  'session_created',
  'session_destroyed',
  'session_expired',
  'session_renewed',
  'session_rotated',
  'session_refused',
  'session_reuse_detected',
  'session_limit_exceeded',
  'session_epoch_raised',
  'auth_success',
  'auth_failure',
  'access_denied',
  'rate_limit_exceeded',
  'rate_limit_blocked',
  'rate_limit_unblocked',
  'rate_limit_degraded',
  'csrf_failed',
  'cookie_refused',
  'store_unavailable',
  'registration_requested',
  'account_created',
  'account_changed',
  'account_disabled',
  'account_enabled',
  'account_deleted',
  'role_changed',
  'password_changed',
  'password_reset_requested',
  'email_change_requested',
  'email_changed',
  'second_factor_added',
  'second_factor_removed',
  'recovery_codes_made',
  'recovery_code_used',
  'impersonation_started',
  'impersonation_stopped',
  'mail_failed',
  'secrets_changed',
  'audit_exported',
  'audit_dropped',
  'audit_rolled_back',
] as const

/** What happened. */
export type EventType = (typeof eventTypes)[number]

/** Who asked, as far as it is known. */
export interface EventSource {
  readonly ip?: string | undefined
  readonly userAgent?: string | undefined
}

/** One security event. Holds no token, key, password or session data. */
export interface SecurityEvent extends EventSource {
  readonly type: EventType
  readonly userId?: string | undefined
  /** The customer the user belongs to, where there are several. */
  readonly tenant?: string | undefined
  /** Who did it, where that is not the user: an administrator, or one who acts in their place. */
  readonly actorId?: string | undefined
  /** Public handle of the session, never its token. */
  readonly sessionId?: string | undefined
  /** Milliseconds since 1970. Filled in by the hub when left out. */
  readonly at?: number | undefined
  /** Why, as a stable word. */
  readonly reason?: string | undefined
  /** Further plain facts, such as the rule of a limit. */
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined
}

/** An event as listeners get it: the time is always filled in. */
export interface DatedEvent extends SecurityEvent {
  readonly at: number
}

/** Told of events. What it throws or rejects with never reaches the request. */
export type EventListener = (event: DatedEvent) => unknown

/** Where events are handed in. Never throws and never waits. */
export interface EventSink {
  emit(event: SecurityEvent): void
}
