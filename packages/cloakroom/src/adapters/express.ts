import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { currentHandling, runHandling } from '../web/context.ts'
import type { Engine } from '../web/engine.ts'
import { createGuards, type Guards } from '../web/guards.ts'
import type { Handling, OpenOptions } from '../web/handle.ts'
import type { NodeMiddleware } from '../web/mount.ts'
import { beginNodeHandling } from '../web/node.ts'
import { answerError, type ErrorFacts } from '../web/problem.ts'
import { callBack } from '../web/serve.ts'

/** Where a request keeps its handling: parsers of bodies may lose what runs with it. */
const kept: unique symbol = Symbol('cloakroom')

type Kept = Request & { [kept]?: Handling<never> }

/** Makes the middleware. Parse bodies before it, so that tokens in forms are found. */
export function expressMiddleware<Data extends object>(
  engine: Engine<Data>,
  options?: OpenOptions,
): NodeMiddleware {
  return (request, response, next) => {
    const keep = (handling: Handling<Data>) => Object.assign(request, { [kept]: handling })
    const handling = beginNodeHandling(engine, {
      request,
      response,
      onError(error, other) {
        keep(other)
        next(error)
      },
    })
    const { session, nonce } = handling
    Object.assign(keep(handling), { session })
    Object.assign((response as Response).locals, {
      nonce,
      csrfToken: () => handling.csrf().token(),
    })
    runHandling(handling, () => callBack(handling.open(options), next))
  }
}

const guards: Guards<RequestHandler, Request> = /* @__PURE__ */ createGuards(
  check => (request: Kept, _response, next) => {
    const handling = request[kept] ?? currentHandling()
    runHandling(handling, () => callBack(check(handling, request), next))
  },
)

/** Lets in whoever is signed in and has at least this role. */
export const requireAuth: typeof guards.requireAuth = guards.requireAuth
/** Lets in whoever has this permission. */
export const requirePermission: typeof guards.requirePermission = guards.requirePermission
/** Lets in whoever proved who they are within this time, such as `'5m'`. */
export const fresh: typeof guards.fresh = guards.fresh
/** Checks the request against forgery, where `express({ csrf: false })` left that to the routes. */
export const csrf: typeof guards.csrf = guards.csrf
/** Counts requests under a rule: by user, or by address for visitors, or by a key of your own. */
export const rateLimit: typeof guards.rateLimit = guards.rateLimit
/** Has requests not count as activity, so that a polling page does not keep its user signed in. */
export const passive: typeof guards.passive = guards.passive
/** Reads the session from the store itself, whatever copies there are: for payments and the like. */
export const sensitive: typeof guards.sensitive = guards.sensitive
/** What the handler sees while the store cannot answer: an error 503, or a visitor. */
export const onUnavailable: typeof guards.onUnavailable = guards.onUnavailable

/** Options of {@link errors}. */
export interface ErrorsOptions {
  /** Makes the page that a browser is shown, as HTML. @default a plain one */
  page?: (facts: ErrorFacts, request: Request, response: Response) => string
}

/** Answers the errors that Cloakroom throws; all others go on. Mount it after the routes. */
export function errors({ page }: ErrorsOptions = {}): ErrorRequestHandler {
  return (error, request, response, next) => {
    const ownPage = page && ((facts: ErrorFacts) => page(facts, request, response))
    const answer = answerError(error, request.headers.accept, ownPage)
    if (answer === null || response.headersSent) return next(error)
    response.status(answer.status).set(answer.headers).end(answer.body)
  }
}
