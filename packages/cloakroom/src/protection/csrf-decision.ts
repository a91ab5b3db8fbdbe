import {
  type CsrfEvidence,
  type CsrfForeign,
  type CsrfHeaders,
  judgeHeaders,
} from './csrf-evidence.ts'
import type { CsrfPolicy } from './csrf-options.ts'
import type { CsrfHolder, CsrfTokenCheck, CsrfTokenProblem } from './csrf-token.ts'

/** A request as far as the protection looks at it. */
export interface CsrfRequest extends CsrfHeaders {
  readonly method: string
  /** As the router compares it. A query is left aside. */
  readonly path: string
  readonly holder: CsrfHolder
  /** Secret of the session, or of the visitor's cookie; null when the request has neither. */
  readonly secret: Uint8Array | null
}

/** Why a request is refused. */
export type CsrfReason = CsrfForeign | 'origin-opaque' | CsrfTokenProblem

/** A refused request. */
export interface CsrfRefusal {
  readonly ok: false
  readonly reason: CsrfReason
  readonly status: 403
  /** Whether the request surely came from this site, so that it may be told a fresh token. */
  readonly freshTokenAllowed: boolean
  /** Whether all that is missing is a token, which the body may hold: go on to `checkBody`. */
  readonly mayBeInBody: boolean
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Decides about a request; null lets it pass.
 *
 * Every method that may change something is checked, whatever the type of its content: a list of
 * form types has been got round again and again.
 *
 * @param checkToken is asked only when the headers do not decide.
 */
export function decide(
  request: CsrfRequest,
  policy: CsrfPolicy,
  checkToken: () => CsrfTokenCheck,
): CsrfRefusal | null {
  if (safeMethods.has(request.method) || isExempt(request, policy)) return null
  const evidence = judgeHeaders(request, policy)
  if (isForeign(evidence)) return refuse(evidence, evidence)
  const demand = policy.demands[request.holder]
  if (demand === 'never') return evidence === 'opaque' ? refuse('origin-opaque', evidence) : null
  if (demand === 'unproven' && isProof(evidence)) return null
  const token = checkToken()
  return token.ok ? null : refuse(token.reason, evidence)
}

function isExempt({ method, path }: CsrfRequest, policy: CsrfPolicy): boolean {
  return policy.exempt.has(`${method} ${path.split('?', 1)[0]}`)
}

function isProof(evidence: CsrfEvidence): boolean {
  return evidence === 'same-origin' || evidence === 'trusted'
}

function isForeign(evidence: CsrfEvidence): evidence is CsrfForeign {
  return !isProof(evidence) && evidence !== 'absent' && evidence !== 'opaque'
}

function refuse(reason: CsrfReason, evidence: CsrfEvidence): CsrfRefusal {
  return {
    ok: false,
    reason,
    status: 403,
    freshTokenAllowed: evidence === 'same-origin',
    mayBeInBody: reason === 'token-missing',
  }
}
