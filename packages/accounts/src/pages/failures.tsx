import type { Session, SessionData } from 'cloakroom'
import { HttpError } from 'cloakroom'
import { Hono } from 'hono'
import type { VisitDevice } from '../account/ports.ts'
import { answerError, refusePage } from './answers.tsx'
import { type PageParts, show } from './renderer.ts'
import { addressOf, type PageEnv, type PageRequest } from './request.ts'
import { MessagePage } from './visitor-pages.tsx'

/** A request to one of the application's own routes that ended in an error. */
export interface Failure {
  readonly error: unknown
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly session: Session<SessionData>
  readonly nonce: string
  readonly csrfToken: () => string
}

/** Answers with a page what Cloakroom threw; null for an error that is none of its own. */
export type FailurePages = (failure: Failure) => Promise<Response | null>

interface FailureEnv extends PageEnv {
  readonly Bindings: Failure
}

const noDevice: VisitDevice = { idFor: () => undefined, note: () => undefined }

/** Makes {@link FailurePages}. */
export function createFailurePages(parts: PageParts): FailurePages {
  const app = new Hono<FailureEnv>()
  app.all('*', async request => {
    const { error, session, nonce, csrfToken } = request.env
    request.set('session', session)
    request.set('nonce', nonce)
    request.set('csrfToken', csrfToken)
    request.set('knownDevice', () => noDevice)
    const answer = await answerFailure(parts, request as unknown as PageRequest, error)
    return answer ?? new Response(null, { status: notOurs })
  })
  return async failure => {
    const { method, url } = failure
    const request = new Request(new URL(url, 'http://application'), { method })
    const response = await app.fetch(request, failure)
    return response.status === notOurs ? null : response
  }
}

/** No page has this status. */
const notOurs = 599

/** Answers an error of an application's route with a page; null for one that is not Cloakroom's. */
export function answerFailure(
  parts: PageParts,
  request: PageRequest,
  error: unknown,
): Promise<Response> | Response | null {
  const reason = error instanceof HttpError ? error.problem['reason'] : undefined
  if (reason === 'stale') return toConfirmation(parts, request)
  if (reason === 'impersonating') {
    return refusePage(parts, request, { status: 403, message: 'impersonating' })
  }
  const isVisitor = error instanceof HttpError && error.code === 'ERR_UNAUTHENTICATED'
  if (isVisitor && request.req.method !== 'GET') return showSignInFirst(parts, request)
  return answerError(parts, request, error)
}

/** Has somebody prove again who they are, and come back; what they sent they have to send again. */
function toConfirmation({ base, theme }: PageParts, request: PageRequest): Response {
  const next = request.req.method === 'GET' ? addressOf(request) : theme.home
  return request.redirect(`${base}/confirm?${new URLSearchParams({ next })}`, 303)
}

function showSignInFirst(parts: PageParts, request: PageRequest): Promise<Response> {
  const { texts, base } = parts
  const [title, text] = texts.errors.unauthorized
  const onward = { href: `${base}/login`, text: texts.common.signIn }
  return show(parts, request, {
    status: 401,
    page: context => <MessagePage context={context} title={title} text={text} onward={onward} />,
  })
}

/** Whether whoever asked would rather read a page than an answer for programs. */
export function wantsPage(accept: string | undefined): boolean {
  return accept?.includes('text/html') === true
}
