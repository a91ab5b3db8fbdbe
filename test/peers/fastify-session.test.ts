import { createRequire } from 'node:module'
import Fastify, { type FastifyPluginCallback } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createExpressSessionStore } from '../../packages/cloakroom/src/express-session.ts'
import { ask } from '../support/express-session-store.ts'
import { type ConnectedClient, redisClients } from '../support/redis-clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

/** Without their declarations, which would give `request.session` another type. */
const require = createRequire(import.meta.url)
const cookie: FastifyPluginCallback = require('@fastify/cookie')
const session: FastifyPluginCallback<Record<string, unknown>> = require('@fastify/session')

interface Fields {
  [name: string]: unknown
  sessionId: string
  destroy(): Promise<void>
  regenerate(): Promise<void>
}

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

describe.each(redisClients)('@fastify/session with sealed sessions on $name', factory => {
  let connection: ConnectedClient
  beforeEach(() => {
    connection = factory.connect(redis.url)
    return () => connection.close()
  })

  async function serve(options: Record<string, unknown> = {}) {
    const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
    const store = createExpressSessionStore({ redis: connection.native as never, secret })
    const app = Fastify()
    await app.register(cookie)
    await app.register(session, { secret, store, cookie: { secure: false }, ...options })
    const sessionOf = (request: object) => (request as { session: Fields }).session
    app.get('/hit', async request => {
      const current = sessionOf(request)
      current['hits'] = Number(current['hits'] ?? 0) + 1
      return current['hits']
    })
    app.get('/again', async request => {
      await sessionOf(request).regenerate()
      return 'again'
    })
    app.get('/logout', async request => {
      await sessionOf(request).destroy()
      return 'gone'
    })
    app.get('/slow', async (request, reply) => {
      sessionOf(request)['late'] = true
      await new Promise(resolve => setTimeout(resolve, 100))
      return reply.send('slow')
    })
    let jar = ''
    return {
      store,
      app,
      async get(url: string) {
        const answer = await app.inject({ url, headers: jar === '' ? {} : { cookie: jar } })
        const line = [answer.headers['set-cookie'] ?? []].flat().at(-1)
        if (line !== undefined) jar = line.split(';')[0] ?? ''
        return answer
      },
      async close() {
        await app.close()
        store.close()
      },
    }
  }

  it('keeps sessions', async () => {
    const site = await serve()
    expect((await site.get('/hit')).body).toBe('1')
    expect((await site.get('/hit')).body).toBe('2')
    await site.close()
  })

  it('keeps those with a lifetime', async () => {
    const site = await serve({ cookie: { secure: false, maxAge: 60_000 }, rolling: false })
    await site.get('/hit')
    expect((await site.get('/hit')).body).toBe('2')
    await site.close()
  })

  it('gives another id and forgets the one before', async () => {
    const site = await serve()
    await site.get('/hit')
    const before = await ask<number>(callback => site.store.length(callback))
    await site.get('/again')
    expect((await site.get('/hit')).body).toBe('1')
    expect(await ask<number>(callback => site.store.length(callback))).toBe(before)
    await site.close()
  })

  it('brings no session back that a slow request saves after a logout', async () => {
    const site = await serve()
    await site.get('/hit')
    const slow = site.get('/slow')
    await new Promise(resolve => setTimeout(resolve, 30))
    await site.get('/logout')
    await slow
    expect((await site.get('/hit')).body).toBe('1')
    await site.close()
  })
})
