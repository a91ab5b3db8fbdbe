import type { ProblemReason } from '../wire/problem.ts'
import { accountRoutes } from './account-routes.ts'
import { ownRoutes } from './own-routes.ts'
import type { AnyRoute, ApiTable } from './route.ts'
import { sessionRoutes } from './session-routes.ts'
import { visitorRoutes } from './visitor-routes.ts'

const table: ApiTable = {
  ...sessionRoutes,
  ...visitorRoutes,
  ...ownRoutes,
  ...accountRoutes,
}

/** A route and where it is. */
export interface PlacedRoute {
  readonly method: string
  /** Below the root of the API, with names in braces. */
  readonly path: string
  readonly route: AnyRoute
}

/** Every route. The router and the description are made of this, so that neither can forget one. */
export const apiRoutes: readonly PlacedRoute[] = Object.entries<AnyRoute>({ ...table }).map(
  ([key, route]) => {
    const [method = '', path = ''] = key.split(' ')
    return { method, path, route }
  },
)

/** The status of a route's answer, where nothing is refused. */
export function statusOf({ answer, isMailed = false }: AnyRoute): 200 | 202 | 204 {
  if (answer !== null) return 200
  return isMailed ? 202 : 204
}

/** Every reason why a request to a route may be refused. */
export function reasonsOf({ method, route }: PlacedRoute): readonly ProblemReason[] {
  const { access, proof, input, refusals } = route
  const isChange = method !== 'GET'
  const isForOthers = access !== 'anyone' && access !== 'user'
  const reasons: readonly (readonly [boolean, readonly ProblemReason[]])[] = [
    [access !== 'anyone', ['unauthenticated', 'limited']],
    [isForOthers, ['forbidden']],
    [isForOthers || proof !== undefined, ['impersonating']],
    [proof === 'recent', ['reauthenticate']],
    [isChange, ['csrf', 'conflict', 'media-type', 'too-large', 'invalid']],
    [input !== null, ['invalid']],
    [true, [...refusals, 'busy']],
  ]
  return [...new Set(reasons.flatMap(([isSo, each]) => (isSo ? each : [])))]
}
