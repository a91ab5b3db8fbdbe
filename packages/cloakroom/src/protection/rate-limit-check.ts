import type { RateCheck, RateLimitOutcome, RateSource } from './rate-limit.ts'
import {
  type RateLimitHeadersOptions,
  rateLimitHeaders,
  rateLimitProblem,
} from './rate-limit-headers.ts'
import type { RateLimiter } from './rate-limiter.ts'

/** What was decided about a call, and the answer that follows from it. */
export interface RateLimitAnswer {
  readonly allowed: boolean
  readonly outcome: RateLimitOutcome
  /** 200 when allowed; then the answer is the application's own. */
  readonly status: 200 | 403 | 429 | 503
  /** To be set on the answer, also when the call is allowed. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON for the body of a refusal; null when allowed. */
  readonly body: string | null
}

/** Options of {@link checkRateLimit}. */
export interface CheckRateLimitOptions extends RateLimitHeadersOptions {
  readonly source?: RateSource | undefined
}

/**
 * Counts a call and prepares the answer to it.
 *
 * @example
 * const { allowed, status, headers, body } = await checkRateLimit(limiter, {
 *   rule: 'api_call',
 *   key: userId,
 * })
 */
export async function checkRateLimit<Rule extends string>(
  limiter: RateLimiter<Rule>,
  checks: RateCheck<Rule> | readonly RateCheck<Rule>[],
  options: CheckRateLimitOptions = {},
): Promise<RateLimitAnswer> {
  const outcome = await limiter.checkAll([checks].flat(), options.source)
  const headers = rateLimitHeaders(outcome, limiter.rules, options)
  const problem = rateLimitProblem(outcome)
  if (problem === null) return { allowed: true, outcome, status: 200, headers, body: null }
  headers['Content-Type'] = 'application/problem+json'
  // Nobody else may be shown this refusal, and this client not once it is over.
  headers['Cache-Control'] = 'no-store'
  return { allowed: false, outcome, status: problem.status, headers, body: JSON.stringify(problem) }
}
