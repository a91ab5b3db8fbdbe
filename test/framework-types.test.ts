import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createConsumer } from './support/consumer.ts'

const declaration = `
import { createCloakroom, getCurrentSession, type Session } from 'cloakroom'

declare module 'cloakroom' {
  interface SessionData {
    cart?: string[]
  }
}
type IsAny<Type> = 0 extends 1 & Type ? true : false

const cloakroom = createCloakroom()

function use(session: Session): void {
  const cart: string[] | undefined = session.data.cart
  const isAny: [IsAny<typeof session>, IsAny<typeof cart>] = [false, false]
  // @ts-expect-error: misspelt.
  session.data.crat = [isAny]
}
`

const apps: [name: string, code: string][] = [
  [
    'fastify',
    `
import { fastify } from 'fastify'
import { errors, rateLimit, requireAuth } from 'cloakroom/fastify'
const app = fastify()
app.register(cloakroom.fastify({ lazy: true }))
app.setErrorHandler(errors())
app.get('/', { onRequest: requireAuth('user'), preHandler: [rateLimit('api_call')] }, async request => {
  use(request.session)
  const isAny: IsAny<typeof request.session> = false
  // @ts-expect-error: there is no such method.
  request.session.signOut(isAny)
})
app.get<{ Querystring: { id: string } }>(
  '/typed',
  { preHandler: rateLimit('api_call', request => ['ip', request.ip]) },
  async request => request.query.id,
)`,
  ],
  [
    'hono',
    `
import { Hono } from 'hono'
import { errors, rateLimit, requireAuth } from 'cloakroom/hono'
const app = new Hono<{ Variables: { own: number } }>()
app.use(cloakroom.hono())
app.onError(errors())
app.get('/:id', requireAuth(), rateLimit('api_call', c => c.req.param('id') ?? ''), c => {
  use(c.get('session'))
  use(c.var.session)
  const own: number = c.get('own')
  const isAny: IsAny<typeof c.var.session> = false
  // @ts-expect-error: there is no such method.
  c.var.session.signOut(isAny)
  return c.json([c.req.param('id'), own, c.get('csrfToken')(), c.get('nonce')])
})
export default app`,
  ],
  [
    'koa',
    `
import Koa from 'koa'
import { errors, rateLimit, requireAuth } from 'cloakroom/koa'
const app = new Koa()
app.use(errors())
app.use(cloakroom.koa())
app.use(requireAuth('admin'))
app.use(rateLimit('api_call', context => context.ip))
app.use(async context => {
  use(context.session)
  const isAny: IsAny<typeof context.session> = false
  // @ts-expect-error: there is no such method.
  context.session.signOut(isAny)
})`,
  ],
  [
    'node',
    `
import { createServer } from 'node:http'
import { answerError, requireAuth } from 'cloakroom/node'
createServer(
  cloakroom.node(
    async (request, response, session) => {
      await requireAuth('user')
      use(session)
      response.end(request.url)
    },
    {
      onError(error, request, response) {
        const answer = answerError(error, request.headers.accept)
        response.writeHead(answer?.status ?? 500, answer?.headers).end(answer?.body)
      },
    },
  ),
)`,
  ],
  [
    'fetch',
    `
import { errorResponse, requireAuth } from 'cloakroom/fetch'
const handle = cloakroom.fetch(
  async (request, session) => {
    await requireAuth()
    use(session)
    return Response.json(request.url)
  },
  { onError: (error, request) => errorResponse(error, request) },
)
const response: Promise<Response> = handle(new Request('http://localhost'), { address: '::1' })
void response`,
  ],
  [
    'next',
    `
import { cookies, headers } from 'next/headers.js'
import { type NextRequest, NextResponse } from 'next/server.js'
import { fresh, requireAuth } from 'cloakroom/next'
const { route, action, page, proxy: wrap } = cloakroom.next({ cookies, headers })
export const GET = route(async (request: NextRequest, { params }: { params: Promise<{ id: string }> }) => {
  await requireAuth('user')
  use(getCurrentSession())
  return Response.json([request.nextUrl.pathname, (await params).id])
})
export const save = action(async (form: FormData, tag: string) => {
  await fresh('5m')
  return [form.get('name'), tag]
})
export const saved: Promise<unknown[]> = save(new FormData(), 'tag')
export default page(async ({ params }: { params: Promise<{ id: string }> }) => (await params).id)
export const proxy = wrap(async (request: NextRequest) => {
  if (getCurrentSession().user === null) return NextResponse.redirect(new URL('/', request.url))
  return NextResponse.next()
})`,
  ],
]

const resolutions: [name: string, file: string, options: object][] = [
  ['Node.js', 'app.ts', { module: 'nodenext' }],
  ['bundler', 'app.ts', { module: 'preserve', moduleResolution: 'bundler' }],
]

describe.each(apps)('an application of %s', (_name, code) => {
  it.each(resolutions)(
    'has typed session data under %s resolution',
    async (_how, file, options) => {
      const consumer = await createConsumer({
        [file]: `${declaration}${code}\nuse(getCurrentSession())`,
      })
      const strict = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
      try {
        expect(await consumer.compile({ ...strict, jsx: 'preserve', ...options })).toBe('')
      } finally {
        await consumer.remove()
      }
    },
  )
})

describe('the types of the main entry point', () => {
  it('need those of no framework', async () => {
    const entry = fileURLToPath(new URL('../packages/cloakroom/dist/index.d.ts', import.meta.url))
    const { files, packages } = await followTypes(entry)
    expect(files.size).toBeGreaterThan(20)
    const { dependencies } = await readManifest()
    expect([...packages].filter(name => !Object.hasOwn(dependencies, name))).toEqual([])
  })
})

async function readManifest(): Promise<{ dependencies: object }> {
  const path = new URL('../packages/cloakroom/package.json', import.meta.url)
  return JSON.parse(await readFile(path, 'utf8')) as { dependencies: object }
}

/** All declarations that one of them leads to, and the packages that they name. */
async function followTypes(entry: string): Promise<{ files: Set<string>; packages: Set<string> }> {
  const files = new Set<string>([entry])
  const packages = new Set<string>()
  for (const file of files) {
    const text = await readFile(file, 'utf8')
    for (const [, from = ''] of text.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)) {
      if (from.startsWith('.')) files.add(join(dirname(file), from.replace(/\.(ts|js)$/, '.d.ts')))
      else if (!from.startsWith('node:')) packages.add(from)
    }
  }
  return { files, packages }
}
