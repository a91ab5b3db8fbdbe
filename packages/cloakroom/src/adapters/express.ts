import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { ConfigError } from '../core/errors.ts'
import type { RateKey } from '../protection/rate-limit.ts'
import { runWithSession } from '../web/context.ts'
import { type AccessOptions, demandOf } from '../web/demand.ts'
import type { Engine } from '../web/engine.ts'
import { guardAccess, guardRate } from '../web/guard.ts'
import { beginHandling, type Handling, type OpenOptions } from '../web/handle.ts'
import { holdHead, type NodeMiddleware, nodeExchange } from '../web/node.ts'
import { answerError, type ErrorFacts } from '../web/problem.ts'

/** Where a request keeps its handling. */
const kept: unique symbol = Symbol('cloakroom')

type Kept = Request & { [kept]?: Handling<never> }

/** Makes the middleware. Parse bodies before it, so that tokens in forms are found. */
export function expressMiddleware<Data extends object>(
  engine: Engine<Data>,
  options: Omit<OpenOptions, 'body'> = {},
): NodeMiddleware {
  return (request, response, next) => {
    const handling = beginHandling(engine, nodeExchange(request, response))
    const { session, nonce, csrf } = handling
    Object.assign(request, { [kept]: handling, session })
    Object.assign((response as Response).locals, { nonce, csrfToken: csrf.token })
    holdHead(response, { before: handling.commit, onError: next })
    runWithSession(session, () => {
      const { body } = request as Request
      handling.open({ ...options, body }).then(() => next(), next)
    })
  }
}

/** Lets in whoever is signed in and has at least this role. */
export function requireAuth(role?: string, options: AccessOptions = {}): RequestHandler {
  return guard(handling => guardAccess(handling, demandOf({ ...options, role })))
}

/** Lets in whoever has this permission. */
export function requirePermission(permission: string, options: AccessOptions = {}): RequestHandler {
  return guard(handling => guardAccess(handling, demandOf({ ...options, permission })))
}

/** Checks the request against forgery, where `express({ csrf: false })` left that to the routes. */
export function csrf(): RequestHandler {
  return guard((handling, request) => handling.open({ body: request.body }))
}

/** Counts requests under a rule: by user, or by address for visitors, or by a key of your own. */
export function rateLimit(rule: string, key?: (request: Request) => RateKey): RequestHandler {
  return guard((handling, request) => guardRate(handling, { rule, key: key?.(request) }))
}

/** Has requests not count as activity, so that a polling page does not keep its user signed in. */
export function passive(): RequestHandler {
  return guard(async handling => handling.markPassive())
}

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

function guard(
  check: (handling: Handling<never>, request: Request) => Promise<void>,
): RequestHandler {
  return (request: Kept, _response: Response, next) => {
    const handling = request[kept]
    if (handling === undefined) return next(notMounted())
    check(handling, request).then(() => next(), next)
  }
}

function notMounted(): ConfigError {
  return new ConfigError(
    'ERR_NO_SESSION_CONTEXT',
    'A guard ran without Cloakroom. Mount `cloakroom.express()` before this route.',
  )
}
