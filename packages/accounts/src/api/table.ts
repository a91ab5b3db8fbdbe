import type { AccountCalls } from '../wire/account-calls.ts'
import type { AdminCalls } from '../wire/admin-calls.ts'
import type { FactorCalls } from '../wire/factor-calls.ts'
import type { OwnCalls } from '../wire/own-calls.ts'
import type { ProblemReason } from '../wire/problem.ts'
import { accountRoutes } from './account-routes.ts'
import { adminRoutes } from './admin-routes.ts'
import { auditRoutes } from './audit-routes.ts'
import { factorRoutes } from './factor-routes.ts'
import { ownRoutes } from './own-routes.ts'
import type { AnyRoute, ConsoleParts, Routes } from './route.ts'
import { sessionRoutes } from './session-routes.ts'
import { visitorRoutes } from './visitor-routes.ts'

const always: Routes<OwnCalls & FactorCalls & AccountCalls> = {
  ...sessionRoutes,
  ...visitorRoutes,
  ...ownRoutes,
  ...factorRoutes,
  ...accountRoutes,
}

const withConsole: Routes<AdminCalls, ConsoleParts> = { ...adminRoutes, ...auditRoutes }

/** A route and where it is. */
export interface PlacedRoute {
  readonly method: string
  /** Below the root of the API, with names in braces. */
  readonly path: string
  /** Whether it is there only with a console. */
  readonly needsConsole: boolean
  readonly route: AnyRoute
}

/** Every route. The router and the description are made of this, so that neither can forget one. */
export const apiRoutes: readonly PlacedRoute[] = [
  ...place({ ...always }, false),
  ...place({ ...withConsole }, true),
]

function place(routes: Readonly<Record<string, AnyRoute>>, needsConsole: boolean): PlacedRoute[] {
  return Object.entries(routes).map(([key, route]) => {
    const [method = '', path = ''] = key.split(' ')
    return { method, path, needsConsole, route }
  })
}

/** The status of a route's answer, where nothing is refused. */
export function statusOf({ answer, isMailed = false }: AnyRoute): 200 | 202 | 204 {
  if (answer !== null) return 200
  return isMailed ? 202 : 204
}

/** Every reason why a request to a route may be refused. */
export function reasonsOf({ method, needsConsole, route }: PlacedRoute): readonly ProblemReason[] {
  const { access, proof, input, refusals } = route
  const isChange = method !== 'GET'
  const isForOthers = access !== 'anyone' && access !== 'user'
  const reasons: readonly (readonly [boolean, readonly ProblemReason[]])[] = [
    [access !== 'anyone', ['limited']],
    [access !== 'anyone' || proof !== undefined, ['unauthenticated']],
    [isForOthers, ['forbidden']],
    [isForOthers || proof !== undefined, ['impersonating']],
    [proof === 'recent', ['reauthenticate']],
    [isChange, ['csrf', 'conflict', 'media-type', 'too-large', 'invalid']],
    [input !== null, ['invalid']],
    [needsConsole, ['not-found']],
    [true, [...refusals, 'busy']],
  ]
  return [...new Set(reasons.flatMap(([isSo, each]) => (isSo ? each : [])))]
}
