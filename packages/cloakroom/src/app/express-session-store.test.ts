import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  openExpressSessionStore,
  sealSecret,
} from '../../../../test/support/express-session-store.ts'
import { type ConnectedClient, redisClients } from '../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts'
import { Cookie } from '../adapters/express-session/cookie.ts'
import type { Session } from '../adapters/express-session/session.ts'
import { ConfigError } from '../core/errors.ts'
import type { SecurityEvent } from '../events/event.ts'
import type { ExpressSessionStoreOptions } from './express-session-options.ts'
import { createExpressSessionStore } from './express-session-store.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

describe.each(redisClients)('createExpressSessionStore on $name', factory => {
  let connection: ConnectedClient
  beforeEach(async () => {
    connection = factory.connect(redis.url)
    await connection.client.whenReady()
    await connection.client.command(null, ['FLUSHALL'])
    return () => connection.close()
  })

  const openStore = (options: Partial<ExpressSessionStoreOptions> = {}) =>
    openExpressSessionStore(connection, options)
  const keys = async (): Promise<string[]> => {
    const reply = (await connection.client.command(null, ['KEYS', '*'])) as Uint8Array[]
    return reply.map(each => Buffer.from(each).toString()).sort()
  }

  it('gives back what was stored, as JSON makes it', async () => {
    const { begin, load, save, clock } = openStore()
    const at = new Date(clock.now())
    await save(begin('s1', { user: 'alice', at, cart: [{ id: 1 }], nothing: undefined }, 60_000))
    const session = await load('s1')
    expect({ ...session }).toMatchObject({ user: 'alice', at: at.toISOString(), cart: [{ id: 1 }] })
    expect(session).not.toHaveProperty('nothing')
    expect(session?.cookie).toBeInstanceOf(Cookie)
    expect(session?.cookie.expires).toEqual(new Date(clock.now() + 60_000))
    expect(await load('s2')).toBeUndefined()
  })

  it('keeps typed values when told to', async () => {
    const { begin, load, save } = openStore({ typed: true })
    const data = { at: new Date(5), tags: new Set(['a']), big: 2n ** 70n }
    await save(begin('s1', data))
    expect({ ...(await load('s1')) }).toMatchObject(data)
  })

  it('shows nothing of a session in Redis, nor its id', async () => {
    const { begin, save } = openStore()
    await save(begin('the-session-id', { user: 'alice', secret: 'rosebud' }))
    const names = await keys()
    const dumps = await Promise.all(
      names.map(name => connection.client.command(name, ['DUMP', name])),
    )
    const all = names.join() + dumps.map(dump => Buffer.from(dump as Uint8Array).toString('latin1'))
    expect(names.length).toBeGreaterThan(0)
    expect(names.every(name => name.startsWith('cr:express:'))).toBe(true)
    expect(all).not.toMatch(/the-session-id|rosebud|alice/)
  })

  it('ends with the cookie, each use counting anew', async () => {
    const { begin, load, save, touch, clock } = openStore()
    await save(begin('s1', {}, 60_000))
    clock.advance(40_000)
    const session = await load('s1')
    expect(session?.cookie.maxAge).toBeLessThanOrEqual(20_000 + Date.now() - clock.now())
    await touch(session as Session)
    clock.advance(40_000)
    expect(await load('s1')).toBeDefined()
    clock.advance(20_000)
    expect(await load('s1')).toBeUndefined()
  })

  it('ends after a day without a cookie lifetime, or as `ttl` says', async () => {
    const day = 86_400_000
    const plain = openStore()
    await plain.save(plain.begin('s1'))
    plain.clock.advance(day - 1000)
    expect(await plain.load('s1')).toBeDefined()
    plain.clock.advance(1000)
    expect(await plain.load('s1')).toBeUndefined()

    const short = openStore({ ttl: 60 })
    await short.save(short.begin('s2'))
    short.clock.advance(60_000)
    expect(await short.load('s2')).toBeUndefined()

    const own = openStore({
      ttl: session => ((session as { user?: string }).user === 'alice' ? 10 : 20),
    })
    await own.save(own.begin('s3', { user: 'alice' }, day))
    await own.save(own.begin('s4', { user: 'bob' }, day))
    own.clock.advance(10_000)
    expect(await own.load('s3')).toBeUndefined()
    expect(await own.load('s4')).toBeDefined()
  })

  it('lives longer in Redis too when its cookie is given a longer life', async () => {
    const { begin, load, save, touch, clock } = openStore()
    await save(begin('s1', {}, 60_000))
    const session = (await load('s1')) as Session
    session.cookie.maxAge = 3_600_000
    await touch(session)
    const [record = ''] = (await keys()).filter(key => key.includes('}s'))
    const ttl = Number(await connection.client.command(record, ['PTTL', record]))
    expect(ttl).toBeGreaterThan(3_590_000)
    clock.advance(120_000)
    expect((await load('s1'))?.cookie.originalMaxAge).toBeCloseTo(3_600_000, -3)
  })

  it('ends at once when its cookie has', async () => {
    const { begin, load, save } = openStore()
    const session = begin('s1', {}, 60_000)
    await save(session)
    session.cookie.maxAge = -1
    await save(session)
    expect(await load('s1')).toBeUndefined()
  })

  it('ends in any case when `absolute` says so', async () => {
    const { begin, load, save, touch, clock } = openStore({ absolute: '2m' })
    await save(begin('s1', {}, 90_000))
    clock.advance(60_000)
    await touch((await load('s1')) as Session)
    clock.advance(60_000)
    expect(await load('s1')).toBeUndefined()
  })

  it.each([null, 60_000])(
    'is not written when only touched, with a lifetime of %s',
    async maxAge => {
      const { begin, load, save, touch, clock } = openStore()
      await save(begin('s1', { user: 'alice' }, maxAge))
      const [record = ''] = (await keys()).filter(key => key.includes('}s'))
      const sealed = async (): Promise<string> => {
        const value = (await connection.client.command(record, ['GET', record])) as Uint8Array
        return Buffer.from(value.subarray(49)).toString('hex')
      }
      const before = await sealed()
      clock.advance(5000)
      const session = (await load('s1')) as Session
      session.touch()
      await touch(session)
      await save((await load('s1')) as Session)
      expect(await sealed()).toBe(before)
    },
  )

  it('lives on while it is used, however short its life', async () => {
    const { begin, load, save, touch, clock } = openStore()
    await save(begin('s1', {}, 1000))
    for (let use = 0; use < 4; use += 1) {
      clock.advance(600)
      await touch((await load('s1')) as Session)
    }
    expect(await load('s1')).toBeDefined()
  })

  it('writes no activity more often than `touchEvery`, and none at all when told so', async () => {
    const rare = openStore({ touchEvery: '30s' })
    await rare.save(rare.begin('s1', {}, 60_000))
    rare.clock.advance(20_000)
    await rare.touch((await rare.load('s1')) as Session)
    rare.clock.advance(40_000)
    expect(await rare.load('s1')).toBeUndefined()

    const never = openStore({ disableTouch: true })
    await never.save(never.begin('s2', {}, 60_000))
    never.clock.advance(59_000)
    await never.touch((await never.load('s2')) as Session)
    never.clock.advance(1000)
    expect(await never.load('s2')).toBeUndefined()
  })

  it('opens with the older of two secrets, and seals with the newer', async () => {
    const older = openStore()
    await older.save(older.begin('s1', { user: 'alice' }))
    const both = openStore({ secret: ['fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g', sealSecret] })
    const session = (await both.load('s1')) as Session
    Object.assign(session, { theme: 'dark' })
    await both.save(session)
    const newer = openStore({ secret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g' })
    expect({ ...(await newer.load('s1')) }).toMatchObject({ theme: 'dark', user: 'alice' })
  })

  it('seals under the session id too, when told to', async () => {
    const { begin, save, load } = openStore({ seal: 'ticket' })
    await save(begin('s1', { theme: 'dark' }))
    expect({ ...(await load('s1')) }).toMatchObject({ theme: 'dark' })
  })

  it('takes a record for none that it cannot read', async () => {
    const { begin, save, load, events } = openStore()
    await save(begin('s1', { theme: 'dark' }))
    const [record = ''] = await keys()
    await connection.client.command(record, ['SETRANGE', record, '60', 'xxx'])
    expect(await load('s1')).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ type: 'session_refused', reason: 'corrupt' })
  })
})

