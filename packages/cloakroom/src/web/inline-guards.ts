import { currentHandling } from './context.ts'
import { createGuards, type Guards } from './guards.ts'

// Guards for handlers that are plain functions: `await requireAuth('admin')` throws what the
// adapter then answers.
const guards: Guards<Promise<void>, void> = /* @__PURE__ */ createGuards(async check => {
  await check(currentHandling())
})

/** Goes on when somebody is signed in who has at least this role. */
export const requireAuth: typeof guards.requireAuth = guards.requireAuth
/** Goes on when somebody is signed in who has this permission. */
export const requirePermission: typeof guards.requirePermission = guards.requirePermission
/** Goes on when the user proved who they are within this time, such as `'5m'`. */
export const fresh: typeof guards.fresh = guards.fresh
/** Checks the request against forgery, where the option `csrf: false` left that to the handler. */
export const csrf: typeof guards.csrf = guards.csrf
/** Counts the request under a rule: by user, or by address for visitors, or by a key of your own. */
export const rateLimit: typeof guards.rateLimit = guards.rateLimit
/** Has the request not count as activity, so that a polling page does not keep its user signed in. */
export const passive: typeof guards.passive = guards.passive
/** Reads the session from the store itself, whatever copies there are: for payments and the like. */
export const sensitive: typeof guards.sensitive = guards.sensitive
/** What the handler sees while the store cannot answer: an error 503, or a visitor. */
export const onUnavailable: typeof guards.onUnavailable = guards.onUnavailable
