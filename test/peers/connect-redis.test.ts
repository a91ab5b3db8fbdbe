import { createRequire } from 'node:module'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import session, {
  createExpressSessionStore,
  type ExpressSessionStoreOptions,
  type Store,
} from '../../packages/cloakroom/src/express-session.ts'
import { type ConnectedClient, redisClients } from '../support/redis-clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Handler, peers, serve } from './express-session/harness.ts'

/** Without its declarations, which bring those of express-session. */
const { RedisStore } = createRequire(import.meta.url)('connect-redis') as {
  RedisStore: new (options: object) => Store
}

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'

const app: Handler = (request, response) => {
  const { session: current, url = '' } = request
  if (url === '/logout') return void current.destroy(() => response.end())
  const [, name, value] = url.split('/')
  if (name && value) current[name] = value
  const { cookie, ...data } = current
  response.end(JSON.stringify({ ...data, maxAge: cookie.originalMaxAge }))
}

/** One installation that runs on connect-redis, and its Redis. */
let redis: RedisServer
const native = () => createClient({ url: redis.url })
let old: ReturnType<typeof native>

beforeAll(async () => {
  redis = await startRedis()
  old = native()
  await old.connect()
})
afterAll(async () => {
  old.destroy()
  await redis.stop()
})
beforeEach(async () => {
  await old.flushAll()
})

const [original, ours] = peers

async function serveOld(options: object = {}) {
  if (original === undefined) throw new Error('There is no original.')
  const store = new RedisStore({ client: old, ...options })
  return serve(original, { store, saveUninitialized: false }, app)
}

