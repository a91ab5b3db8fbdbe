import { asBuffer } from '../core/bytes.ts'
import type { RateLimitOutcome, RateLimitResult } from './rate-limit.ts'
import type { LimitRule } from './rules.ts'

/** Options of {@link rateLimitHeaders}. */
export interface RateLimitHeadersOptions {
  /**
   * Which share of a quota a client uses, by rule name, as `pk`. It must not tell who the client
   * is: a digest of the key will do.
   */
  readonly partitions?: ReadonlyMap<string, Uint8Array> | undefined
  /**
   * Adds up to this many milliseconds to a wait, so that clients which were refused together do not
   * come back together. Called for waits over a minute. @default none
   */
  readonly jitterMs?: ((retryAfterMs: number) => number) | undefined
}

/**
 * The header fields that tell a client where it stands.
 *
 * RateLimit-Policy and RateLimit follow draft-ietf-httpapi-ratelimit-headers-10, one list item for
 * each rule. They leave out rules in shadow and those that are not public. Retry-After (RFC 9110,
 * section 10.2.3) is there when the call is refused, unless it would be refused for ever.
 */
export function rateLimitHeaders(
  outcome: RateLimitOutcome,
  rules: ReadonlyMap<string, LimitRule>,
  options: RateLimitHeadersOptions = {},
): Record<string, string> {
  const policies: string[] = []
  const states: string[] = []
  for (const result of outcome.results) {
    const rule = rules.get(result.rule)
    if (rule === undefined || !rule.isPublic || rule.isShadow) continue
    const partition = options.partitions?.get(rule.name)
    policies.push(describePolicy(rule, partition))
    if (!result.degraded) states.push(describeState(rule, result, partition))
  }
  const headers: Record<string, string> = {}
  if (policies.length > 0) headers['RateLimit-Policy'] = policies.join(', ')
  if (states.length > 0) headers['RateLimit'] = states.join(', ')
  const waitMs = outcome.retryAfterMs
  if (!outcome.allowed && waitMs >= 0) {
    const jitterMs = waitMs > 60_000 ? (options.jitterMs?.(waitMs) ?? 0) : 0
    headers['Retry-After'] = String(toSeconds(waitMs + Math.max(0, jitterMs)))
  }
  return headers
}

/** A body as of RFC 9457, media type `application/problem+json`. */
export interface RateLimitProblem {
  readonly type: string
  readonly title: string
  readonly status: 403 | 429 | 503
  readonly 'violated-policies': readonly string[]
}

/**
 * The answer to a call that was refused, or null for one that was allowed.
 *
 * 429 for a limit or a block, 403 for a block for good, and 503 when nobody could count: that is no
 * fault of the client.
 */
export function rateLimitProblem(outcome: RateLimitOutcome): RateLimitProblem | null {
  if (outcome.allowed) return null
  const refused = outcome.results.filter(result => !result.allowed)
  const kind = problems.find(({ fits }) => refused.some(fits)) ?? reducedCapacity
  const { name, title, status } = kind
  return {
    type: `https://iana.org/assignments/http-problem-types#${name}`,
    title,
    status,
    'violated-policies': outcome.violated,
  }
}

const abnormalUsage = {
  name: 'abnormal-usage-detected',
  title: 'Refused after too many requests.',
} as const

const reducedCapacity = {
  name: 'temporary-reduced-capacity',
  title: 'The request cannot be counted at the moment.',
  status: 503,
} as const

/** The first that fits one of the refusals is the answer. */
const problems = [
  { ...abnormalUsage, status: 403, fits: (result: RateLimitResult) => result.blockedForMs === -1 },
  { ...abnormalUsage, status: 429, fits: (result: RateLimitResult) => result.reason === 'blocked' },
  {
    name: 'quota-exceeded',
    title: 'Too many requests.',
    status: 429,
    fits: (result: RateLimitResult) => result.reason === 'limited',
  },
] as const

function describePolicy(rule: LimitRule, partition: Uint8Array | undefined): string {
  const seconds = Math.ceil(rule.windowUs / 1_000_000)
  const window = rule.windowUs < 1_000_000 ? '' : `;w=${seconds}`
  return `"${rule.name}";q=${rule.limit}${window};qu="${rule.unit}"${describePartition(partition)}`
}

function describeState(
  rule: LimitRule,
  result: RateLimitResult,
  partition: Uint8Array | undefined,
): string {
  const waitMs = moreAfterMs(rule, result)
  const time = waitMs === null ? '' : `;t=${toSeconds(waitMs)}`
  return `"${rule.name}";r=${result.remaining}${time}${describePartition(partition)}`
}

/** When there will be more units than now; null where a result does not tell. */
function moreAfterMs(rule: LimitRule, result: RateLimitResult): number | null {
  if (!result.allowed) return result.retryAfterMs < 0 ? null : result.retryAfterMs
  if (result.blockedForMs > 0) return result.blockedForMs
  if (result.remaining === rule.limit || result.resetAfterMs <= 0) return null
  if (rule.strategy === 'fixed-window') return result.resetAfterMs
  if (rule.strategy !== 'token-bucket') return null
  const refillMs = rule.refill[0] / rule.refill[1] / 1000
  const missing = rule.limit - result.remaining
  return Math.max(1, result.resetAfterMs - (missing - 1) * refillMs)
}

/** A byte sequence of Structured Fields (RFC 9651, section 3.3.5). */
function describePartition(partition: Uint8Array | undefined): string {
  return partition === undefined ? '' : `;pk=:${asBuffer(partition).toString('base64')}:`
}

/** Whole seconds, rounded up, never 0: a client told 0 comes back at once and in vain. */
function toSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}
