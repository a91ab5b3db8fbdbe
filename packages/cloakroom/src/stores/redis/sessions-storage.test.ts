import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createSessionGround,
  type GroundData,
  requireSession,
  type SessionGround,
} from '../../../../../test/support/session-ground.ts'
import { createManualClock } from '../../core/clock.ts'
import type { SessionManager } from '../../sessions/manager.ts'
import type { RedisReply } from './client.ts'
import { createKeys } from './keys.ts'
import type { ScriptRunner } from './script.ts'
import { createRedisSessions } from './sessions.ts'

const alice = { id: 'alice' }
const hour = 3_600_000
const lingerMs = 60_000

let ground: SessionGround
let sessions: SessionManager<GroundData>
beforeAll(async () => {
  ground = await createSessionGround()
})
afterAll(() => ground.close())
beforeEach(async () => {
  await ground.clear()
  sessions = ground.managerWith()
})

const number = async (...args: string[]): Promise<number> => Number(await ground.command(...args))

/** Redis counts in its own time while the test runs. */
function expectAbout(actual: number, expected: number): void {
  expect(actual).toBeLessThanOrEqual(expected)
  expect(actual).toBeGreaterThan(expected - 5000)
}

describe('the life of keys in Redis', () => {
  it('is that of the session and a minute, in which its owner can be told why it ended', async () => {
    const { session, token } = await sessions.create(alice)
    const key = ground.keys.session(session.id)
    expectAbout(await number('PTTL', key), hour + lingerMs)
    ground.clock.advance(hour / 2)
    await sessions.validate(token)
    expectAbout(await number('PTTL', key), hour + lingerMs)
    expectAbout(await number('PTTL', ground.keys.index(session.id)), hour + lingerMs)
  })

  it('never outlasts the absolute lifetime', async () => {
    const { session, token } = await sessions.create(alice)
    for (let passed = 0; passed < 23; passed += 1) {
      await sessions.validate(token)
      ground.clock.advance(hour / 2)
    }
    await sessions.validate(token)
    expectAbout(await number('PTTL', ground.keys.session(session.id)), hour / 2 + lingerMs)
  })

  it('of an index is that of the session that lives longest', async () => {
    const lasting = await sessions.create(alice, { remember: true })
    await sessions.create(alice)
    const index = ground.keys.index(lasting.session.id)
    expectAbout(await number('PTTL', index), 14 * 24 * hour + lingerMs)
    await sessions.revokeAll(alice.id)
    expect(await number('EXISTS', index)).toBe(0)
  })

  it('of an owner’s epoch outlasts whatever is written under it', async () => {
    const { session } = await sessions.create(alice)
    await sessions.revokeAll(alice.id)
    const key = ground.keys.epoch(session.id.slice(0, 12))
    await ground.command('PEXPIRE', key, '1000')
    await sessions.create(alice)
    expectAbout(await number('PTTL', key), 400 * 24 * hour)
  })

  it('is not prolonged by passive reads, nor by touches within the interval', async () => {
    const { session, token } = await sessions.create(alice)
    const key = ground.keys.session(session.id)
    await ground.command('PEXPIRE', key, '100000')
    ground.clock.advance(2 * 60_000)
    await sessions.validate(token)
    ground.clock.advance(hour / 2)
    await sessions.validate(token, { isPassive: true })
    expectAbout(await number('PTTL', key), 100_000)
  })
})

describe('the index of a bucket', () => {
  it('loses what is over when its owner signs in, limited or not', async () => {
    for (const limit of [false, { max: 100 }] as const) {
      await ground.clear()
      sessions = ground.managerWith({ session: { limit } })
      for (let count = 0; count < 10; count += 1) await sessions.create(alice)
      ground.clock.advance(hour)
      const { session } = await sessions.create(alice)
      expect(await number('ZCARD', ground.keys.index(session.id))).toBe(1)
    }
  })

  it('loses members whose record is gone when it is read', async () => {
    const { session } = await sessions.create(alice)
    await ground.command('DEL', ground.keys.session(session.id))
    expect(await sessions.list(alice.id)).toEqual([])
    expect(await number('EXISTS', ground.keys.index(session.id))).toBe(0)
  })

  it('holds no visitors', async () => {
    const { session, token } = await sessions.create(null)
    ground.clock.advance(hour / 2)
    await sessions.validate(token)
    await sessions.update(session, () => undefined)
    expect(await number('EXISTS', ground.keys.index(session.id))).toBe(0)
  })
})

describe('when the index was lost', () => {
  beforeEach(async () => {
    await sessions.create(alice)
  })
  const loseIndex = (id: string) => ground.command('DEL', ground.keys.index(id))

  it('ends sessions all the same, by the epoch', async () => {
    const { session, token } = await sessions.create(alice)
    await loseIndex(session.id)
    expect(await sessions.revokeAll(alice.id)).toBe(0)
    expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'epoch' })
  })

  it('keeps the session that ends the others', async () => {
    const { session, token } = await sessions.create(alice)
    const other = await sessions.create(alice)
    await loseIndex(session.id)
    await sessions.revokeOthers(session)
    expect((await requireSession(sessions, token)).id).toBe(session.id)
    expect(await sessions.validate(other.token)).toMatchObject({ reason: 'epoch' })
  })

  it('does not keep a session that an earlier epoch ended', async () => {
    const { session, token } = await sessions.create(alice)
    await loseIndex(session.id)
    await sessions.revokeAll(alice.id)
    await sessions.revokeOthers(session)
    expect(await sessions.validate(token)).toMatchObject({ reason: 'epoch' })
  })
})

