import { Hono } from 'hono'
import { csrf as honoCsrf } from 'hono/csrf'
import { describe, expect, it, vi } from 'vitest'
import { createCloakroom } from '../app/cloakroom.ts'
import { StoreError } from '../core/errors.ts'
import { errors, requireAuth } from '../hono.ts'

function createApp() {
  const cloakroom = createCloakroom({ audit: false, env: {} })
  const app = new Hono()
  app.use(cloakroom.hono())
  return { app, cloakroom }
}

describe('honoMiddleware', () => {
  it('needs no server', async () => {
    const { app } = createApp()
    app.get('/', c => c.json({ id: c.var.session.id, type: typeof c.get('csrfToken')() }))
    const answer = await app.request('/')
    expect(await answer.json()).toEqual({ id: null, type: 'string' })
  })

  it('gives templates a nonce', async () => {
    const { app } = createApp()
    app.get('/', c => c.text(c.get('nonce')))
    const answer = await app.request('/')
    const nonce = await answer.text()
    expect(answer.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`)
  })

  it('takes responses whose headers cannot be changed', async () => {
    const { app } = createApp()
    app.get('/', c => {
      Object.assign(c.var.session.data, { a: 1 })
      return Response.redirect('http://localhost/next', 302)
    })
    const answer = await app.request('/')
    expect(answer.headers.get('location')).toBe('http://localhost/next')
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('has Hono answer by itself what Cloakroom throws', async () => {
    const { app } = createApp()
    app.get('/', requireAuth('admin'), c => c.text('never'))
    const answer = await app.request('/')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    const forged = await app.request('/', { method: 'POST' })
    expect(forged.status).toBe(403)
    expect(forged.headers.get('vary')).toContain('Sec-Fetch-Site')
    expect(forged.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('keeps cookies of middleware around it, and its own, when a session cannot be saved', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const cloakroom = createCloakroom({ audit: false, env: {} })
    const app = new Hono()
    app.use(async (c, next) => {
      await next()
      c.header('Set-Cookie', 'around=1', { append: true })
    })
    app.use(cloakroom.hono())
    app.get('/', c => {
      Object.assign(c.var.session.data, { a: 1 })
      c.header('x-begun', '1')
      return c.text('done', 200, { 'Set-Cookie': 'begun=1' })
    })
    const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
    Object.assign(cloakroom.sessions, { create: () => Promise.reject(failure) })
    const answer = await app.request('/')
    expect(answer.status).toBe(500)
    expect(answer.headers.get('x-begun')).toBeNull()
    expect(answer.headers.getSetCookie()).toEqual(['around=1'])
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })

  it('gives up a body whose session could not be saved', async () => {
    const { app, cloakroom } = createApp()
    const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
    Object.assign(cloakroom.sessions, { create: () => Promise.reject(failure) })
    const reasons: unknown[] = []
    app.onError(errors())
    app.get('/', c => {
      Object.assign(c.var.session.data, { a: 1 })
      return c.body(new ReadableStream({ cancel: reason => void reasons.push(reason) }))
    })
    const answer = await app.request('/')
    expect(answer.status).toBe(503)
    expect(reasons).toEqual([failure])
  })

  it('stands beside middleware of Hono itself', async () => {
    const { app } = createApp()
    app.use(honoCsrf())
    app.get('/', c => c.text('ok'))
    expect((await app.request('/')).status).toBe(200)
  })
})

describe('errors', () => {
  it('answers what Cloakroom throws, and throws on the rest', async () => {
    const { app } = createApp()
    app.onError((error, c) => {
      try {
        return errors()(error, c)
      } catch {
        return c.text('of the application', 500)
      }
    })
    app.get('/', requireAuth(), c => c.text('never'))
    app.get('/mistake', () => {
      throw new Error('A mistake.')
    })
    const answer = await app.request('/')
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'ERR_UNAUTHENTICATED' })
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await (await app.request('/mistake')).text()).toBe('of the application')
  })
})
