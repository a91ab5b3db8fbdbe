import type { Problem, ProblemCode, ProblemReason } from '../wire/problem.ts'

/** How a reason is answered. */
interface Refused {
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
}

const refused = (status: number, code: ProblemCode, detail: string): Refused => ({
  status,
  code,
  detail,
})

/**
 * Every reason. The status 401 is only for those who are not signed in, so that a front end may take it
 * for the end of the session.
 */
export const refusals: Readonly<Record<ProblemReason, Refused>> = {
  unauthenticated: refused(401, 'ERR_UNAUTHENTICATED', 'Sign in first.'),
  forbidden: refused(403, 'ERR_FORBIDDEN', 'You may not do this.'),
  impersonating: refused(403, 'ERR_FORBIDDEN', 'Only the owner of the account may do this.'),
  reauthenticate: refused(403, 'ERR_FORBIDDEN', 'Confirm who you are first.'),
  wrong: refused(
    403,
    'ERR_FORBIDDEN',
    'This is not the right password or code, or there is no account.',
  ),
  'change-password': refused(403, 'ERR_FORBIDDEN', 'Choose a password of your own first.'),
  'second-factor': refused(403, 'ERR_FORBIDDEN', 'Send a code of the second factor.'),
  'enrol-second-factor': refused(403, 'ERR_FORBIDDEN', 'Set up a second factor first.'),
  csrf: refused(403, 'ERR_CSRF', 'The request carries no proof that your own page sent it.'),
  'not-found': refused(404, 'ERR_NOT_FOUND', 'There is nothing at this address.'),
  unsupported: refused(404, 'ERR_NOT_FOUND', 'This is not possible here.'),
  gone: refused(404, 'ERR_NOT_FOUND', 'It is no more.'),
  token: refused(404, 'ERR_NOT_FOUND', 'The link was used, or has ended.'),
  conflict: refused(409, 'ERR_CONFLICT', 'Another request was faster. Load again and repeat.'),
  'too-many-sessions': refused(409, 'ERR_CONFLICT', 'There are as many sessions as allowed.'),
  required: refused(409, 'ERR_CONFLICT', 'Your role demands this.'),
  taken: refused(409, 'ERR_CONFLICT', 'There is an account with this address.'),
  'last-admin': refused(409, 'ERR_CONFLICT', 'Somebody must be able to administer.'),
  'too-large': refused(413, 'ERR_INVALID', 'The request is too large.'),
  'media-type': refused(415, 'ERR_INVALID', 'Send `application/json`.'),
  invalid: refused(422, 'ERR_INVALID', 'The request is not as described.'),
  email: refused(422, 'ERR_INVALID', 'This is no e-mail address.'),
  name: refused(422, 'ERR_INVALID', 'This name is too long, or has characters that no name has.'),
  password: refused(422, 'ERR_INVALID', 'This password cannot be chosen.'),
  role: refused(422, 'ERR_INVALID', 'You cannot give this role.'),
  reason: refused(
    422,
    'ERR_INVALID',
    'Give a reason, of ten characters at least to act as somebody.',
  ),
  address: refused(422, 'ERR_INVALID', 'This is no IP address.'),
  'own-address': refused(409, 'ERR_CONFLICT', 'This is your own address.'),
  rule: refused(422, 'ERR_INVALID', 'Nothing can be blocked by hand under this rule.'),
  subject: refused(422, 'ERR_INVALID', 'The rule does not count this.'),
  duration: refused(422, 'ERR_INVALID', 'Between a second and ten years are possible.'),
  limited: refused(429, 'ERR_RATE_LIMITED', 'Too many requests.'),
  busy: refused(503, 'ERR_UNAVAILABLE', 'This is not possible at the moment.'),
}

const titles: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

/** What a problem may say besides its reason. */
export type ProblemFacts = Pick<
  Problem,
  'retryAfterSeconds' | 'ended' | 'token' | 'password' | 'faults'
>

/** Answers a request with the reason why it is refused. */
export function answerProblem(
  reason: ProblemReason,
  facts: ProblemFacts = {},
  given: Readonly<Record<string, string>> = {},
): Response {
  const { status, code, detail } = refusals[reason]
  const title = titles[status] ?? 'Error'
  const problem: Problem = { type: 'about:blank', title, status, detail, code, reason, ...facts }
  const { retryAfterSeconds: wait = null } = facts
  const head = new Headers({ 'cache-control': 'no-store', ...given })
  head.set('content-type', 'application/problem+json')
  if (wait !== null) head.set('retry-after', String(wait))
  return new Response(JSON.stringify(problem), { status, headers: head })
}
