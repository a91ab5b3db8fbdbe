import { ConflictError, HttpError, StoreError } from 'cloakroom'
import type { Refusal, Throttled, Unsupported } from '../flows/outcome.ts'
import type { OwnerRefusal } from '../flows/owner.ts'
import { secondsOf } from '../web/request.ts'
import { type PageParts, type PageStatus, show } from './renderer.ts'
import { addressOf, type PageRequest } from './request.ts'
import type { Texts } from './texts.ts'
import { MessagePage } from './visitor-pages.tsx'

/** Refusals that are answered alike on every page. */
export type CommonRefusal = Throttled | OwnerRefusal | Unsupported | Refusal<'forbidden' | 'gone'>

type Message = Exclude<keyof Texts['errors'], 'retryIn' | 'home'>

/** Answers with a page about what is in the way. */
export function refusePage(
  parts: PageParts,
  request: PageRequest,
  about: { status: PageStatus; message: Message; retryAfterSeconds?: number | null },
): Promise<Response> {
  const { texts, theme } = parts
  const { status, message, retryAfterSeconds: wait = null } = about
  const [title, text] = texts.errors[message]
  if (wait !== null) request.header('retry-after', String(wait))
  return show(parts, request, {
    status,
    page: context => (
      <MessagePage
        context={context}
        title={title}
        text={text}
        onward={{ href: theme.home, text: texts.errors.home }}
        {...(wait !== null && { retryInSeconds: wait })}
      />
    ),
  })
}

/** Answers a refusal that has nothing to do with what was typed. */
export function answerRefusal(
  parts: PageParts,
  request: PageRequest,
  refusal: CommonRefusal,
): Promise<Response> | Response {
  const refuse = (status: PageStatus, message: Message, wait: number | null = null) =>
    refusePage(parts, request, { status, message, retryAfterSeconds: wait })
  switch (refusal.reason) {
    case 'limited':
      return refuse(429, 'limited', secondsOf(refusal.retryAfterMs))
    case 'busy':
      return refuse(503, 'unavailable', secondsOf(refusal.retryAfterMs))
    case 'unauthenticated':
      return toSignIn(parts, request)
    case 'unsupported':
    case 'gone':
      return refuse(404, 'notFound')
    default:
      return refuse(403, 'forbidden')
  }
}

/** Sends a visitor to the sign-in page, and back to where they are afterwards. */
export function toSignIn({ base }: Pick<PageParts, 'base'>, request: PageRequest): Response {
  const isReading = request.req.method === 'GET'
  const query = new URLSearchParams({ next: isReading ? addressOf(request) : `${base}/account` })
  const { reason } = request.get('session')
  if (reason === 'idle' || reason === 'absolute') query.set('ended', '1')
  return request.redirect(`${base}/login?${query}`, 303)
}

/** Answers what Cloakroom or a store threw; null for an error that is none of theirs. */
export function answerError(
  parts: PageParts,
  request: PageRequest,
  error: unknown,
): Promise<Response> | Response | null {
  if (error instanceof StoreError) {
    return refusePage(parts, request, { status: 503, message: 'unavailable', retryAfterSeconds: 5 })
  }
  if (error instanceof ConflictError) {
    // The session ended, or was changed, while the request was under way.
    if (error.code === 'ERR_SESSION_GONE') return toSignIn(parts, request)
    return refusePage(parts, request, { status: 409, message: 'stale' })
  }
  if (!(error instanceof HttpError)) return null
  const { code, headers } = error
  for (const [name, value] of Object.entries(headers)) request.header(name, value)
  const wait = headers['Retry-After']
  const retryAfterSeconds = wait === undefined ? null : Number(wait)
  if (code === 'ERR_UNAUTHENTICATED') return toSignIn(parts, request)
  return refusePage(parts, request, { ...httpMessages[code], retryAfterSeconds })
}

const httpMessages = {
  ERR_FORBIDDEN: { status: 403, message: 'forbidden' },
  ERR_CSRF: { status: 403, message: 'stale' },
  ERR_CONFLICT: { status: 409, message: 'stale' },
  ERR_RATE_LIMITED: { status: 429, message: 'limited' },
  ERR_UNAVAILABLE: { status: 503, message: 'unavailable' },
} as const
