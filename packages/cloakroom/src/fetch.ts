export type { AccessOptions } from './web/demand.ts'
export { errorResponse, type FetchOptions, type RequestHandler } from './web/fetch.ts'
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
export type { Connection, FetchHandler } from './web/mount.ts'