describe.each(redisClients)('sessions of connect-redis, taken over by $name', factory => {
  let connection: ConnectedClient
  beforeEach(() => {
    connection = factory.connect(redis.url)
    return () => connection.close()
  })

  async function serveNew(
    migration: Partial<ExpressSessionStoreOptions['migrateFrom']> = {},
    options: Partial<ExpressSessionStoreOptions> = {},
  ) {
    if (ours === undefined) throw new Error('There is no stand-in.')
    const redisClient = connection.native as never
    const store = createExpressSessionStore({
      redis: redisClient,
      secret,
      migrateFrom: { client: redisClient, ...migration },
      ...options,
    })
    return serve(ours, { store, saveUninitialized: false }, app)
  }

  const oldKeys = () => old.keys('sess:*')

  it('go on under the same cookie, and leave nothing in clear', async () => {
    const before = await serveOld()
    const users = await Promise.all(
      ['alice', 'bob', 'carol'].map(user => before.get(`/user/${user}`)),
    )
    expect(await oldKeys()).toHaveLength(3)
    const after = await serveNew()
    for (const { cookie, body } of users) {
      expect((await after.get('/', { cookie })).body).toBe(body)
      expect((await after.get('/theme/dark', { cookie })).lines).toEqual([])
      expect(JSON.parse((await after.get('/', { cookie })).body)).toMatchObject({ theme: 'dark' })
    }
    expect(await oldKeys()).toEqual([])
    expect(await old.keys('cr:express:*')).toHaveLength(3)
  })

  it('lose nothing when many requests arrive at once', async () => {
    const before = await serveOld()
    const { cookie } = await before.get('/user/alice')
    const after = await serveNew()
    const names = Array.from({ length: 12 }, (_, index) => `k${index}`)
    const answers = await Promise.all(names.map(name => after.get(`/${name}/1`, { cookie })))
    expect(answers.map(({ body }) => JSON.parse(body).user)).toEqual(names.map(() => 'alice'))
    const { user, maxAge, ...rest } = JSON.parse((await after.get('/', { cookie })).body)
    expect([user, maxAge]).toEqual(['alice', null])
    expect(Object.keys(rest).sort()).toEqual(names.sort())
  })

  it('end by a logout, be it the very first request', async () => {
    const before = await serveOld()
    const [first, second] = [await before.get('/user/alice'), await before.get('/user/bob')]
    const after = await serveNew()
    await after.get('/logout', { cookie: first?.cookie ?? '' })
    expect((await after.get('/', { cookie: first?.cookie ?? '' })).body).toBe('{"maxAge":null}')
    await after.get('/', { cookie: second?.cookie ?? '' })
    await after.get('/logout', { cookie: second?.cookie ?? '' })
    expect((await after.get('/', { cookie: second?.cookie ?? '' })).body).toBe('{"maxAge":null}')
    expect(await oldKeys()).toEqual([])
  })

  it('keep the lifetime of their cookie', async () => {
    if (original === undefined) return
    const store = new RedisStore({ client: old })
    const cookie = { maxAge: 3_600_000 }
    const before = await serve(original, { store, cookie, saveUninitialized: false }, app)
    const answer = await before.get('/user/alice')
    const after = await serveNew()
    const { body } = await after.get('/', { cookie: answer.cookie })
    const { user, maxAge } = JSON.parse(body)
    expect(user).toBe('alice')
    expect(maxAge).toBeCloseTo(3_600_000, -2)
    const [key = ''] = await old.keys('cr:express:*')
    expect(await old.pTTL(key)).toBeGreaterThan(3_590_000)
  })

  it('are listed by user as soon as they are taken over', async () => {
    const before = await serveOld()
    const { cookie } = await before.get('/user/alice')
    const userOf = (current: object) => (current as { user?: string }).user
    const after = await serveNew({}, { userOf })
    await after.get('/', { cookie })
    const store = createExpressSessionStore({ redis: connection.native as never, secret, userOf })
    expect(await store.listUser('alice')).toHaveLength(1)
    store.close()
  })

  it('may be kept for servers that are not replaced yet', async () => {
    const before = await serveOld()
    const { cookie, body } = await before.get('/user/alice')
    const after = await serveNew({ keep: true })
    expect((await after.get('/', { cookie })).body).toBe(body)
    expect((await before.get('/', { cookie })).body).toBe(body)
    expect(await oldKeys()).toHaveLength(1)
  })

  it('may have another prefix and another form', async () => {
    const stringify = (data: object) => Buffer.from(JSON.stringify(data)).toString('base64')
    const parse = (text: string) => JSON.parse(Buffer.from(text, 'base64').toString())
    const before = await serveOld({ prefix: 'my:', serializer: { stringify, parse } })
    const { cookie, body } = await before.get('/user/alice')
    const after = await serveNew({ prefix: 'my:', parse })
    expect((await after.get('/', { cookie })).body).toBe(body)
    expect(await old.keys('my:*')).toEqual([])
  })

  it.each(['{}', '[]', 'null', '"x"', '{"cookie":null}', '{"coo', ''])(
    'are none when they are of the wrong shape: %j',
    async text => {
      const before = await serveOld()
      const { cookie, id } = await before.get('/user/alice')
      await old.set(`sess:${id}`, text)
      const after = await serveNew()
      expect(await after.get('/', { cookie })).toMatchObject({
        status: 200,
        body: '{"maxAge":null}',
      })
      const fresh = await after.get('/user/alice', { cookie })
      expect((await after.get('/', { cookie: fresh.cookie })).body).toMatch(/alice/)
    },
  )

  it('are none when their end has come', async () => {
    const before = await serveOld()
    const { cookie, id } = await before.get('/user/alice')
    const ended = { user: 'alice', cookie: { originalMaxAge: 5, expires: new Date(0) } }
    await old.set(`sess:${id}`, JSON.stringify(ended))
    expect((await (await serveNew()).get('/', { cookie })).body).toBe('{"maxAge":null}')
  })
})

describe('the store of connect-redis', () => {
  it('works with the stand-in as well', async () => {
    if (ours === undefined) return
    const store = new RedisStore({ client: old })
    expect(store).not.toBeInstanceOf(session.Store)
    const site = await serve(ours, { store, saveUninitialized: false, unset: 'destroy' }, app)
    const { cookie } = await site.get('/user/alice')
    expect((await site.get('/', { cookie })).body).toMatch(/alice/)
    expect((await site.get('/theme/dark', { cookie })).lines).toEqual([])
    const { lines } = await site.get('/logout', { cookie })
    expect(lines[0]).toMatch(/^connect\.sid=; .*1970/)
    expect(await old.keys('sess:*')).toEqual([])
  })
})
