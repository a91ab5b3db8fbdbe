import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Context, Env, Hono } from 'hono'

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

/** Something that answers paths of its own. */
export interface Site {
  /** Whether a path, without query, is for it to answer, if only to say that there is nothing. */
  isOwn(path: string): boolean
  /** Answers a request; null for one that is not its own. */
  answer(request: Request, connection?: object): Promise<Response | null>
}

/** Makes one site of several. */
export function combineSites(
  sites: readonly { readonly app: Pick<Hono<Env>, 'fetch'>; isOwn(path: string): boolean }[],
): Site {
  return {
    isOwn: path => sites.some(site => site.isOwn(path)),
    async answer(request, connection = {}) {
      const { pathname } = new URL(request.url)
      const site = sites.find(({ isOwn }) => isOwn(pathname))
      return site === undefined ? null : site.app.fetch(request, connection)
    },
  }
}

/** Has a site answer what is its own of an Express application. */
export function mountExpress({ answer, isOwn }: Site): NodeMiddleware {
  const listen = getRequestListener(
    async (request, env) => (await answer(request, env)) ?? Response.error(),
    {
      // Request and Response are global, and not ours to replace.
      overrideGlobalObjects: false,
      // What goes wrong here is for the error handlers of the application.
      errorHandler: error => {
        throw error
      },
    },
  )
  return (request, response, next) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (!isOwn(path)) return next()
    restoreBody(request)
    listen(request, response).catch(next)
  }
}

/** Has a site answer what is its own of a Hono application. */
export function mountHono({ answer }: Site): HonoMiddleware {
  return async (given, next) => {
    const { req, env } = given as Context
    const response = await answer(req.raw, env)
    if (response !== null) return response
    await next()
    return undefined
  }
}

/** A parser that came first has read the body off the connection: it is written down again. */
function restoreBody(request: IncomingMessage): void {
  const { headers } = request
  const body: unknown = Reflect.get(request, 'body')
  if (!request.readableEnded || typeof body !== 'object' || body === null) return
  const type = headers['content-type'] ?? ''
  const write = writers.find(([start]) => type.startsWith(start))?.[1]
  if (write !== undefined) Reflect.set(request, 'rawBody', Buffer.from(write(body)))
}

const writers: readonly (readonly [type: string, write: (body: object) => string])[] = [
  ['application/x-www-form-urlencoded', writeForm],
  ['application/json', body => JSON.stringify(body)],
]

function writeForm(body: object): string {
  const fields = Object.entries(body).filter(([, value]) => typeof value === 'string')
  return new URLSearchParams(fields).toString()
}
