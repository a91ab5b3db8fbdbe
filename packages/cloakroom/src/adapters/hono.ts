import type { IncomingMessage } from 'node:http'
import type { Context, ErrorHandler, MiddlewareHandler } from 'hono'
import type { Engine } from '../web/engine.ts'
import { errorResponse, fetchExchange, giveUp } from '../web/fetch.ts'
import { createFetchHead } from '../web/fetch-head.ts'
import { createContextGuards, type Guards } from '../web/guards.ts'
import { beginHandling, type OpenOptions } from '../web/handle.ts'
import type { ContextMiddleware } from '../web/mount.ts'
import { serveHandling } from '../web/serve.ts'

/** Makes the middleware. */
export function honoMiddleware<Data extends object>(
  engine: Engine<Data>,
  options?: OpenOptions,
): ContextMiddleware {
  return async (given, next) => {
    const context = given as Context
    const head = createFetchHead()
    const exchange = fetchExchange(context.req.raw, head, { address: addressOf(context) })
    const handling = beginHandling(engine, exchange)
    context.set('session', handling.session)
    context.set('nonce', handling.nonce)
    context.set('csrfToken', () => handling.csrf().token())
    context.set('knownDevice', handling.device)
    try {
      await serveHandling(handling, options, next)
    } catch (error) {
      if (context.finalized) giveUp(context.res, error)
      // What answers the error begins with our headers, and without those of the handler.
      clear(context)
      const { headers } = head.adopt(new Response())
      handling.complete()
      for (const [name, value] of headers) context.header(name, value, { append: true })
      throw error
    }
    const response = head.adopt(context.res)
    handling.complete()
    // A response that is there would have its headers put on the new one.
    context.res = undefined
    context.res = response
  }
}

function clear(context: Context): void {
  const names = context.finalized ? [...context.res.headers.keys()] : []
  context.res = undefined
  context.finalized = false
  for (const name of names) context.header(name)
}

/** The server for Node hands its own request along; others tell nothing about the connection. */
function addressOf({ env = {} }: Context): string | undefined {
  return (env as { incoming?: IncomingMessage }).incoming?.socket.remoteAddress
}

const guards: Guards<MiddlewareHandler, Context> = /* @__PURE__ */ createContextGuards()

/** Lets in whoever is signed in and has at least this role. */
export const requireAuth: typeof guards.requireAuth = guards.requireAuth
/** Lets in whoever has this permission. */
export const requirePermission: typeof guards.requirePermission = guards.requirePermission
/** Lets in whoever proved who they are within this time, such as `'5m'`. */
export const fresh: typeof guards.fresh = guards.fresh
/** Checks the request against forgery, where `hono({ csrf: false })` left that to the routes. */
export const csrf: typeof guards.csrf = guards.csrf
/** Counts requests under a rule: by user, or by address for visitors, or by a key of your own. */
export const rateLimit: typeof guards.rateLimit = guards.rateLimit
/** Has requests not count as activity, so that a polling page does not keep its user signed in. */
export const passive: typeof guards.passive = guards.passive
/** Reads the session from the store itself, whatever copies there are: for payments and the like. */
export const sensitive: typeof guards.sensitive = guards.sensitive
/** What the handler sees while the store cannot answer: an error 503, or a visitor. */
export const onUnavailable: typeof guards.onUnavailable = guards.onUnavailable

/** Answers the errors that Cloakroom throws, for `app.onError`; all others are thrown on. */
export function errors(): ErrorHandler {
  return (error, context) => {
    const answer = errorResponse(error, context.req.raw)
    return context.newResponse(answer.body, answer)
  }
}
