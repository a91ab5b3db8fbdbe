import { passive, rateLimit, requireAuth, requirePermission } from 'cloakroom/hono'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { limitBody } from '../web/body-limit.ts'
import { type RequestEnv, type SessionMiddleware, secondsOf, visitOf } from '../web/request.ts'
import type { ProblemReason } from '../wire/problem.ts'
import { endedBy } from './current-session.ts'
import { answerError } from './errors.ts'
import { readInput } from './input.ts'
import { describeApi } from './openapi.ts'
import { answerProblem, type ProblemFacts } from './refusals.ts'
import type { AnyRoute, ApiParts, Refused } from './route.ts'
import { apiRoutes, type PlacedRoute, statusOf } from './table.ts'

/** More than any request of the API holds. */
const maxBodyBytes = 65_536

/** The API as one application. */
export interface Api {
  readonly app: Hono<RequestEnv>
  /** Whether a path, without query, is for the API to answer. */
  isOwn(path: string): boolean
}

/** Makes the {@link Api}. The middleware refuses forged requests to all routes alike. */
export function createApi(parts: ApiParts, openSession: SessionMiddleware): Api {
  const root = `${parts.base}/api/auth`
  const app = new Hono<RequestEnv>().basePath(root)

  // Before sessions: it is the same for everybody.
  app.get('/openapi.json', request => request.json(describeApi(root)))
  app.use(limitBody(maxBodyBytes, () => answerProblem('too-large')))
  app.use(openSession)
  const isThere = ({ needsConsole }: PlacedRoute): boolean => parts.admin !== null || !needsConsole
  for (const { method, path, route } of apiRoutes.filter(isThere)) {
    const pattern = path.replace(/\{(\w+)\}/g, ':$1')
    app.on(method, [pattern], ...guardsOf(parts, route), request => serve(parts, route, request))
  }
  app.all('*', () => answerProblem('not-found'))
  app.onError((error, request) => {
    const session = request.get('session')
    const answer = answerError(error, session?.isLoaded ? endedBy(session) : null)
    if (answer === null) throw error
    return answer
  })

  return { app, isOwn: path => path === root || path.startsWith(`${root}/`) }
}

function guardsOf(
  { accounts }: ApiParts,
  { access, isPassive = false }: AnyRoute,
): MiddlewareHandler[] {
  const guards: MiddlewareHandler[] = isPassive ? [passive()] : []
  // One whose time is over ends here, before it is asked who is signed in.
  guards.push(async (request, next) => {
    await accounts.findImpersonation(visitOf(request as Context<RequestEnv>))
    await next()
  })
  if (access === 'anyone') return guards
  guards.push(access === 'user' ? requireAuth() : requirePermission(access))
  // Visitors are counted by what they do, in the flows: they may share an address with many.
  guards.push(rateLimit('api_call'))
  return guards
}

async function serve(
  parts: ApiParts,
  route: AnyRoute,
  request: Context<RequestEnv>,
): Promise<Response> {
  const reading = await readInput(route, request)
  if (!reading.ok) {
    return answerProblem(reading.reason, 'faults' in reading ? { faults: reading.faults } : {})
  }
  const { input } = reading
  const answer = await route.handle({ ...parts, input, request, visit: visitOf(request) })
  if (isRefused(answer)) return answerProblem(answer.reason, factsOf(answer))
  if (answer instanceof Response) return answer
  if (answer === null) return request.body(null, statusOf(route))
  return request.json(answer)
}

function isRefused(answer: object | null): answer is Refused<ProblemReason> {
  return answer !== null && 'ok' in answer && answer.ok === false
}

function factsOf(refused: Refused<ProblemReason>): ProblemFacts {
  if ('retryAfterMs' in refused) return { retryAfterSeconds: secondsOf(refused.retryAfterMs) }
  if ('problem' in refused) return { password: refused.problem }
  return 'token' in refused ? { token: refused.token } : {}
}
