import { HttpError } from '../core/errors.ts'
import type { RateLimitOutcome } from '../protection/rate-limit.ts'
import { rateLimitProblem } from '../protection/rate-limit-headers.ts'

/** The answer to a request that a rule refuses, with 429, 403 or 503; null when it passes. */
export function rateRefusal(
  outcome: RateLimitOutcome,
  headers: Readonly<Record<string, string>>,
): HttpError | null {
  const problem = rateLimitProblem(outcome)
  if (problem === null) return null
  const code = problem.status === 503 ? 'ERR_UNAVAILABLE' : 'ERR_RATE_LIMITED'
  return new HttpError(code, problem.status, problem.title, { headers, problem: { ...problem } })
}
