import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa, { type Context } from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { createCloakroom } from '../app/cloakroom.ts'
import { StoreError } from '../core/errors.ts'
import { errors, requireAuth } from '../koa.ts'

let server: Server

async function serve(
  handler: (context: Context) => unknown,
  prepare: (app: Koa) => unknown = () => undefined,
) {
  const cloakroom = createCloakroom({ audit: false, env: {} })
  const app = new Koa()
  const problems: unknown[] = []
  app.on('error', error => problems.push(error))
  prepare(app)
  app.use(cloakroom.koa())
  app.use(async context => {
    await handler(context)
  })
  server = createServer(app.callback())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const send = (headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/`, { headers })
  return { cloakroom, problems, send }
}

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('koaMiddleware', () => {
  it('keeps its headers on an error that Koa answers by itself, which takes all off', async () => {
    const { send, problems } = await serve(context => {
      Object.assign(context.session.data, { a: 1 })
      context.set('x-own', '1')
      throw new Error('A mistake.')
    })
    const answer = await send()
    expect([answer.status, await answer.text()]).toEqual([500, 'Internal Server Error'])
    expect(answer.headers.get('x-own')).toBeNull()
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(problems).toHaveLength(1)
  })

  it('gives templates a nonce and tokens in `state`', async () => {
    const { send } = await serve(context => {
      context.body = `${context.state['nonce']} ${typeof context.state['csrfToken']()}`
    })
    const answer = await send()
    const [nonce, type] = (await answer.text()).split(' ')
    expect(answer.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`)
    expect(type).toBe('string')
  })

  it('saves before a response that Koa leaves alone, and answers when that fails', async () => {
    const { cloakroom, send, problems } = await serve(context => {
      Object.assign(context.session.data, { a: 1 })
      context.respond = false
      context.res.end('raw')
    })
    const saved = await send()
    expect([await saved.text(), saved.headers.getSetCookie().length]).toEqual(['raw', 1])
    const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
    Object.assign(cloakroom.sessions, { create: () => Promise.reject(failure) })
    const answer = await send()
    expect([answer.status, await answer.text()]).toEqual([503, 'Service Unavailable'])
    expect(problems).toContain(failure)
  })
})

describe('errors', () => {
  it('answers what Cloakroom throws, as a problem or a page', async () => {
    const handler = (context: Context) =>
      requireAuth('admin')(context as never, async () => undefined)
    const { send, problems } = await serve(handler, app => app.use(errors()))
    const problem = await send()
    expect(problem.status).toBe(401)
    expect(problem.headers.get('content-type')).toBe('application/problem+json')
    const page = await send({ accept: 'text/html' })
    expect(await page.text()).toContain('<h1>Unauthorized</h1>')
    expect(problems).toEqual([])
  })

  it('leaves everything else to Koa', async () => {
    const handler = () => {
      throw new Error('A mistake.')
    }
    const { send, problems } = await serve(handler, app => app.use(errors()))
    expect((await send()).status).toBe(500)
    expect(problems).toHaveLength(1)
  })
})
