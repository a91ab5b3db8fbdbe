import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { bodyParser } from '@koa/bodyparser'
import * as guards from 'cloakroom/koa'
import Koa3, { type Context, type Middleware } from 'koa'
import { describeError, guardsOf, type Kit, type Route } from '../kit.ts'
import { routes } from '../routes.ts'
import { type Framework, inProcess } from '../served.ts'

const require = createRequire(import.meta.url)
const Koa2 = require('koa2') as typeof Koa3

export const koaFrameworks: readonly Framework[] = [
  createFramework('Koa 3', Koa3),
  createFramework('Koa 2', Koa2),
]

function createFramework(name: string, Koa: typeof Koa3): Framework {
  return inProcess(name, (cloakroom, open) => {
    const app = new Koa()
    app.silent = true
    app.use(async (context, next) => {
      try {
        await next()
      } catch (error) {
        const { status, headers, body } = describeError(error)
        context.set({ ...headers })
        Object.assign(context, { status, body })
      }
    })
    app.use(bodyParser())
    app.use(cloakroom.koa(open))
    for (const route of routes) {
      const chain = [...guardsOf(route, guards), (context: Context) => answer(route, context)]
      app.use((context, next) => {
        const method = context.method === 'HEAD' ? 'GET' : context.method
        const isMeant = method === route.method && context.path === route.path
        return isMeant ? runChain(chain, context) : next()
      })
    }
    return createServer(app.callback())
  })
}

async function runChain(chain: readonly Middleware[], context: Context): Promise<void> {
  const [first, ...rest] = chain
  await first?.(context, () => runChain(rest, context))
}

async function answer(route: Route, context: Context): Promise<void> {
  await route.handler(createKit(context))
}

function createKit(context: Context): Kit {
  const set = (body: unknown): void => {
    context.body = body
  }
  return {
    query: context.URL.searchParams,
    body: ('body' in context.request ? context.request.body : {}) as Kit['body'],
    session: context.session as unknown as Kit['session'],
    header: name => context.get(name),
    setHeader: (name, value) => context.set(name, value),
    addCookie: line => context.append('Set-Cookie', line),
    text: set,
    json: value => set(JSON.stringify(value)),
    redirect: path => context.redirect(path),
    empty(status) {
      context.status = status
    },
    stream(pieces, type) {
      context.type = type
      set(Readable.from(pieces))
    },
    raw(body, headers) {
      context.respond = false
      context.res.writeHead(200, headers.flat())
      context.res.end(body)
    },
  }
}
