import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Context } from 'hono'
import type { Pages } from '../pages/router.ts'

/** Middleware as Express and others that build on node:http take it. */
export type NodeMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** Middleware as Hono takes it. */
export type HonoMiddleware = (
  context: object,
  next: () => Promise<unknown>,
) => Promise<Response | undefined>

/** Has pages answer what is theirs of an Express application. */
export function mountExpress(app: Pages['app'], isOwn: Pages['isOwn']): NodeMiddleware {
  const listen = getRequestListener((request, env) => app.fetch(request, env), {
    // Request and Response are global, and not ours to replace.
    overrideGlobalObjects: false,
    // What goes wrong here is for the error handlers of the application.
    errorHandler: error => {
      throw error
    },
  })
  return (request, response, next) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (!isOwn(path)) return next()
    restoreBody(request)
    listen(request, response).catch(next)
  }
}

/** Has pages answer what is theirs of a Hono application. */
export function mountHono(
  answer: (request: Request, connection?: object) => Promise<Response | null>,
): HonoMiddleware {
  return async (given, next) => {
    const { req, env } = given as Context
    const response = await answer(req.raw, env)
    if (response !== null) return response
    await next()
    return undefined
  }
}

/** A parser that came first has read the form off the connection: it is written down again. */
function restoreBody(request: IncomingMessage): void {
  const { headers } = request
  const body: unknown = Reflect.get(request, 'body')
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
  if (!isForm || !request.readableEnded || typeof body !== 'object' || body === null) return
  const fields = Object.entries(body).filter(([, value]) => typeof value === 'string')
  Reflect.set(request, 'rawBody', Buffer.from(new URLSearchParams(fields).toString()))
}
