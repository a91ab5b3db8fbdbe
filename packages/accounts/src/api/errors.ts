import { ConflictError, HttpError, StoreError } from 'cloakroom'
import type { ProblemReason } from '../wire/problem.ts'
import { answerProblem } from './refusals.ts'

/** Answers what Cloakroom or a store threw; null for an error that is none of theirs. */
export function answerError(error: unknown): Response | null {
  if (error instanceof StoreError) return answerProblem('busy', { retryAfterSeconds: 5 })
  if (error instanceof ConflictError) {
    return answerProblem(error.code === 'ERR_SESSION_GONE' ? 'unauthenticated' : 'conflict')
  }
  if (!(error instanceof HttpError)) return null
  const { headers, code, problem } = error
  const wait = headers['Retry-After']
  const isStale = code === 'ERR_FORBIDDEN' && problem['reason'] === 'stale'
  const facts = wait === undefined ? {} : { retryAfterSeconds: Number(wait) }
  return answerProblem(isStale ? 'reauthenticate' : reasons[code], facts, headers)
}

const reasons = {
  ERR_UNAUTHENTICATED: 'unauthenticated',
  ERR_FORBIDDEN: 'forbidden',
  ERR_CSRF: 'csrf',
  ERR_CONFLICT: 'conflict',
  ERR_RATE_LIMITED: 'limited',
  ERR_UNAVAILABLE: 'busy',
} as const satisfies Readonly<Record<HttpError['code'], ProblemReason>>
