import type { Context } from 'hono'
import type { InputFault } from '../wire/problem.ts'
import type { AnyRoute } from './route.ts'

/** What a request asks with, or why it cannot be read. */
export type Reading =
  | { readonly ok: true; readonly input: object | null }
  | { readonly ok: false; readonly reason: 'media-type' }
  | { readonly ok: false; readonly reason: 'invalid'; readonly faults: readonly InputFault[] }

/** Of a request with many faults. */
const mostFaults = 10

// Anything else can be sent by a page of another site without asking.
const json = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** Reads path, query and body of a request, and checks them against what the route describes. */
export async function readInput(route: AnyRoute, { req }: Pick<Context, 'req'>): Promise<Reading> {
  const named = req.param() as Readonly<Record<string, string>>
  const given = req.method === 'GET' ? readQuery(req.queries()) : await readBody(req)
  if (!given.ok) return given
  const twice = Object.keys(given.fields).find(name => Object.hasOwn(named, name))
  if (twice !== undefined) return invalid([{ path: twice, message: 'It is in the path already.' }])
  const fields = { ...given.fields, ...named }
  if (route.input === null) return refuseAny(fields)
  const result = route.input.safeParse(fields)
  if (result.success) return { ok: true, input: result.data }
  const faults = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  return invalid(faults.slice(0, mostFaults))
}

type Fields =
  | { readonly ok: true; readonly fields: Readonly<Record<string, unknown>> }
  | Extract<Reading, { readonly ok: false }>

function readQuery(queries: Readonly<Record<string, readonly string[]>>): Fields {
  const entries = Object.entries(queries)
  const twice = entries.find(([, values]) => values.length > 1)
  if (twice !== undefined) return invalid([{ path: twice[0], message: 'It is there twice.' }])
  return { ok: true, fields: Object.fromEntries(entries.map(([name, [value]]) => [name, value])) }
}

async function readBody(req: Context['req']): Promise<Fields> {
  const text = await req.text()
  const type = req.header('content-type')
  if (text === '' && type === undefined) return { ok: true, fields: {} }
  if (type === undefined || !json.test(type)) return { ok: false, reason: 'media-type' }
  const body = text === '' ? {} : parseJson(text)
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  if (!isObject) return invalid([{ path: '', message: 'Send a JSON object.' }])
  return { ok: true, fields: body as Readonly<Record<string, unknown>> }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refuseAny(fields: object): Reading {
  const names = Object.keys(fields)
  if (names.length === 0) return { ok: true, input: null }
  const faults = names.map(path => ({ path, message: 'Nothing is asked for here.' }))
  return invalid(faults.slice(0, mostFaults))
}

function invalid(faults: readonly InputFault[]): Extract<Reading, { readonly reason: 'invalid' }> {
  return { ok: false, reason: 'invalid', faults }
}
