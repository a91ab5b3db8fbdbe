import type { Duration } from '../core/duration.ts'
import type { RateKey } from '../protection/rate-limit.ts'
import { currentHandling } from './context.ts'
import { type AccessOptions, demandOf } from './demand.ts'
import type { Engine } from './engine.ts'
import { guardAccess, guardRate, guardSensitive } from './guard.ts'
import type { Handling } from './handle.ts'

/** What a route asks of its requests, each in the form that a framework takes. */
export interface Guards<Guard, Request> {
  /** Lets in whoever is signed in and has at least this role. */
  requireAuth(role?: string, options?: AccessOptions): Guard
  /** Lets in whoever has this permission. */
  requirePermission(permission: string, options?: AccessOptions): Guard
  /** Lets in whoever proved who they are within this time, such as `'5m'`; others get 403, `stale`. */
  fresh(within: Duration): Guard
  /** Checks the request against forgery, where the option `csrf: false` left that to the routes. */
  csrf(): Guard
  /** Counts requests under a rule: by user, or by address for visitors, or by a key of your own. */
  rateLimit(rule: string, key?: (request: Request) => RateKey): Guard
  /** Has requests not count as activity, so that a polling page does not keep its user signed in. */
  passive(): Guard
  /**
   * Reads the session from the store itself, whatever copies there are: for payments and the like.
   * Who acts in a user's place gets 403, `impersonating`.
   */
  sensitive(): Guard
  /** What the handler sees while the store cannot answer: an error 503, or a visitor. */
  onUnavailable(policy: Engine<never>['onUnavailable']): Guard
}

/** One guard at work on one request; null when there is nothing to wait for. Throws to refuse it. */
export type Check<Request> = (
  handling: Handling<never>,
  request: Request,
) => Promise<unknown> | null

/** Middleware of Koa and Hono, for their own contexts. */
export type ContextGuard<Context> = (
  context: Context,
  next: () => Promise<unknown>,
) => Promise<undefined>

/** Makes the guards of Koa and of Hono. */
export function createContextGuards<Context>(): Guards<ContextGuard<Context>, Context> {
  return createGuards(check => async (context, next) => {
    await check(currentHandling(), context)
    await next()
    return undefined
  })
}

/** Makes the guards of a framework, given how a check becomes a guard there. */
export function createGuards<Guard, Request>(
  adapt: (check: Check<Request>) => Guard,
): Guards<Guard, Request> {
  const access = (demand: Parameters<typeof demandOf>[0]): Guard => {
    const resolved = demandOf(demand)
    return adapt(handling => guardAccess(handling, resolved))
  }
  return {
    requireAuth: (role, options) => access({ ...options, role }),
    requirePermission: (permission, options) => access({ ...options, permission }),
    fresh: within => access({ fresh: within }),
    csrf: () => adapt(handling => handling.open()),
    rateLimit: (rule, key) =>
      adapt((handling, request) => guardRate(handling, { rule, key: key?.(request) })),
    passive: () => adapt(atOnce(handling => handling.markPassive())),
    sensitive: () => adapt(guardSensitive),
    onUnavailable: policy => adapt(atOnce(handling => handling.setUnavailable(policy))),
  }
}

function atOnce<Request>(run: (handling: Handling<never>) => void): Check<Request> {
  return handling => {
    run(handling)
    return null
  }
}
