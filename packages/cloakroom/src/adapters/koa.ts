import type { Context, Middleware } from 'koa'
import type { Engine } from '../web/engine.ts'
import { createContextGuards, type Guards } from '../web/guards.ts'
import type { OpenOptions } from '../web/handle.ts'
import type { ContextMiddleware } from '../web/mount.ts'
import { beginNodeHandling } from '../web/node.ts'
import { answerError } from '../web/problem.ts'
import { serveHandling } from '../web/serve.ts'

/** Makes the middleware. Parse bodies before it, so that tokens in forms are found. */
export function koaMiddleware<Data extends object>(
  engine: Engine<Data>,
  options?: OpenOptions,
): ContextMiddleware {
  return async (given, next) => {
    const context = given as Context
    const handling = beginNodeHandling(engine, {
      request: context.req,
      response: context.res,
      body: () => ('body' in context.request ? context.request.body : undefined),
      onError: error => context.onerror(error as Error),
    })
    const { session, nonce } = handling
    Object.assign(context, { session })
    Object.assign(context.state, { nonce, csrfToken: () => handling.csrf().token() })
    await serveHandling(handling, options, next)
  }
}

const guards: Guards<Middleware, Context> = /* @__PURE__ */ createContextGuards()

/** Lets in whoever is signed in and has at least this role. */
export const requireAuth: typeof guards.requireAuth = guards.requireAuth
/** Lets in whoever has this permission. */
export const requirePermission: typeof guards.requirePermission = guards.requirePermission
/** Lets in whoever proved who they are within this time, such as `'5m'`. */
export const fresh: typeof guards.fresh = guards.fresh
/** Checks the request against forgery, where `koa({ csrf: false })` left that to the routes. */
export const csrf: typeof guards.csrf = guards.csrf
/** Counts requests under a rule: by user, or by address for visitors, or by a key of your own. */
export const rateLimit: typeof guards.rateLimit = guards.rateLimit
/** Has requests not count as activity, so that a polling page does not keep its user signed in. */
export const passive: typeof guards.passive = guards.passive
/** Reads the session from the store itself, whatever copies there are: for payments and the like. */
export const sensitive: typeof guards.sensitive = guards.sensitive
/** What the handler sees while the store cannot answer: an error 503, or a visitor. */
export const onUnavailable: typeof guards.onUnavailable = guards.onUnavailable

/** Answers the errors that Cloakroom throws; all others go on. Mount it before everything else. */
export function errors(): Middleware {
  return async (context, next) => {
    try {
      await next()
    } catch (error) {
      const answer = answerError(error, context.get('accept'))
      if (answer === null || context.headerSent) throw error
      context.status = answer.status
      context.set(answer.headers)
      context.body = answer.body
    }
  }
}
