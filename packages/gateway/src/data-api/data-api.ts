import type { Locker, LockerValue, LockerWrite, SessionManager } from 'cloakroom'
import { readText } from '../routing/body.ts'
import { empty, json, problem } from './answers.ts'
import { type Condition, readCondition } from './condition.ts'

/** What {@link createDataApi} needs. */
export interface DataApiParts {
  readonly sessions: Pick<SessionManager, 'find' | 'locker'>
  /** What a handle stands for; null for one that was issued to nobody. */
  readonly openHandle: (
    handle: string,
  ) => { readonly app: string; readonly sessionId: string } | null
  /** Begins the paths. @default '/_cloakroom/data' */
  readonly base?: string
}

/**
 * Values that an application keeps with a user or a session, for programs in any language.
 *
 * | request | answer |
 * | --- | --- |
 * | `GET /` | who the session belongs to |
 * | `GET /session`, `GET /user` | all values by name |
 * | `GET /session/name` | one value; `ETag` is its version |
 * | `PUT /session/name` | stores a JSON value; with `If-Match` only over that version, with `If-None-Match: *` only a new one |
 * | `DELETE /session/name` | removes it, with `If-Match` only that version |
 *
 * `Authorization: Bearer` carries the handle that the gateway adds to each request as
 * `X-Cloakroom-Session`. 401 says that the session has ended, 412 that another was faster.
 */
export interface DataApi {
  /** Null for a path that is not of this API. */
  answer(request: Request): Promise<Response | null>
}

/** All of a locker takes no more, and so no request does. */
const maxBodyBytes = 262_144
const maxNameLength = 200

interface Place {
  readonly locker: Locker
  readonly name: string
}

type Method = (request: Request, place: Place, condition: Condition) => Promise<Response>

/** Makes a {@link DataApi}. */
export function createDataApi(parts: DataApiParts): DataApi {
  const { sessions, openHandle, base = '/_cloakroom/data' } = parts

  async function answer(request: Request): Promise<Response | null> {
    const { pathname } = new URL(request.url)
    if (pathname !== base && !pathname.startsWith(`${base}/`)) return null
    const [scope = '', name, ...rest] = pathname
      .slice(base.length + 1)
      .split('/')
      .map(decodePart)
    if (rest.length > 0 || name === null || scope === null) return problem(404, 'not-found')
    return serve(request, scope, name ?? '').catch(answerEnd)
  }

  async function serve(request: Request, scope: string, name: string): Promise<Response> {
    const [, handle = ''] =
      /^Bearer ([\w.-]+)$/.exec(request.headers.get('authorization') ?? '') ?? []
    const opened = openHandle(handle)
    if (opened === null) return problem(401, 'handle-invalid')
    const { app, sessionId: id } = opened
    const session = await sessions.find(id)
    if (session === null) return problem(401, 'session-ended')
    const { userId, role, tenant, expiresAt } = session
    if (scope === '') {
      if (request.method !== 'GET') return notAllowed('GET')
      return json(200, { session: id, user: userId, role, tenant, expiresAt: iso(expiresAt) })
    }
    if (scope === 'session')
      return use(request, { app, locker: sessions.locker({ session: id }), name })
    if (scope !== 'user') return problem(404, 'not-found')
    // A visitor's session has no user to keep anything for.
    if (userId === null) return problem(403, 'no-user')
    return use(request, { app, locker: sessions.locker({ user: userId }), name })
  }

  return { answer }
}

/** Each app has values of its own, and does not see those of others. */
async function use(
  request: Request,
  { app, locker, name }: Place & { readonly app: string },
): Promise<Response> {
  const prefix = `${app}:`
  if (name === '') {
    if (request.method !== 'GET') return notAllowed('GET')
    const entries = [...(await locker.entries())]
    const own = entries.filter(([key]) => key.startsWith(prefix))
    return json(
      200,
      Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])),
    )
  }
  if (name.length > maxNameLength) return problem(400, 'name-too-long')
  const method = methods[request.method]
  if (method === undefined) return notAllowed(Object.keys(methods).join(', '))
  const condition = readCondition(request.headers)
  if (condition === null) return problem(400, 'condition-invalid')
  return method(request, { locker, name: prefix + name }, condition)
}

const methods: Readonly<Record<string, Method>> = {
  async GET(_request, { locker, name }) {
    const found = await locker.get(name)
    return found === null ? problem(404, 'value-absent') : valueAnswer(200, found)
  },
  async PUT(request, { locker, name }, condition) {
    const text = await readText(request.body ?? [], maxBodyBytes)
    if (text === null) return problem(413, 'too-large')
    const parsed = parseJson(text)
    if (parsed === undefined) return problem(400, 'json-invalid')
    return written(await locker.set(name, parsed.value, condition))
  },
  async DELETE(_request, { locker, name }, condition) {
    const result = await locker.remove(name, condition)
    return result.ok ? empty(204) : written(result)
  },
}

function written(result: LockerWrite): Response {
  if (result.ok) return json(200, { version: result.version }, { etag: `"${result.version}"` })
  if (result.reason === 'full') return problem(413, 'locker-full')
  const { current } = result
  return current === null ? problem(412, 'value-absent') : valueAnswer(412, current)
}

function valueAnswer(status: number, { value, version }: LockerValue): Response {
  return json(status, value, { etag: `"${version}"` })
}

function notAllowed(allow: string): Response {
  const answer = problem(405, 'method-not-allowed')
  answer.headers.set('allow', allow)
  return answer
}

/** A session that ends while it is used answers as one that ended before; all else is a fault. */
function answerEnd(error: unknown): Response {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'ERR_SESSION_GONE') return problem(401, 'session-ended')
  if (code === 'ERR_SESSION_CONFLICT') return problem(409, 'busy')
  if (typeof code === 'string' && code.startsWith('ERR_STORE_')) return problem(503, 'unavailable')
  throw error
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Null for an escape that stands for nothing. */
function decodePart(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
