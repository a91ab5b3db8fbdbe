import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Accounts } from '@cloakroom/accounts'
import type { SessionManager } from 'cloakroom'
import { setsOwnCookie } from '../identity/cookies.ts'
import { isNavigation } from '../routing/navigation.ts'
import type { Site } from '../routing/site.ts'
import { readTarget, type Target } from '../routing/target.ts'
import type { AnswerHead, Tunnel, TunnelOutcome } from '../tunnel/tunnel.ts'
import { answerProblem, type Problem } from './answers.ts'
import { affinityOf, type Judge, type Passed } from './judge.ts'
import { answerOwnRoute, findOwnRoute, isOwnPath, type OwnRoute } from './own-routes.ts'
import { mayUseState } from './resuming.ts'
import { redirectToSignIn } from './sign-in-redirect.ts'
import { upstreamHeaders } from './upstream-headers.ts'
import { addWatcher, askForPlainPage, isWatchedPage } from './watched-pages.ts'

/** What requests are served with. */
export interface RequestParts {
  readonly site: Site
  readonly origins: readonly string[]
  readonly judge: Judge
  readonly tunnel: Tunnel
  readonly sessions: Pick<SessionManager, 'bind'>
  readonly accounts: Pick<Accounts, 'express'>
  readonly routes: readonly OwnRoute[]
  /** Where a sign-in leads that comes after another tab has signed in; null for any other request. */
  readonly lateSignIn: (request: IncomingMessage, target: Target) => Promise<string | null>
}

/** Makes the listener of node:http. */
export function createRequestListener(
  parts: RequestParts,
): (request: IncomingMessage, response: ServerResponse) => void {
  const pages = parts.accounts.express()

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = readTarget(request.url ?? '')
    if (!target.ok) return answerProblem(request, response, ambiguous)
    const isOwn = isOwnPath(target.decoded)
    const route = isOwn ? findOwnRoute(parts.routes, target.path) : null
    if (route?.isForAnyHost !== true && !parts.site.isOwnHost(request.headers)) {
      return answerProblem(request, response, misdirected)
    }
    // An app that echoes a request would show the identity token to whoever asked.
    if (request.method === 'TRACE') return answerProblem(request, response, noTrace)
    if (!isOwn) return pass(request, response, target)
    if (route !== null) return void (await answerOwnRoute(route, request, response))
    const wayOn = await parts.lateSignIn(request, target)
    if (wayOn !== null) return void response.writeHead(303, { location: wayOn }).end()
    pages(request, response, error => {
      if (error !== undefined) fail(request, response, error)
      else answerProblem(request, response, notFound)
    })
  }

  async function pass(
    request: IncomingMessage,
    response: ServerResponse,
    target: Target,
  ): Promise<void> {
    const verdict = await parts.judge.judge(request, target, 'request')
    if (verdict.verdict === 'pass') return forward(request, response, verdict)
    const isAsked =
      verdict.verdict === 'sign-in' && isNavigation(request.method ?? '', request.headers)
    if (isAsked) return redirectToSignIn(request, response, parts.origins)
    answerProblem(request, response, verdict.problem)
  }

  async function forward(
    request: IncomingMessage,
    response: ServerResponse,
    passed: Passed,
  ): Promise<void> {
    const { app } = passed.route
    if (!(await mayUseState(passed))) return answerProblem(request, response, notTheirs)
    const headers = await upstreamHeaders(request, app, passed)
    const isWatched = isWatchedPage(request, passed)
    if (isWatched) askForPlainPage(headers)
    const { method = 'GET' } = request
    // Whatever reads only may be asked of another replica when one does not answer.
    const mostTries = method === 'GET' || method === 'HEAD' ? app.settings.upstreams.length : 1
    // Each try leaves listeners on both, until the answer has gone.
    if (mostTries > 1) for (const emitter of [request, response]) emitter.setMaxListeners(0)
    for (let attempt = 1; ; attempt += 1) {
      const upstream = app.upstreams.pick(affinityOf(passed))
      const outcome = await parts.tunnel.forward(request, response, {
        upstream,
        path: passed.route.forwarded,
        headers,
        responseMs: app.settings.responseMs,
        uploadMs: app.settings.uploadMs,
        onHead(head) {
          guardCookies(head, passed.cookies)
          // A stream of events would outlive its session.
          if (passed.session !== null && isEventStream(head)) {
            parts.sessions.bind(response, passed.session)
          }
        },
        ...(isWatched && { rewrite: addWatcher }),
      })
      if (outcome === 'unreachable') app.upstreams.noteFailure(upstream)
      if (outcome === 'unreachable' && attempt < mostTries) continue
      if (isFailure(outcome)) answerProblem(request, response, failures[outcome])
      return
    }
  }

  return (request, response) => {
    serve(request, response).catch(error => fail(request, response, error))
  }
}

function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
  if (response.headersSent) response.destroy()
  else answerProblem(request, response, broken)
}

function isEventStream({ headers }: AnswerHead): boolean {
  return headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true
}

/** Ours are set by the gateway alone. The app's stay as they are, byte for byte. */
function guardCookies({ headers }: AnswerHead, own: readonly string[]): void {
  const theirs = headers['set-cookie']?.filter(line => !setsOwnCookie(line)) ?? []
  const lines = [...theirs, ...own]
  if (lines.length > 0) headers['set-cookie'] = lines
  else delete headers['set-cookie']
}

function isFailure(outcome: TunnelOutcome): outcome is keyof typeof failures {
  return outcome in failures
}

const failures = {
  unreachable: {
    status: 502,
    code: 'ERR_APP_UNREACHABLE',
    message: 'The app does not answer. It may be starting: this page asks again in a moment.',
    headers: { 'retry-after': '3' },
  },
  broken: {
    status: 502,
    code: 'ERR_APP_BROKE_OFF',
    message: 'The app broke off before it answered. Its log may say why.',
  },
  timeout: {
    status: 504,
    code: 'ERR_APP_TIMEOUT',
    message: 'The app took too long to answer.',
  },
} as const satisfies Partial<Record<TunnelOutcome, Problem>>

const notTheirs: Problem = {
  status: 403,
  code: 'ERR_NOT_YOURS',
  message: 'This belongs to another person. Reload the page to begin anew.',
}

const ambiguous: Problem = {
  status: 400,
  code: 'ERR_ADDRESS',
  message: 'This address can be read in more than one way, and is refused.',
}

const noTrace: Problem = {
  status: 405,
  code: 'ERR_METHOD',
  message: 'TRACE is not passed on.',
}

const misdirected: Problem = {
  status: 421,
  code: 'ERR_HOST',
  message: 'The site is not known by this name here. `origin` says what it is called.',
}

const notFound: Problem = {
  status: 404,
  code: 'ERR_NOT_FOUND',
  message: 'There is no such page.',
}

const broken: Problem = {
  status: 500,
  code: 'ERR_GATEWAY',
  message: 'The gateway could not serve this. The log says why.',
}
