import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cloakroom } from 'cloakroom'
import type { FrontProxy } from '../config/config.ts'
import { type Asker, type Question, readQuestion } from '../forward-auth/question.ts'
import { withoutOwnCookies } from '../identity/cookies.ts'
import { isNavigation } from '../routing/navigation.ts'
import type { Site } from '../routing/site.ts'
import { answerProblem, type Problem } from './answers.ts'
import { ownBase } from './engine.ts'
import type { Judge, Passed } from './judge.ts'
import type { OwnRoute } from './own-routes.ts'
import { signInPath } from './sign-in-redirect.ts'

/** What the endpoint works with. */
export interface ForwardAuthParts {
  readonly cloakroom: Pick<Cloakroom, 'addresses'>
  readonly site: Site
  readonly judge: Judge
  /** The proxy that asks; null where none does. */
  readonly proxy: FrontProxy | null
}

const endpoints: Readonly<Record<FrontProxy, { readonly path: string; readonly asker: Asker }>> = {
  nginx: { path: '/auth-request', asker: 'nginx' },
  traefik: { path: '/forward-auth', asker: 'forwarded' },
  caddy: { path: '/forward-auth', asker: 'forwarded' },
  envoy: { path: '/ext-authz', asker: 'envoy' },
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * The endpoint for a proxy that asks whether a request may pass, and passes it on itself.
 *
 * Only proxies that are trusted are answered: what a client says in their place, about a path of its
 * own choice, would be told the identity token.
 */
export function createForwardAuthRoutes({
  cloakroom,
  site,
  judge,
  proxy,
}: ForwardAuthParts): readonly OwnRoute[] {
  if (proxy === null) return []
  const { path, asker } = endpoints[proxy]
  const base = `${ownBase}${path}`

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isFromProxy(cloakroom, request)) return answerProblem(request, response, notAProxy)
    const question = readQuestion(asker, request, base)
    if (question === null) return answerProblem(request, response, noQuestion)
    const { method, headers, target, isUpgrade } = question
    const isSound = target.ok && site.isOwnHost(headers)
    if (!isSound) return refuse(asker, request, response, notSound)
    const { socket } = request
    const asked = { method, headers, socket }
    const verdict = await judge.judge(asked, target, isUpgrade ? 'upgrade' : 'request')
    if (verdict.verdict === 'pass') return allow(verdict, question, response)
    if (verdict.verdict === 'refuse') return refuse(asker, request, response, verdict.problem)
    const location = signInPath(`${target.path}${target.search}`)
    if (asker !== 'nginx' && isNavigation(method, headers)) {
      response.writeHead(302, { location, 'cache-control': 'no-store' }).end()
      return
    }
    // nginx answers 401 with what its configuration says, and may lead to this address.
    const hint = isNavigation(method, headers) ? { 'x-cloakroom-sign-in': location } : {}
    answerProblem(request, response, { ...verdict.problem, headers: hint })
  }

  return [{ path, isTree: asker === 'envoy', methods, isForAnyHost: true, handle }]
}

/** The whole set of headers, so that nothing of the client's is left where one is empty. */
async function allow(
  { route, person, cookies }: Passed,
  { headers }: Question,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, {
    ...(await route.app.identity.headersFor(person)),
    // For the app, in place of what the browser sent.
    cookie: withoutOwnCookies(headers.cookie) ?? '',
    'cache-control': 'no-store',
    ...(cookies.length > 0 && { 'set-cookie': [...cookies] }),
  })
  response.end()
}

/** nginx takes 401 and 403 for an answer, and everything else for a failure of its own. */
function refuse(
  asker: Asker,
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
): void {
  const isUnderstood = asker !== 'nginx' || problem.status >= 500
  answerProblem(request, response, isUnderstood ? problem : { ...problem, status: 403 })
}

/** Whether what comes over this connection is believed about others. */
function isFromProxy(
  { addresses }: Pick<Cloakroom, 'addresses'>,
  { socket }: IncomingMessage,
): boolean {
  const documentation = '192.0.2.1'
  const { ip } = addresses.read({
    socketAddress: socket.remoteAddress,
    isEncrypted: false,
    header: name => (name === 'x-forwarded-for' ? documentation : undefined),
  })
  return ip === documentation
}

const notAProxy: Problem = {
  status: 403,
  code: 'ERR_NOT_A_PROXY',
  message: 'Only proxies that `trustProxy` names may ask here.',
}

const noQuestion: Problem = {
  status: 403,
  code: 'ERR_NO_QUESTION',
  message: 'The proxy does not say which request it asks about. `cloakroom snippet` shows how.',
}

const notSound: Problem = {
  status: 403,
  code: 'ERR_ADDRESS',
  message: 'This address can be read in more than one way, or is not of this site.',
}
