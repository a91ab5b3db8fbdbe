export type { NodeHandler, NodeOptions } from './adapters/node.ts'
export type { AccessOptions } from './web/demand.ts'
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
export { answerError, type ErrorAnswer } from './web/problem.ts'
