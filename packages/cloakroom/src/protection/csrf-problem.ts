import type { HeaderList } from '../http/headers.ts'
import type { CsrfReason, CsrfRefusal } from './csrf-decision.ts'

/** An answer in the format of RFC 9457. */
export interface CsrfProblem {
  readonly status: 403
  readonly headers: HeaderList
  readonly body: string
}

/** What the check goes by; a cache must keep answers to different values apart. */
export const csrfVary: readonly string[] = ['Sec-Fetch-Site', 'Origin']

const foreign = 'The request came from a page of another site, which may not send it.'
const stale = 'The page has been open for too long. Load it again and repeat the request.'
const absent = 'The request carries no proof that a page of this site sent it.'

const details: Readonly<Record<CsrfReason, string>> = {
  'same-site': foreign,
  'cross-site': foreign,
  'origin-mismatch': foreign,
  'origin-opaque': absent,
  'token-missing': absent,
  'token-malformed': stale,
  'token-mismatch': stale,
  'token-expired': stale,
}

/** Writes the answer to a refused request. */
export function describeRefusal(
  refusal: CsrfRefusal,
  fresh: { readonly headerName: string; readonly token: string | null },
): CsrfProblem {
  const token = refusal.freshTokenAllowed ? fresh.token : null
  const problem = {
    type: 'about:blank',
    title: 'Forbidden',
    status: refusal.status,
    detail: details[refusal.reason],
    code: 'ERR_CSRF',
    reason: refusal.reason,
  }
  return {
    status: refusal.status,
    headers: [
      ['content-type', 'application/problem+json'],
      ['cache-control', 'no-store'],
      ['vary', csrfVary.join(', ')],
      ...(token === null ? [] : [[fresh.headerName, token] as const]),
    ],
    body: JSON.stringify(token === null ? problem : { ...problem, csrfToken: token }),
  }
}
