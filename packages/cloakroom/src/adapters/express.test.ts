import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type NextFunction } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../../test/support/http-client.ts'
import { createCloakroom } from '../app/cloakroom.ts'
import type { CloakroomOptions } from '../app/options.ts'
import { StoreError } from '../core/errors.ts'
import type { SecurityEvent } from '../events/event.ts'
import { errors, passive, rateLimit, requireAuth, requirePermission } from '../express.ts'
import { getCurrentUser, loginUser, logoutUser } from '../web/context.ts'

interface Data {
  visits?: number
}

const servers: Server[] = []

async function serve(
  options: CloakroomOptions<Data> = {},
  mount: (app: Express) => void = () => undefined,
) {
  const cloakroom = createCloakroom<Data>({ audit: false, env: {}, ...options })
  const events: SecurityEvent[] = []
  cloakroom.events.on(event => events.push(event))
  const app = express()
  app.use(express.json(), express.urlencoded())
  app.use(cloakroom.express())
  mount(app)
  app.get('/form', (_request, response) => {
    response.send(response.locals.csrfToken())
  })
  app.get('/visit', (request, response) => {
    const data = request.session.data as Data
    data.visits = (data.visits ?? 0) + 1
    response.json(data)
  })
  app.get('/public', (_request, response) => {
    response.send('hello')
  })
  app.post('/login', async (request, response) => {
    await loginUser({ id: request.body.user, role: request.body.role })
    response.json(getCurrentUser())
  })
  app.post('/logout', async (_request, response) => {
    await logoutUser()
    response.redirect('/public')
  })
  app.get('/me', requireAuth(), (_request, response) => {
    response.json(getCurrentUser())
  })
  app.get('/admin', requireAuth('admin'), (_request, response) => {
    response.send('admin')
  })
  app.get('/fresh', requireAuth('user', { fresh: '5m' }), (_request, response) => {
    response.send('fresh')
  })
  app.get('/permitted', requirePermission('cart:edit'), (_request, response) => {
    response.send('permitted')
  })
  app.get('/limited', rateLimit('api_call'), (_request, response) => {
    response.send('limited')
  })
  app.get('/poll', passive(), (request, response) => {
    response.json({ id: request.session.id })
  })
  app.post('/password', async (request, response) => {
    const { user, password } = request.body
    const check = async () => (password === 'right' ? { id: user } : null)
    response.json(await cloakroom.checkPassword(user, check))
  })
  app.use(errors({ page: ({ title }, { path }) => `<h1>${title} at ${path}</h1>` }))
  const server = app.listen(0)
  servers.push(server)
  const { port } = server.address() as AddressInfo
  return { cloakroom, events, browser: createHttpClient(`http://127.0.0.1:${port}`) }
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

describe('expressMiddleware', () => {
  it('stores nothing and sets no cookie until a visitor’s data is written', async () => {
    const { browser, events } = await serve()
    const response = await browser.send('/public')
    expect(response.headers.getSetCookie()).toEqual([])
    expect(events).toEqual([])
  })

  it('keeps data from request to request', async () => {
    const { browser } = await serve()
    expect(await (await browser.send('/visit')).json()).toEqual({ visits: 1 })
    const second = await browser.send('/visit')
    expect(await second.json()).toEqual({ visits: 2 })
    expect(second.headers.getSetCookie()).toEqual([])
    expect(second.headers.get('cache-control')).toBe('private, no-store')
  })

  it('signs in with a new session, carries the visitor’s data, and signs out', async () => {
    const { browser } = await serve()
    await browser.send('/visit')
    const before = [...browser.jar.values()]
    const login = await browser.post('/login', { user: 'alice', role: 'user' })
    expect(await login.json()).toMatchObject({ id: 'alice', role: 'user' })
    expect([...browser.jar.values()]).not.toEqual(before)
    expect(await (await browser.send('/visit')).json()).toEqual({ visits: 2 })
    expect((await browser.send('/me')).status).toBe(200)
    const logout = await browser.post('/logout')
    expect(logout.status).toBe(302)
    expect((await browser.send('/me')).status).toBe(401)
  })

  it('guards by role, permission and freshness', async () => {
    const { browser } = await serve({ roles: { permissions: { admin: ['cart:edit'] } } })
    expect((await browser.send('/admin')).status).toBe(401)
    await browser.post('/login', { user: 'bob', role: 'user' })
    const refused = await browser.send('/admin')
    expect(refused.status).toBe(403)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(await refused.json()).toMatchObject({ code: 'ERR_FORBIDDEN', reason: 'role' })
    expect((await browser.send('/permitted')).status).toBe(403)
    expect((await browser.send('/fresh')).status).toBe(200)
    await browser.post('/login', { user: 'root', role: 'admin' })
    expect((await browser.send('/admin')).status).toBe(200)
    expect((await browser.send('/permitted')).status).toBe(200)
  })

  it('refuses a request without a token, and hands a fresh one to its own pages', async () => {
    const { browser, events } = await serve()
    await browser.send('/visit')
    const headers = { 'content-type': 'application/json' }
    const forged = await browser.send('/logout', { method: 'POST', headers, body: '{}' })
    expect(forged.status).toBe(403)
    expect(forged.headers.get('vary')).toContain('Sec-Fetch-Site')
    const token = forged.headers.get('x-csrf-token') ?? ''
    expect(events.at(-1)).toMatchObject({ type: 'csrf_failed', reason: 'token-missing' })
    const retried = await browser.send('/logout', {
      method: 'POST',
      headers: { ...headers, 'x-csrf-token': token },
      body: '{}',
    })
    expect(retried.status).toBe(302)
  })

  it('takes the token from a form', async () => {
    const { browser } = await serve()
    const token = await (await browser.send('/form')).text()
    const body = new URLSearchParams({ _csrf: token, user: 'alice' })
    expect((await browser.send('/login', { method: 'POST', body })).status).toBe(200)
  })

  it('counts under a rule and says so', async () => {
    const { browser } = await serve({
      rateLimit: { rules: { api_call: { limit: 2, window: '1m' } } },
    })
    const first = await browser.send('/limited')
    expect(first.headers.get('ratelimit-policy')).toBe('"api_call";q=2;w=60;qu="requests"')
    await browser.send('/limited')
    const refused = await browser.send('/limited')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('checks passwords, until too many of them were wrong', async () => {
    const { browser } = await serve()
    const attempt = (password: string) => browser.post('/password', { user: 'alice', password })
    expect(await (await attempt('right')).json()).toEqual({ id: 'alice' })
    for (let count = 0; count < 5; count += 1) {
      expect(await (await attempt('wrong')).json()).toBeNull()
    }
    const refused = await attempt('right')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('900')
  })

  it('shows a browser the page of the application', async () => {
    const { browser } = await serve()
    const response = await browser.send('/me', { headers: { accept: 'text/html' } })
    expect(response.status).toBe(401)
    expect(await response.text()).toBe('<h1>Unauthorized at /me</h1>')
  })

  it('has guards lead to another answer where a session could not be saved', async () => {
    const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
    const { browser, cloakroom } = await serve({}, app => {
      app.get('/begun', (request, response) => {
        Object.assign(request.session.data, { visits: 1 })
        response.write('first')
        setTimeout(() => response.end('late'), 10)
      })
      app.use((_error: unknown, _request: unknown, _response: unknown, next: NextFunction) => {
        setTimeout(next, 30)
      })
      app.use('/begun', passive(), (_request, response) => {
        response.status(503).send('another')
      })
    })
    Object.assign(cloakroom.sessions, { create: () => Promise.reject(failure) })
    const answer = await browser.send('/begun')
    expect([answer.status, await answer.text()]).toEqual([503, 'another'])
  })

  it('sets security headers on every answer', async () => {
    const { browser } = await serve()
    for (const path of ['/public', '/nowhere', '/me']) {
      const { headers } = await browser.send(path)
      expect(headers.get('content-security-policy')).toContain('default-src')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})
