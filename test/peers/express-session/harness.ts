import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import cloakroomSession, {
  type Session,
  type SessionOptions,
  type Store,
} from '../../../packages/cloakroom/src/express-session.ts'

/** Without its declarations, which would give `req.session` another type. */
const expressSession: typeof cloakroomSession = createRequire(import.meta.url)('express-session')

/** An implementation of express-session. */
export interface Peer {
  readonly name: string
  readonly session: typeof cloakroomSession
  /** Differences from express-session are on purpose here, and nowhere else. */
  readonly isOurs: boolean
}

export const peers: readonly Peer[] = [
  { name: 'express-session', session: expressSession, isOurs: false },
  { name: 'cloakroom/express-session', session: cloakroomSession, isOurs: true },
]

/** What a handler may use of its request. */
export type Handled = IncomingMessage & {
  session: Session & Record<string, unknown>
  sessionID: string
  sessionStore: Store
  secret?: string
  secure?: boolean
  cookies?: object
  signedCookies?: object
  originalUrl?: string
}

export type Handler = (request: Handled, response: ServerResponse) => void

/** A response with what the tests ask of it. */
export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Headers
  /** Set-Cookie lines of the session, and of anything else. */
  readonly lines: readonly string[]
  /** `name=value` of the session's cookie, to be sent again; empty without one. */
  readonly cookie: string
  /** The session id in it. */
  readonly id: string
  /** Attributes of the session's cookie by name in lower case. */
  readonly attributes: ReadonlyMap<string, string>
}

export interface Site {
  readonly url: string
  /** What was handed to `next` after the response had left. */
  readonly errors: unknown[]
  get(path?: string, headers?: Record<string, string>): Promise<Answer>
}

/** What a test may change of the server it talks to. */
export interface SiteOptions {
  /** Runs before the session's middleware. */
  readonly before?: (request: Handled, response: ServerResponse) => void
  /** Runs after it, before the handler. */
  readonly after?: (request: Handled, response: ServerResponse) => void
}

export const secret = 'a secret of the tests, long enough for all'

/** Starts a server with one session middleware and one handler, as Connect would run them. */
export async function serve(
  { session }: Peer,
  options: SessionOptions,
  handler: Handler,
  { before, after }: SiteOptions = {},
): Promise<Site> {
  const middleware = session({ secret, resave: false, saveUninitialized: true, ...options })
  const errors: unknown[] = []
  const server = createServer((incoming, response) => {
    const request = incoming as Handled
    before?.(request, response)
    middleware(request, response, error => {
      if (error && response.headersSent) {
        errors.push(error)
      } else if (error) {
        response.statusCode = (error as { status?: number }).status ?? 500
        response.end((error as Error).message)
      } else {
        after?.(request, response)
        handler(request, response)
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, errors, get: (path = '/', headers = {}) => get(url + path, headers) }
}

/** Fetches without following redirects. */
async function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, { headers, redirect: 'manual' })
  return readAnswer(response)
}

async function readAnswer(response: Response, name = 'connect.sid'): Promise<Answer> {
  const lines = response.headers.getSetCookie()
  const line = lines.findLast(each => each.startsWith(`${name}=`)) ?? ''
  const [cookie = '', ...attributes] = line.split('; ')
  const value = decodeURIComponent(cookie.slice(name.length + 1))
  return {
    status: response.status,
    body: await response.text(),
    headers: response.headers,
    lines,
    cookie,
    id: value.slice('s:'.length, Math.max(0, value.lastIndexOf('.'))),
    attributes: new Map(
      attributes.map(each => {
        const [key = '', ...rest] = each.split('=')
        return [key.toLowerCase(), rest.join('=')]
      }),
    ),
  }
}

/** A promise of what a store calls back with. */
export function ask<Value>(
  call: (callback: (error?: Error | null, value?: Value | null) => void) => unknown,
): Promise<Value | null | undefined> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)))
  })
}
