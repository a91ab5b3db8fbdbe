import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { currentHandling, isRunning, runHandling } from '../web/context.ts'
import type { Engine } from '../web/engine.ts'
import { createGuards, type Guards } from '../web/guards.ts'
import type { Handling, OpenOptions } from '../web/handle.ts'
import type { FastifyPlugin } from '../web/mount.ts'
import { beginNodeHandling } from '../web/node.ts'
import { answerError } from '../web/problem.ts'
import { callBack } from '../web/serve.ts'

/** Where a request keeps its handling: parsers of bodies may lose what runs with it. */
const kept: unique symbol = Symbol('cloakroom')

type Kept = FastifyRequest & { [kept]?: Handling<never> }

/** Makes the plugin. It serves the instance that it is registered on, and those below. */
export function fastifyPlugin<Data extends object>(
  engine: Engine<Data>,
  options: OpenOptions = {},
): FastifyPlugin {
  const isChecked = options.csrf ?? true
  const opening = { ...options, csrf: isChecked && ('head' as const) }
  const plugin: FastifyPlugin = (given, _options, ready) => {
    const app = given as FastifyInstance
    app.decorateRequest('session').decorateRequest(kept)
    app.addHook('onRequest', (request, reply, done) => {
      const initial = reply.getHeaders()
      const handling = beginNodeHandling(engine, {
        request: request.raw,
        response: reply.raw,
        body: () => request.body,
        onReset: () => reset(reply, initial),
      })
      Object.assign(request, { [kept]: handling, session: handling.session })
      runHandling(handling, () => callBack(handling.open(opening), done))
    })
    app.addHook('preValidation', (request: Kept, _reply, done) => {
      const handling = request[kept] ?? currentHandling()
      const isDone = !isChecked || handling.isSafe
      if (isDone && isRunning(handling)) done()
      else runHandling(handling, () => callBack(isDone ? null : handling.csrf().check(), done))
    })
    app.addHook('onSend', (request: Kept, _reply, _payload, done) =>
      callBack(request[kept]?.save() ?? null, done),
    )
    ready()
  }
  // Otherwise the routes beside the plugin would do without its hooks and decorators.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('plugin-meta')]: { name: 'cloakroom', fastify: '>=5' },
  })
}

function reset(reply: FastifyReply, initial: ReturnType<FastifyReply['getHeaders']>): void {
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
  reply.headers(initial).code(500)
}

const guards: Guards<(request: FastifyRequest) => Promise<void>, FastifyRequest> =
  /* @__PURE__ */ createGuards(check => async request => {
    await check(currentHandling(), request)
  })

/** Lets in whoever is signed in and has at least this role. */
export const requireAuth: typeof guards.requireAuth = guards.requireAuth
/** Lets in whoever has this permission. */
export const requirePermission: typeof guards.requirePermission = guards.requirePermission
/** Lets in whoever proved who they are within this time, such as `'5m'`. */
export const fresh: typeof guards.fresh = guards.fresh
/** Checks the request against forgery, where `fastify({ csrf: false })` left that to the routes. */
export const csrf: typeof guards.csrf = guards.csrf
/** Counts requests under a rule: by user, or by address for visitors, or by a key of your own. */
export const rateLimit: typeof guards.rateLimit = guards.rateLimit
/** Has requests not count as activity, so that a polling page does not keep its user signed in. */
export const passive: typeof guards.passive = guards.passive
/** Reads the session from the store itself, whatever copies there are: for payments and the like. */
export const sensitive: typeof guards.sensitive = guards.sensitive
/** What the handler sees while the store cannot answer: an error 503, or a visitor. */
export const onUnavailable: typeof guards.onUnavailable = guards.onUnavailable

/** Answers the errors that Cloakroom throws, for `app.setErrorHandler`; others are thrown on. */
export function errors(): (error: unknown, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    const answer = answerError(error, request.headers.accept)
    if (answer === null) throw error
    reply.code(answer.status).headers(answer.headers).send(answer.body)
  }
}
