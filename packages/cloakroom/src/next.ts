export type { AccessOptions } from './web/demand.ts'
export { errorResponse, type FetchOptions } from './web/fetch.ts'
export {
  csrf,
  fresh,
  onUnavailable,
  passive,
  rateLimit,
  requireAuth,
  requirePermission,
  sensitive,
} from './web/inline-guards.ts'
export type {
  NextAdapter,
  NextCookieOptions,
  NextCookies,
  NextFunctions,
} from './web/next-types.ts'
