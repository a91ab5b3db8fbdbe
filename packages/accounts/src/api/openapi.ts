import type { ProblemReason } from '../wire/problem.ts'
import { describeSchemas, type Json } from './json-schema.ts'
import { refusals } from './refusals.ts'
import type { Access, AnyRoute } from './route.ts'
import { apiRoutes, type PlacedRoute, reasonsOf, statusOf } from './table.ts'

/** Describes the API in OpenAPI 3.1. The root is where it is mounted. */
export function describeApi(root: string): Json {
  const { describe, components } = describeSchemas()
  const paths: Record<string, Record<string, Json>> = {}
  for (const placed of apiRoutes) {
    const operations = paths[placed.path] ?? {}
    operations[placed.method.toLowerCase()] = describeRoute(placed, describe)
    paths[placed.path] = operations
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Accounts and sessions',
      version: '1',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: root }],
    tags: tags.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-Http-cloakroom' },
        csrf: { type: 'apiKey', in: 'header', name: 'x-csrf-token' },
      },
      schemas: components,
      responses: Object.fromEntries(
        apiRoutes
          .flatMap(placed => refusalsOf(placed))
          .map(({ reasons }) => [nameOf(reasons), describeRefusal(reasons)]),
      ),
    },
  }
}

const about = [
  'Browsers send the cookie of the session by themselves. Every request that changes something also',
  'needs the header `x-csrf-token`, with the `csrfToken` that the last answer with a session had.',
  'Refusals are problems by RFC 9457, and `reason` says why. The status 401 always means that nobody',
  'is signed in.',
].join(' ')

const tags = [
  ['visitors', 'For those who are not signed in.'],
  ['own', "One's own session and account."],
  ['administration', 'The accounts and sessions of others, and the system.'],
] as const

type Describe = ReturnType<typeof describeSchemas>['describe']

function describeRoute(placed: PlacedRoute, describe: Describe): Json {
  const { method, path, route } = placed
  const { id, summary, access } = route
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  return {
    operationId: id,
    summary,
    ...(permissionOf(access) !== null && { description: `Needs \`${access}\`.` }),
    tags: [tagOf(access)],
    security: securityOf(method, access),
    ...describeInput(route.input === null ? null : describe(route.input), { method, names }),
    responses: {
      ...describeAnswer(route, describe),
      ...Object.fromEntries(
        refusalsOf(placed).map(({ status, reasons }) => [
          status,
          { $ref: `#/components/responses/${nameOf(reasons)}` },
        ]),
      ),
    },
  }
}

function permissionOf(access: Access): string | null {
  return access === 'anyone' || access === 'user' ? null : access
}

function tagOf(access: Access): string {
  if (access === 'anyone') return 'visitors'
  return access === 'user' ? 'own' : 'administration'
}

function securityOf(method: string, access: Access): readonly Json[] {
  const session = access !== 'anyone' && { session: [] }
  const csrf = method !== 'GET' && { csrf: [] }
  return session || csrf ? [{ ...session, ...csrf }] : []
}

interface ObjectSchema extends Json {
  readonly properties: Readonly<Record<string, Json>>
  readonly required?: readonly string[]
}

/** Takes what is asked with apart, into path, query and body. */
function describeInput(
  schema: Json | null,
  { method, names }: { readonly method: string; readonly names: readonly string[] },
): Json {
  if (schema === null) return {}
  const { properties, required = [], ...rest } = schema as ObjectSchema
  const all = Object.entries(properties)
  const isInPath = (name: string): boolean => names.includes(name)
  const isInQuery = (name: string): boolean => method === 'GET' && !isInPath(name)
  const parameters = all
    .filter(([name]) => isInPath(name) || isInQuery(name))
    .map(([name, each]) => ({
      name,
      in: isInPath(name) ? 'path' : 'query',
      required: required.includes(name),
      schema: each,
    }))
  const fields = all.filter(([name]) => !isInPath(name) && !isInQuery(name))
  const body = {
    ...rest,
    properties: Object.fromEntries(fields),
    required: required.filter(name => !isInPath(name)),
  }
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(fields.length > 0 && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
  }
}

function describeAnswer(route: AnyRoute, describe: Describe): Json {
  const { answer } = route
  const status = statusOf(route)
  if (answer === null) return { [status]: { description: descriptions[status] } }
  const content =
    'length' in answer
      ? Object.fromEntries(answer.map(type => [type, { schema: { type: 'string' } }]))
      : { 'application/json': { schema: describe(answer) } }
  return { [status]: { description: descriptions[status], content } }
}

const descriptions = {
  200: 'Done.',
  202: 'Accepted. Whatever else is to be said about it is said by mail.',
  204: 'Done.',
} as const

interface RefusalGroup {
  readonly status: number
  readonly reasons: readonly ProblemReason[]
}

/** Why a route may refuse, by status. */
function refusalsOf(placed: PlacedRoute): readonly RefusalGroup[] {
  const reasons = [...reasonsOf(placed)].sort()
  const statuses = new Set(reasons.map(reason => refusals[reason].status))
  return [...statuses].sort().map(status => ({
    status,
    reasons: reasons.filter(reason => refusals[reason].status === status),
  }))
}

/** Many routes refuse alike; what they have in common is described once, by such a name. */
function nameOf(reasons: readonly ProblemReason[]): string {
  const words = reasons.join('-or-').split('-')
  return words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function describeRefusal(reasons: readonly ProblemReason[]): Json {
  const lines = reasons.map(reason => `\`${reason}\`: ${refusals[reason].detail}`)
  const schema = {
    type: 'object',
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    properties: { reason: { enum: reasons } },
  }
  const mayWait = reasons.includes('limited') || reasons.includes('busy')
  return {
    description: lines.join('\n\n'),
    ...(mayWait && {
      headers: {
        'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
      },
    }),
    content: { 'application/problem+json': { schema } },
  }
}
