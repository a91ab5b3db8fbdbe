import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import passport from 'passport'
import { Strategy } from 'passport-local'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createExpressSessionStore,
  type ExpressSessionStore,
  type Store,
} from '../../packages/cloakroom/src/express-session.ts'
import { createHttpClient } from '../support/http-client.ts'
import { redisClients } from '../support/redis-clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Peer, peers, secret } from './express-session/harness.ts'

interface Fields {
  visits?: number
  passport?: { user?: string }
}

interface Me {
  readonly id?: string
  readonly isAuthenticated: boolean
  readonly sid: string
}

/** An application with Passport 0.7 and passwords, as its documentation has it. */
async function serve({ session }: Peer, store: Store, keepSessionInfo: boolean) {
  const authenticator = new passport.Passport()
  authenticator.use(
    new Strategy((username, password, done) => {
      done(null, password === `${username}'s` ? { id: username } : false)
    }),
  )
  authenticator.serializeUser((user, done) => done(null, (user as { id: string }).id))
  authenticator.deserializeUser<string>((id, done) => done(null, { id }))

  const app = express()
  app.use(express.json())
  app.use(session({ secret, store, resave: false, saveUninitialized: false }))
  app.use(authenticator.initialize(), authenticator.session())
  app.get('/visit', (request, response) => {
    const fields = request.session as Fields
    fields.visits = (fields.visits ?? 0) + 1
    response.json({ visits: fields.visits })
  })
  app.get('/me', (request, response) => {
    const { id } = (request.user ?? {}) as { id?: string }
    response.json({ id, isAuthenticated: request.isAuthenticated(), sid: request.sessionID })
  })
  app.post(
    '/login',
    authenticator.authenticate('local', { keepSessionInfo }),
    (_request, response) => void response.redirect('/me'),
  )
  app.post('/logout', (request, response, next) => {
    request.logout({ keepSessionInfo }, error => {
      if (error) return next(error)
      response.redirect('/')
    })
  })
  const server: Server = await new Promise(resolve => {
    const started = app.listen(0, '127.0.0.1', () => resolve(started))
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browser = createHttpClient(origin)
  return {
    browser,
    /** Another browser that got hold of the cookies. */
    thief() {
      const other = createHttpClient(origin)
      for (const [name, value] of browser.jar) other.jar.set(name, value)
      return other
    },
    login: (username: string, password: string) =>
      browser.send('/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password }),
      }),
    logout: () => browser.send('/logout', { method: 'POST' }),
    me: async (client = browser): Promise<Me> => (await client.send('/me')).json() as Promise<Me>,
    close: () => server.close(),
  }
}

const [client] = redisClients
let redis: RedisServer
let sealed: ExpressSessionStore
beforeAll(async () => {
  redis = await startRedis()
  sealed = createExpressSessionStore({
    redis: client?.connect(redis.url).native as never,
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    userOf: session => (session as Fields).passport?.user,
  })
  // Each middleware listens to its store, and here many share one.
  sealed.setMaxListeners(100)
})
afterAll(async () => {
  sealed.close()
  await redis.stop()
})

const cases = peers.flatMap(peer => [
  {
    name: `${peer.name}, sessions in memory`,
    peer,
    makeStore: () => new peer.session.MemoryStore(),
  },
  { name: `${peer.name}, sessions sealed in Redis`, peer, makeStore: () => sealed as Store },
])

describe.each(cases)('Passport on $name', ({ peer, makeStore }) => {
  let site: Awaited<ReturnType<typeof serve>>
  beforeEach(async () => {
    site = await serve(peer, makeStore(), false)
    return () => site.close()
  })

  it('signs in under another id, which leaves nothing of a planted one', async () => {
    await site.browser.send('/visit')
    const planted = site.thief()
    const before = await site.me()
    const response = await site.login('alice', "alice's")
    expect(response.status).toBe(302)
    const after = await site.me()
    expect(after).toMatchObject({ id: 'alice', isAuthenticated: true })
    expect(after.sid).not.toBe(before.sid)
    expect(await site.me(planted)).toMatchObject({ isAuthenticated: false })
    expect(await (await site.browser.send('/visit')).json()).toEqual({ visits: 1 })
  })

  it('refuses a wrong password', async () => {
    expect((await site.login('alice', 'x')).status).toBe(401)
    expect(await site.me()).toMatchObject({ isAuthenticated: false })
  })

  it('signs out for good', async () => {
    await site.login('alice', "alice's")
    const copy = site.thief()
    await site.logout()
    expect(await site.me()).toMatchObject({ isAuthenticated: false })
    expect(await site.me(copy)).toMatchObject({ isAuthenticated: false })
  })

  it('keeps what a visitor did, when told to', async () => {
    const keeping = await serve(peer, makeStore(), true)
    await keeping.browser.send('/visit')
    await keeping.login('alice', "alice's")
    expect(await (await keeping.browser.send('/visit')).json()).toEqual({ visits: 2 })
    expect(await keeping.me()).toMatchObject({ id: 'alice' })
    await keeping.logout()
    expect(await (await keeping.browser.send('/visit')).json()).toEqual({ visits: 3 })
    expect(await keeping.me()).toMatchObject({ isAuthenticated: false })
    keeping.close()
  })
})

describe.each(peers)('Passport on $name and sealed sessions', peer => {
  it('has each user listed and signed out everywhere', async () => {
    const user = `user of ${peer.name}`
    const [first, second] = await Promise.all([
      serve(peer, sealed, false),
      serve(peer, sealed, false),
    ])
    await first.login(user, `${user}'s`)
    await second.login(user, `${user}'s`)
    expect(await sealed.listUser(user)).toHaveLength(2)
    const { sid } = await second.me()
    expect(await sealed.revokeUser(user, sid)).toBe(1)
    expect(await first.me()).toMatchObject({ isAuthenticated: false })
    expect(await second.me()).toMatchObject({ id: user })
    await second.logout()
    expect(await sealed.listUser(user)).toEqual([])
    first.close()
    second.close()
  })
})
