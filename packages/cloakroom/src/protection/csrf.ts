import { fromBase64Url, toBase64Url } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import { randomBytes } from '../core/random.ts'
import { type CsrfRefusal, type CsrfRequest, decide } from './csrf-decision.ts'
import { type CsrfOptions, resolveCsrf } from './csrf-options.ts'
import { type CsrfProblem, describeRefusal } from './csrf-problem.ts'
import {
  type CsrfHolder,
  type CsrfTokenCheck,
  csrfSecretLength,
  issueToken,
  verifyToken,
} from './csrf-token.ts'

/** What a check came to. */
export type CsrfVerdict =
  | {
      readonly ok: true
      /** What would have been refused if `reportOnly` were off. */
      readonly reported: CsrfRefusal | null
    }
  | CsrfRefusal

/** A token for a visitor, and the cookie that it is good with. */
export interface AnonymousToken {
  readonly token: string
  /** Belongs into the visitor cookie, signed. */
  readonly cookieValue: string
  /** False when the visitor has that cookie already. */
  readonly isNew: boolean
}

/** Protection against requests that another site makes a browser send. */
export interface Csrf {
  readonly timeoutMs: number
  readonly headerName: string
  readonly fieldName: string
  /** A token for the pages of a session. Each call gives another one, and all of them are good. */
  issue(secret: Uint8Array): string
  /**
   * Checks a token of any shape, and tells its age.
   *
   * For a decision about a request use `checkRequest`. @default holder 'session'
   */
  verify(token: unknown, secret: Uint8Array | null, holder?: CsrfHolder): CsrfTokenCheck
  /**
   * A token for the forms of somebody without a session (signed double submit).
   *
   * @param cookieValue what the visitor cookie holds, its signature already checked, or null. A
   * value that is no secret is replaced.
   */
  issueAnonymous(cookieValue: string | null): AnonymousToken
  /** The secret in the value of a visitor cookie, or null when there is none in it. */
  anonymousSecret(cookieValue: string | null): Uint8Array | null
  /**
   * Decides by method, path and headers, before anything of the body is read: an upload that another
   * site started is refused before it arrives.
   */
  checkRequest(request: CsrfRequest): CsrfVerdict
  /**
   * Decides again with the parsed body: a plain object, FormData or URLSearchParams.
   *
   * Only for a refusal with `mayBeInBody`; every other answer of `checkRequest` is final.
   */
  checkBody(request: CsrfRequest, body: unknown): CsrfVerdict
  /** The answer to a refused request. The fresh token is left out where it is not allowed. */
  respond(refusal: CsrfRefusal, freshToken: string | null): CsrfProblem
}

/** Makes the {@link Csrf} protection. @throws {ConfigError} naming the setting at fault. */
export function createCsrf(options: CsrfOptions, deps: { readonly clock: Clock }): Csrf {
  const { clock } = deps
  const policy = resolveCsrf(options)
  const { timeoutMs, headerName, fieldName } = policy
  const verify: Csrf['verify'] = (token, secret, holder = 'session') =>
    verifyToken(token, { secret, holder, now: clock.now(), timeoutMs })
  const judge = (request: CsrfRequest, token: unknown): CsrfRefusal | null =>
    decide(request, policy, () => verify(token, request.secret, request.holder))
  const conclude = (refusal: CsrfRefusal | null): CsrfVerdict =>
    refusal === null || policy.reportOnly ? { ok: true, reported: refusal } : refusal
  return {
    timeoutMs,
    headerName,
    fieldName,
    verify,
    anonymousSecret,
    issue: secret => issueToken(secret, 'session', clock.now()),
    issueAnonymous(cookieValue) {
      const present = anonymousSecret(cookieValue)
      const secret = present ?? randomBytes(csrfSecretLength)
      const token = issueToken(secret, 'visitor', clock.now())
      return { token, cookieValue: toBase64Url(secret), isNew: present === null }
    },
    checkRequest: request => conclude(judge(request, request.header(headerName))),
    checkBody(request, body) {
      const token = request.header(headerName) || readField(body, fieldName)
      const refusal = judge(request, token)
      return conclude(refusal === null ? null : { ...refusal, mayBeInBody: false })
    },
    respond: (refusal, token) => describeRefusal(refusal, { headerName, token }),
  }
}

function anonymousSecret(cookieValue: string | null): Uint8Array | null {
  const secret = fromBase64Url(cookieValue ?? '')
  return secret?.byteLength === csrfSecretLength ? secret : null
}

// A field that is there twice comes out as a list, which is no token.
function readField(body: unknown, name: string): unknown {
  if (body instanceof FormData || body instanceof URLSearchParams) {
    const values: unknown[] = body.getAll(name)
    return values.length > 1 ? values : values[0]
  }
  if (typeof body !== 'object' || body === null) return undefined
  return Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
}
