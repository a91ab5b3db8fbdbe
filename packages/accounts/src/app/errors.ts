import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Session, SessionData } from 'cloakroom'
import { errors as plainExpressErrors } from 'cloakroom/express'
import { errors as plainHonoErrors } from 'cloakroom/hono'
import type { Context } from 'hono'
import { type FailurePages, wantsPage } from '../pages/failures.tsx'
import type { RequestEnv } from '../web/request.ts'

/** Error handler as Express takes it. */
export type NodeErrorHandler = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** Error handler as Hono takes it, for `app.onError`. */
export type HonoErrorHandler = (error: Error, context: object) => Response | Promise<Response>

/** What Cloakroom's middleware puts beside a request and a response of Express. */
interface ExpressRequest extends IncomingMessage {
  readonly session?: Session<SessionData>
  readonly originalUrl?: string
}

interface ExpressResponse extends ServerResponse {
  readonly locals?: { readonly nonce: string; readonly csrfToken: () => string }
}

/** Answers errors of an Express application: pages for browsers, `application/problem+json` for others. */
export function expressErrors(pages: FailurePages): NodeErrorHandler {
  const plain = plainExpressErrors() as unknown as NodeErrorHandler
  return (error, request: ExpressRequest, response: ExpressResponse, next) => {
    const { session, method = 'GET', originalUrl: url = request.url ?? '/' } = request
    const { locals } = response
    if (!session || !locals || !wantsPage(request.headers.accept) || response.headersSent) {
      return plain(error, request, response, next)
    }
    pages({ error, method, url, session, ...locals })
      .then(page => (page === null ? next(error) : send(page, response)))
      .catch(next)
  }
}

async function send(page: Response, response: ServerResponse): Promise<void> {
  response.statusCode = page.status
  for (const [name, value] of page.headers) response.setHeader(name, value)
  response.end(await page.text())
}

/** The same for Hono. */
export function honoErrors(pages: FailurePages): HonoErrorHandler {
  const plain = plainHonoErrors()
  return async (error, given) => {
    const context = given as Context<RequestEnv>
    const session = context.get('session')
    const page =
      session !== undefined && wantsPage(context.req.header('accept'))
        ? await pages({
            error,
            method: context.req.method,
            url: context.req.url,
            session,
            nonce: context.get('nonce'),
            csrfToken: context.get('csrfToken'),
          })
        : null
    return page === null ? plain(error, context) : context.newResponse(page.body, page)
  }
}
