import fastifyCookie from '@fastify/cookie'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { createCloakroom } from '../app/cloakroom.ts'
import { StoreError } from '../core/errors.ts'
import { errors, requireAuth } from '../fastify.ts'
import type { OpenOptions } from '../web/handle.ts'

function createApp(options?: OpenOptions) {
  const cloakroom = createCloakroom({ audit: false, env: {} })
  const app = fastify()
  app.register(cloakroom.fastify(options))
  return { app, cloakroom }
}

function write(app: FastifyInstance): void {
  app.get('/', async request => Object.assign(request.session.data, { a: 1 }))
}

describe('fastifyPlugin', () => {
  it('serves the routes beside its registration and below, and no others', async () => {
    const cloakroom = createCloakroom({ audit: false, env: {} })
    const app = fastify()
    app.get('/outside', async request => ({ has: 'session' in request }))
    app.register(async child => {
      child.register(cloakroom.fastify())
      child.get('/beside', async request => ({ user: request.session.user }))
      child.register(async grandchild => {
        grandchild.get('/below', async request => ({ user: request.session.user }))
      })
    })
    expect((await app.inject('/outside')).json()).toEqual({ has: false })
    expect((await app.inject('/outside')).headers['x-content-type-options']).toBeUndefined()
    for (const path of ['/beside', '/below']) {
      const answer = await app.inject(path)
      expect(answer.json()).toEqual({ user: null })
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
    }
  })

  it('tells Fastify its name and version', async () => {
    const { app } = createApp()
    await app.ready()
    expect(app.hasPlugin('cloakroom')).toBe(true)
    expect(app.printPlugins()).toContain('cloakroom')
    expect(app.hasRequestDecorator('session')).toBe(true)
  })

  it('keeps cookies of other plugins, and those of a Response', async () => {
    const { app } = createApp()
    app.register(fastifyCookie)
    app.get('/plugin', async (request, reply) => {
      reply.setCookie('theirs', '1')
      return Object.assign(request.session.data, { a: 1 })
    })
    app.get('/response', async request => {
      Object.assign(request.session.data, { a: 1 })
      return new Response('done', {
        headers: [
          ['set-cookie', 'theirs=1'],
          ['cache-control', 'public, max-age=60'],
        ],
      })
    })
    for (const path of ['/plugin', '/response']) {
      const { headers } = await app.inject(path)
      const names = [headers['set-cookie'] ?? []].flat().map(line => line.split('=', 1)[0])
      expect(names.sort()).toEqual(['cloakroom', 'theirs'])
      expect(headers['cache-control']).toBe('private, no-store')
    }
  })

  it('answers a hijacked reply plainly when the session cannot be saved', async () => {
    const { app, cloakroom } = createApp()
    app.get('/', async (request, reply) => {
      Object.assign(request.session.data, { a: 1 })
      reply.hijack()
      reply.raw.writeHead(200, { 'x-begun': '1' })
      reply.raw.end('raw')
    })
    expect((await app.inject('/')).body).toBe('raw')
    const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
    Object.assign(cloakroom.sessions, { create: () => Promise.reject(failure) })
    const answer = await app.inject('/')
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(answer.headers['x-begun']).toBeUndefined()
  })

  it('leaves headers of earlier plugins on an error, and takes those of the handler off', async () => {
    const cloakroom = createCloakroom({ audit: false, env: {} })
    const app = fastify()
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('access-control-allow-origin', 'https://app.test')
    })
    app.register(cloakroom.fastify())
    app.register(async child => write(child))
    const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
    Object.assign(cloakroom.sessions, { create: () => Promise.reject(failure) })
    const answer = await app.inject('/')
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.test')
  })

  it('refuses an upload of another site before its body is read', async () => {
    const { app } = createApp()
    let isParsed = false
    app.addContentTypeParser('image/png', { parseAs: 'buffer' }, (_request, _body, done) => {
      isParsed = true
      done(null, 'parsed')
    })
    app.post('/', async request => request.body)
    const send = (headers: Record<string, string>) =>
      app.inject({
        method: 'POST',
        url: '/',
        headers: { 'content-type': 'image/png', ...headers },
        payload: 'png',
      })
    expect((await send({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect(isParsed).toBe(false)
    // Where the headers prove nothing, a token in the body could still be the proof.
    expect((await send({})).statusCode).toBe(403)
    expect(isParsed).toBe(true)
  })

  it('leaves the check to routes where it is told so', async () => {
    const { app } = createApp({ csrf: false, lazy: true })
    app.post('/', async () => 'ok')
    const answer = await app.inject({ method: 'POST', url: '/' })
    expect(answer.body).toBe('ok')
  })
})

describe('errors', () => {
  it('answers what Cloakroom throws, and leaves the rest to Fastify', async () => {
    const { app } = createApp()
    app.setErrorHandler(errors())
    app.get('/', { onRequest: requireAuth('admin') }, async () => 'never')
    app.get('/mistake', async () => {
      throw new Error('A mistake.')
    })
    const answer = await app.inject('/')
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json()).toMatchObject({ code: 'ERR_UNAUTHENTICATED' })
    expect((await app.inject('/mistake')).statusCode).toBe(500)
  })
})
