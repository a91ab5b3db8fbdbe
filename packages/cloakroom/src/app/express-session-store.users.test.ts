import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ask,
  openExpressSessionStore,
  sealSecret,
} from '../../../../test/support/express-session-store.ts'
import { type ConnectedClient, redisClients } from '../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts'
import type { Session } from '../adapters/express-session/session.ts'
import { createCloakroom } from './cloakroom.ts'
import type { ExpressSessionStoreOptions } from './express-session-options.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

describe.each(redisClients)(
  'createExpressSessionStore among many requests and users, on $name',
  factory => {
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

    it('merges what parallel requests changed', async () => {
      const { begin, load, save } = openStore()
      await save(begin('s1', { kept: 1, removed: 1 }))
      const requests = await Promise.all(Array.from({ length: 20 }, () => load('s1')))
      await Promise.all(
        requests.map((session, index) => {
          Object.assign(session ?? {}, { [`k${index}`]: index })
          if (index === 7) delete session?.['removed']
          return session && save(session)
        }),
      )
      const merged = await load('s1')
      expect(Object.keys(merged ?? {})).toHaveLength(22)
      expect(merged).not.toHaveProperty('removed')
    })

    it('brings no ended session back, whoever saves or touches it late', async () => {
      const { store, begin, load, save, touch, destroy, length } = openStore()
      await save(begin('s1', { user: 'alice' }))
      const late = (await load('s1')) as Session
      const copy = { ...late }
      await destroy('s1')
      await save(late)
      await touch(late)
      expect(store.hasEnded(late)).toBe(true)
      await ask(callback => store.set('s1', copy, callback))
      await ask(callback => store.touch('s1', copy, callback))
      expect(await load('s1')).toBeUndefined()
      expect(await length()).toBe(0)
      expect(store.hasEnded(begin('s3'))).toBe(false)
    })

    it('lists and ends the sessions of a user', async () => {
      const { store, begin, load, save, destroy, clock, events } = openStore()
      await save(begin('s1', { user: 'alice' }))
      clock.advance(1000)
      const visitor = begin('s2')
      await save(visitor)
      Object.assign(visitor, { user: 'alice' })
      await save(visitor)
      await save(begin('s3', { user: 'bob' }))
      const listed = await store.listUser('alice')
      expect(listed.map(({ userId, createdAt }) => [userId, clock.now() - createdAt])).toEqual([
        ['alice', 0],
        ['alice', 1000],
      ])
      expect(await store.revokeUser('alice', 's2')).toBe(1)
      expect(await load('s1')).toBeUndefined()
      expect(await store.listUser('alice')).toHaveLength(1)
      expect(await store.revoke((await store.listUser('alice'))[0]?.id ?? '')).toBe(true)
      expect(await store.revoke('nothing')).toBe(false)
      expect(await load('s2')).toBeUndefined()
      expect(await load('s3')).toBeDefined()
      await destroy('s3')
      expect(await store.listUser('bob')).toEqual([])
      expect((await keys()).filter(key => !key.includes('}g'))).toEqual([])
      expect(events.map(({ type, reason }) => [type, reason])).toEqual([
        ['session_created', undefined],
        ['session_created', undefined],
        ['session_created', undefined],
        ['session_destroyed', 'revoked'],
        ['session_destroyed', 'revoked'],
        ['session_destroyed', 'logout'],
      ])
    })

    it('lists a session under the user it has now', async () => {
      const { store, begin, load, save } = openStore()
      await save(begin('s1', { user: 'alice' }))
      const session = (await load('s1')) as Session
      Object.assign(session, { user: 'bob' })
      await save(session)
      expect(await store.listUser('alice')).toEqual([])
      expect(await store.listUser('bob')).toHaveLength(1)
      Object.assign(session, { user: undefined })
      await save(session)
      expect(await store.listUser('bob')).toEqual([])
    })

    it('goes by the merged data for whose it is', async () => {
      const { store, begin, load, save } = openStore()
      await save(begin('s1', { user: 'alice' }))
      const [out, other] = await Promise.all([load('s1'), load('s1')])
      delete out?.['user']
      Object.assign(other ?? {}, { theme: 'dark' })
      await save(out as Session)
      await save(other as Session)
      expect({ ...(await load('s1')) }).toMatchObject({ theme: 'dark' })
      expect(await store.listUser('alice')).toEqual([])
    })

    it('forgets the expired sessions of users who sign in often', async () => {
      const { store, begin, save, clock } = openStore({ ttl: 120 })
      for (let index = 0; index < 15; index += 1) {
        await save(begin(`s${index}`, { user: 'alice' }))
        clock.advance(30_000)
      }
      const [links = ''] = (await keys()).filter(key => key.includes('}l'))
      const count = Number(await connection.client.command(links, ['ZCARD', links]))
      expect(count).toBeLessThan(12)
      expect(await store.listUser('alice')).toHaveLength(3)
    })

    it('counts and clears', async () => {
      const { begin, save, length, store, load } = openStore()
      await save(begin('s1'))
      await save(begin('s2'))
      expect(await length()).toBe(2)
      await ask(callback => store.clear(callback))
      expect(await length()).toBe(0)
      expect(await load('s1')).toBeUndefined()
    })

    it('shares its records with an administrator of the same prefix and secret', async () => {
      const { begin, load, save, clock } = openStore()
      await save(begin('s1', { user: 'alice' }))
      const { sessions, close } = createCloakroom({
        redis: connection.native as never,
        prefix: 'cr:express:',
        secret: sealSecret,
        cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
        audit: false,
        clock,
        env: {},
      })
      const { entries } = await sessions.scan()
      expect(entries.map(({ userId }) => userId)).toEqual(['alice'])
      expect(await sessions.revoke(entries[0]?.id ?? '')).toBe(true)
      expect(await load('s1')).toBeUndefined()
      close()
    })
  },
)
