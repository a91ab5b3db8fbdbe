import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerProblem, type Problem } from './answers.ts'
import { ownBase } from './engine.ts'

const loopCookie = 'cloakroom-loop'
const mostBounces = 3

/**
 * Sends a browser to sign-in, and back to where it wants to go afterwards.
 *
 * Whoever comes right from there and still has no session goes round in circles: after a few times
 * a page says why that may be.
 */
export function redirectToSignIn(
  request: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[],
): void {
  const bounces = comesFromSignIn(request, origins) ? countBounces(request) + 1 : 0
  if (bounces >= mostBounces) {
    answerProblem(request, response, goingRound)
    return
  }
  const lines = bounces === 0 ? {} : { 'set-cookie': loopLine(bounces) }
  response.writeHead(302, {
    location: signInPath(request.url ?? '/'),
    'cache-control': 'no-store',
    ...lines,
  })
  response.end()
}

/** Where to sign in, and then go on to a path of this site. */
export function signInPath(next: string): string {
  return `${ownBase}/login?${new URLSearchParams({ next })}`
}

function comesFromSignIn({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { referer = '' } = headers
  return origins.some(origin => referer.startsWith(`${origin}${ownBase}/`))
}

function countBounces({ headers }: IncomingMessage): number {
  const found = new RegExp(`(?:^|;\\s*)${loopCookie}=(\\d)`).exec(headers.cookie ?? '')
  return Number(found?.[1] ?? 0)
}

/** Without `Secure`: it must come back even where the session's cookie does not. */
function loopLine(bounces: number): string {
  return `${loopCookie}=${bounces}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax`
}

const goingRound: Problem = {
  status: 508,
  code: 'ERR_LOOP',
  message:
    'You were signed in several times, and each time your browser came back without its session. Either it does not keep cookies of this site, or the site is set up for another address or scheme than the one in your address bar, or its servers do not share one Redis and one set of keys. `cloakroom doctor` finds out which.',
}
