import { type DatedEvent, type EventType, eventTypes } from '../events/event.ts'

/** A counter that events of some kinds raise. */
export interface EventCounterRule {
  readonly name: string
  readonly help: string
  readonly types: readonly EventType[]
  /** Labels by the facts of the event they come from. */
  readonly labels: Readonly<Record<string, (event: DatedEvent) => string>>
  /** Series that begin at zero: Prometheus does not see the rise of one that begins at one. */
  readonly zeroes?: readonly Readonly<Record<string, string>>[]
}

const reason = (event: DatedEvent): string => event.reason ?? 'none'
const ruleOf = (event: DatedEvent): string => String(event.details?.['rule'] ?? 'none')

/** Every counter that goes by events. */
export const eventCounters: readonly EventCounterRule[] = [
  {
    name: 'cloakroom_events_total',
    help: 'Security events by type.',
    types: [],
    labels: { type: event => event.type },
    zeroes: eventTypes.map(type => ({ type })),
  },
  {
    name: 'cloakroom_sessions_created_total',
    help: 'Sessions that began.',
    types: ['session_created'],
    labels: { kind: event => (event.userId === undefined ? 'visitor' : 'user') },
  },
  {
    name: 'cloakroom_sessions_ended_total',
    help: 'Sessions that ended, by cause: a deadline (idle, absolute, epoch), or who ended them.',
    types: ['session_destroyed', 'session_expired'],
    labels: { cause: reason },
  },
  {
    name: 'cloakroom_session_evictions_total',
    help: 'Sessions that ended, or did not begin, because the user had too many.',
    types: ['session_limit_exceeded'],
    labels: { policy: reason },
  },
  {
    name: 'cloakroom_session_rotations_total',
    help: 'New tokens for sessions that go on.',
    types: ['session_rotated'],
    labels: {},
  },
  {
    name: 'cloakroom_token_reuse_total',
    help: 'Retired tokens that were used: the sessions were ended as stolen.',
    types: ['session_reuse_detected'],
    labels: {},
  },
  {
    name: 'cloakroom_authentications_total',
    help: 'Attempts to sign in, by result.',
    types: ['auth_success', 'auth_failure'],
    labels: {
      result: event => (event.type === 'auth_success' ? 'success' : 'failure'),
      reason,
    },
  },
  {
    name: 'cloakroom_access_denied_total',
    help: 'Requests of signed-in users that a guard refused.',
    types: ['access_denied'],
    labels: { reason },
  },
  {
    name: 'cloakroom_rate_limit_hits_total',
    help: 'Calls that a rate limit refused.',
    types: ['rate_limit_exceeded'],
    labels: { rule: ruleOf, reason },
  },
  {
    name: 'cloakroom_rate_limit_blocks_total',
    help: 'Blocks that began.',
    types: ['rate_limit_blocked'],
    labels: { rule: ruleOf, reason },
  },
  {
    name: 'cloakroom_csrf_refusals_total',
    help: 'Requests that another site may have made.',
    types: ['csrf_failed'],
    labels: { reason },
  },
  {
    name: 'cloakroom_cookies_refused_total',
    help: 'Cookies that the server did not sign, or that came twice.',
    types: ['cookie_refused'],
    labels: { reason },
  },
]
