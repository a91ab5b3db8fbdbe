import type { CsrfPolicy } from './csrf-options.ts'

/** What of a request its headers are judged by. */
export interface CsrfHeaders {
  /** Value of a header; its name is given in lower case. */
  header(name: string): string | undefined
  /** Origins of this site: the configured ones, or the one that the request was sent to. */
  readonly ownOrigins: readonly string[]
}

/** What the headers tell of the page that sent a request. */
export type CsrfEvidence =
  /** A page of this site, or the person directly. */
  | 'same-origin'
  /** A page of another site that is allowed to. */
  | 'trusted'
  /** No browser of today, since the headers are missing. */
  | 'absent'
  /** A page whose origin the browser keeps to itself: sandboxed, redirected, or `no-referrer`. */
  | 'opaque'
  | CsrfForeign

/** A page that is not allowed to send requests here. */
export type CsrfForeign = 'same-site' | 'cross-site' | 'origin-mismatch'

/**
 * Judges where a request comes from, before anything of its body is read.
 *
 * Sec-Fetch-Site goes first: no proxy changes what it means, while Origin can only be compared with
 * what this server takes for its own address. Origins are compared as texts, scheme included.
 */
export function judgeHeaders(
  request: CsrfHeaders,
  policy: Pick<CsrfPolicy, 'trustedOrigins' | 'allowSameSite'>,
): CsrfEvidence {
  const site = request.header('sec-fetch-site')
  const origin = request.header('origin')
  if (site === 'same-origin' || site === 'none') return 'same-origin'
  const isOwn = origin !== undefined && request.ownOrigins.includes(origin)
  const isTrusted = origin !== undefined && (isOwn || policy.trustedOrigins.includes(origin))
  if (site === 'same-site') return isTrusted || policy.allowSameSite ? 'trusted' : 'same-site'
  if (site === 'cross-site') return isTrusted ? 'trusted' : 'cross-site'
  if (origin === undefined) return 'absent'
  if (origin === 'null') return 'opaque'
  if (isOwn) return 'same-origin'
  return isTrusted ? 'trusted' : 'origin-mismatch'
}