describe('a clock that goes backwards', () => {
  it('ends nothing too early, and makes no time negative', async () => {
    const { token, session } = await sessions.create(alice)
    ground.clock.advance(-5000)
    expect((await requireSession(sessions, token)).seenAt).toBe(session.seenAt)
    const saved = await sessions.update(session, data => ({ ...data, visits: 1 }))
    expect(saved.seenAt).toBe(session.seenAt)
    const { token: next } = await sessions.rotate(saved)
    expect((await requireSession(sessions, next)).data).toEqual({ visits: 1 })
    ground.clock.advance(hour + 4999)
    expect((await sessions.validate(next)).state).toBe('valid')
  })
})

describe('the time of Redis', () => {
  it('counts where no clock is given', async () => {
    const store = await ground.connect({ isOnRedisTime: true })
    const onRedisTime = ground.managerWith({ store })
    const before = Date.now()
    const { session, token } = await onRedisTime.create(alice)
    expect(session.createdAt).toBeGreaterThanOrEqual(before - 1)
    expect(session.createdAt).toBeLessThanOrEqual(Date.now() + 1)
    expect((await requireSession(onRedisTime, token)).seenAt).toBe(session.createdAt)
    expect(await onRedisTime.list(alice.id)).toHaveLength(1)
    await onRedisTime.rotate(session)
    expect((await onRedisTime.validate(token)).state).toBe('valid')
    expect(await onRedisTime.revokeAll(alice.id)).toBe(1)
  })
})

describe('a Redis that has forgotten every script', () => {
  it('serves each step as if it had not', async () => {
    const forget = () => ground.command('SCRIPT', 'FLUSH')
    const steps: (() => Promise<unknown>)[] = []
    let { session, token } = await sessions.create(alice)
    steps.push(
      () => sessions.create(alice),
      () =>
        sessions.create(alice, { previous: session }).then(issued => ({ session, token } = issued)),
      () => requireSession(sessions, token),
      () => sessions.renew(session),
      () => sessions.update(session, data => ({ ...data, visits: 1 })),
      () => sessions.rotate(session).then(issued => ({ session, token } = issued)),
      () => sessions.list(alice.id),
      () => sessions.raiseEpoch({ tenant: 'acme' }),
      () => sessions.revoke(session.id),
      () => sessions.revokeAll(alice.id),
    )
    for (const step of steps) {
      await forget()
      await step()
    }
    expect(await sessions.list(alice.id)).toEqual([])
  })

  it('serves requests in parallel, as while it restarts', async () => {
    const { token } = await sessions.create(alice)
    const work = Array.from({ length: 200 }, async (_, index) => {
      if (index % 20 === 0) await ground.command('SCRIPT', 'FLUSH')
      return sessions.validate(token)
    })
    const reads = await Promise.all(work)
    expect(new Set(reads.map(({ state }) => state))).toEqual(new Set(['valid']))
  })
})

describe('createRedisSessions', () => {
  const answering = (reply: RedisReply): ScriptRunner => ({
    run: async () => reply,
    command: async () => reply,
    commandEach: async () => [reply],
    subscribe: () => ({ close: () => undefined }),
    scanKeys: async () => ({ keys: ['cr:{abc}sDEFGHIJKL-_mnopqrst', 'cr:other'], cursor: null }),
  })
  const storeOf = (reply: RedisReply) =>
    createRedisSessions({
      scripts: answering(reply),
      keys: createKeys('cr:'),
      clock: createManualClock(),
    })
  const id = 'abcDEFGHIJKL-_mnopqrst'
  const digest = new Uint8Array(16)
  const load = { id, digest, touchEveryMs: null, isUnderWay: false }
  const record = { id, digest, keyId: '00000000', generation: 1, idleMs: 1000, absoluteMs: 1000 }
  const create = { isIndexed: true, limit: null, replaces: null }
  const bytes = (text: string) => Buffer.from(text)

  it.each<[string, RedisReply]>([
    ['no list', 1],
    ['an empty list', []],
    ['numbers for words', [1, 2, 3]],
    ['a valid session without a record', [bytes('valid'), 5, null]],
  ])('says what is wrong when Redis answers with %s', async (_name, reply) => {
    await expect(storeOf(reply).load(load)).rejects.toMatchObject({ code: 'ERR_STORE_REPLY' })
  })

  it('takes a record that a script calls valid, and that is not, for none', async () => {
    const answer = await storeOf([bytes('valid'), 5, bytes('{}')]).load(load)
    expect(answer).toEqual({ state: 'absent', reason: 'corrupt', record: null })
  })

  it('refuses times that cannot be its own', async () => {
    const store = storeOf([bytes('created'), 5, bytes('0123456789abcdef')])
    const creating = store.create({ ...create, record: { ...record, sealed: new Uint8Array() } })
    await expect(creating).rejects.toMatchObject({ code: 'ERR_STORE_REPLY' })
  })

  it('skips what is no session, and sessions that ended while it reads pages', async () => {
    expect(await storeOf(null).scan(null, 10)).toEqual({ records: [], cursor: null })
  })
})
