import type { DatedEvent, EventType } from './event.ts'

/** Where an event stands among the categories of the Elastic Common Schema. */
interface Classification {
  readonly category: string
  readonly type: readonly string[]
  /** Left out where nothing was tried that could succeed or fail. */
  readonly outcome?: 'success' | 'failure'
  /** `alert` for what somebody should look at. @default 'event' */
  readonly kind?: 'alert'
}

/**
 * Every kind of event by category, type and outcome of ECS 8. Each pair of category and type is one
 * that the schema expects.
 */
export const ecsClassifications: Readonly<Record<EventType, Classification>> = {
  session_created: { category: 'session', type: ['start'], outcome: 'success' },
  session_destroyed: { category: 'session', type: ['end'], outcome: 'success' },
  session_expired: { category: 'session', type: ['end'] },
  session_renewed: { category: 'session', type: ['info'] },
  session_rotated: { category: 'session', type: ['info'], outcome: 'success' },
  session_refused: { category: 'session', type: ['info'], outcome: 'failure' },
  session_reuse_detected: { category: 'intrusion_detection', type: ['denied'], kind: 'alert' },
  session_limit_exceeded: { category: 'session', type: ['info'] },
  session_epoch_raised: { category: 'session', type: ['end'], outcome: 'success' },
  auth_success: { category: 'authentication', type: ['start'], outcome: 'success' },
  auth_failure: { category: 'authentication', type: ['start'], outcome: 'failure' },
  access_denied: { category: 'web', type: ['access'], outcome: 'failure' },
  rate_limit_exceeded: { category: 'web', type: ['access'], outcome: 'failure' },
  rate_limit_blocked: { category: 'intrusion_detection', type: ['denied'], kind: 'alert' },
  rate_limit_unblocked: { category: 'configuration', type: ['change'], outcome: 'success' },
  rate_limit_degraded: { category: 'database', type: ['error'], outcome: 'failure' },
  csrf_failed: { category: 'intrusion_detection', type: ['denied'], outcome: 'failure' },
  cookie_refused: { category: 'intrusion_detection', type: ['denied'], outcome: 'failure' },
  store_unavailable: { category: 'database', type: ['error'], outcome: 'failure' },
  registration_requested: { category: 'iam', type: ['user', 'info'] },
  account_created: { category: 'iam', type: ['user', 'creation'], outcome: 'success' },
  account_changed: { category: 'iam', type: ['user', 'change'], outcome: 'success' },
  account_disabled: { category: 'iam', type: ['user', 'change'], outcome: 'success' },
  account_enabled: { category: 'iam', type: ['user', 'change'], outcome: 'success' },
  account_deleted: { category: 'iam', type: ['user', 'deletion'], outcome: 'success' },
  role_changed: { category: 'iam', type: ['admin', 'change'], outcome: 'success' },
  password_changed: { category: 'iam', type: ['user', 'change'], outcome: 'success' },
  password_reset_requested: { category: 'iam', type: ['user', 'info'] },
  email_change_requested: { category: 'iam', type: ['user', 'info'] },
  email_changed: { category: 'iam', type: ['user', 'change'], outcome: 'success' },
  second_factor_added: { category: 'iam', type: ['user', 'change'], outcome: 'success' },
  second_factor_removed: { category: 'iam', type: ['user', 'change'], outcome: 'success' },
  recovery_codes_made: { category: 'iam', type: ['user', 'change'], outcome: 'success' },
  recovery_code_used: { category: 'authentication', type: ['info'], outcome: 'success' },
  impersonation_started: { category: 'iam', type: ['admin', 'info'], outcome: 'success' },
  impersonation_stopped: { category: 'iam', type: ['admin', 'info'], outcome: 'success' },
  mail_failed: { category: 'email', type: ['info'], outcome: 'failure' },
  secrets_changed: { category: 'configuration', type: ['change'], outcome: 'success' },
  audit_exported: { category: 'database', type: ['access'], outcome: 'success' },
  audit_dropped: { category: 'configuration', type: ['info'], kind: 'alert' },
  audit_rolled_back: { category: 'intrusion_detection', type: ['info'], kind: 'alert' },
}

/** An event as a document of the Elastic Common Schema. */
export interface EcsDocument {
  readonly '@timestamp': string
  readonly ecs: { readonly version: string }
  readonly event: Readonly<Record<string, string | readonly string[]>>
  readonly source?: { readonly ip: string }
  readonly user_agent?: { readonly original: string }
  readonly user?: { readonly id: string; readonly target?: { readonly id: string } }
  readonly organization?: { readonly id: string }
  /** What the schema has no place for. */
  readonly cloakroom: {
    readonly session_id?: string
    readonly details?: Readonly<Record<string, string | number | boolean>>
  }
}

/** An event in the form that Elasticsearch and what is built on it look for. */
export function toEcs(event: DatedEvent): EcsDocument {
  const { kind = 'event', category, type, outcome } = ecsClassifications[event.type]
  return {
    '@timestamp': new Date(event.at).toISOString(),
    ecs: { version: '8.17.0' },
    event: {
      kind,
      category: [category],
      type,
      action: event.type,
      module: 'cloakroom',
      dataset: 'cloakroom.audit',
      ...(outcome !== undefined && { outcome }),
      ...(event.reason !== undefined && { reason: event.reason }),
    },
    ...(event.ip !== undefined && { source: { ip: event.ip } }),
    ...(event.userAgent !== undefined && { user_agent: { original: event.userAgent } }),
    ...describeUser(event),
    ...(event.tenant !== undefined && { organization: { id: event.tenant } }),
    cloakroom: {
      ...(event.sessionId !== undefined && { session_id: event.sessionId }),
      ...(event.details !== undefined && { details: event.details }),
    },
  }
}

/** In ECS `user` is who acts, and `user.target` whom it is done to. */
function describeUser({ userId, actorId }: DatedEvent): Pick<EcsDocument, 'user'> {
  if (actorId === undefined) return userId === undefined ? {} : { user: { id: userId } }
  return { user: { id: actorId, ...(userId !== undefined && { target: { id: userId } }) } }
}
