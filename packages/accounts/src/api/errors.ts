import { ConflictError, HttpError, StoreError } from 'cloakroom'
import type { Problem, ProblemReason } from '../wire/problem.ts'
import { answerProblem } from './refusals.ts'

/**
 * Answers what Cloakroom or a store threw; null for an error that is none of theirs.
 *
 * @param ended how the session that the browser had ended by itself.
 */
export function answerError(error: unknown, ended: Problem['ended'] | null): Response | null {
  if (error instanceof StoreError) return answerProblem('busy', { retryAfterSeconds: 5 })
  if (error instanceof ConflictError) {
    return answerProblem(error.code === 'ERR_SESSION_GONE' ? 'unauthenticated' : 'conflict')
  }
  if (!(error instanceof HttpError)) return null
  const { headers, code, problem } = error
  const wait = headers['Retry-After']
  const isStale = code === 'ERR_FORBIDDEN' && problem['reason'] === 'stale'
  const reason = isStale ? 'reauthenticate' : reasons[code]
  const facts = {
    ...(wait !== undefined && { retryAfterSeconds: Number(wait) }),
    ...(reason === 'unauthenticated' && ended !== null && { ended }),
  }
  return answerProblem(reason, facts, headers)
}

const reasons = {
  ERR_UNAUTHENTICATED: 'unauthenticated',
  ERR_FORBIDDEN: 'forbidden',
  ERR_CSRF: 'csrf',
  ERR_CONFLICT: 'conflict',
  ERR_RATE_LIMITED: 'limited',
  ERR_UNAVAILABLE: 'busy',
} as const satisfies Readonly<Record<HttpError['code'], ProblemReason>>
