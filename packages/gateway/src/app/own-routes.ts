import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerProblem } from './answers.ts'
import { ownBase } from './engine.ts'

/** Answers a request to one of the gateway's own paths. */
export type OwnHandler = (request: IncomingMessage, response: ServerResponse) => unknown

/** One of the gateway's own paths. */
export interface OwnRoute {
  /** Below {@link ownBase}, such as `/live`. */
  readonly path: string
  readonly methods: readonly string[]
  /** Whether all below it is its own as well. @default false */
  readonly isTree?: boolean
  /** Answered whatever name the gateway was asked by: for probes. @default false */
  readonly isForAnyHost?: boolean
  readonly handle: OwnHandler
}

/** Whether a path is the gateway's own, in whatever spelling: no app is ever asked for one. */
export function isOwnPath(decoded: string): boolean {
  const path = decoded.toLowerCase()
  return path === ownBase || path.startsWith(`${ownBase}/`)
}

/** Finds the route of a path; null for what pages of accounts may have. */
export function findOwnRoute(routes: readonly OwnRoute[], path: string): OwnRoute | null {
  if (!path.startsWith(`${ownBase}/`)) return null
  const below = path.slice(ownBase.length)
  const isMet = (route: OwnRoute): boolean =>
    below === route.path || (route.isTree === true && below.startsWith(`${route.path}/`))
  return routes.find(isMet) ?? null
}

/** Answers by a route, if the method is one of its own. */
export function answerOwnRoute(
  { methods, handle }: OwnRoute,
  request: IncomingMessage,
  response: ServerResponse,
): unknown {
  const { method = 'GET' } = request
  if (methods.includes(method)) return handle(request, response)
  return answerProblem(request, response, {
    status: 405,
    code: 'ERR_METHOD',
    message: `This address knows ${methods.join(', ')} only.`,
    headers: { allow: methods.join(', ') },
  })
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  response.writeHead(status, headers).end(JSON.stringify(body))
}