describe('createExpressSessionStore', () => {
  const client = redisClients[0]?.connect('redis://127.0.0.1:1').native as never

  it.each<[string, object, RegExp]>([
    ['an unknown option', { client }, /createExpressSessionStore\.client/],
    ['no client', { redis: undefined }, /`client` is undefined/],
    ['no secret', { secret: undefined }, /SESSION_SECRET_KEY/],
    ['a short secret', { secret: 'short' }, /`secret` has 5 characters/],
    ['a prefix that Redis reads as a pattern', { prefix: 'a*' }, /`prefix`/],
    ['a lifetime that is none', { absolute: 5 }, /`absolute`/],
  ])('refuses %s', (_what, options, message) => {
    const given = { redis: client, secret: sealSecret, env: {}, ...options }
    expect(() => createExpressSessionStore(given)).toThrow(message)
    expect(() => createExpressSessionStore(given)).toThrow(ConfigError)
  })

  it('takes the secret from the environment', () => {
    const store = createExpressSessionStore({
      redis: client,
      env: { SESSION_SECRET_KEY: sealSecret },
    })
    store.close()
  })

  it('answers 503 when Redis cannot be reached, and says so to whoever listens', async () => {
    const events: SecurityEvent[] = []
    const store = createExpressSessionStore({
      redis: client,
      secret: sealSecret,
      redisGuard: { deadline: '50ms', failures: 1 },
      onEvent: event => events.push(event),
    })
    const error = await new Promise(resolve => store.get('s1', resolve))
    expect(error).toMatchObject({ status: 503, code: 'ERR_UNAVAILABLE' })
    expect(events).toMatchObject([{ type: 'store_unavailable' }])
    store.close()
  })
})
