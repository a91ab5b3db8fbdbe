import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { createSessionManager, type SessionManager } from './manager.ts'

const [oldSecret, newSecret] = [
  'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
  'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
]

function setUp() {
  const clock = createManualClock()
  const events: SecurityEvent[] = []
  const store = createMemorySessions({ clock })
  const managerWith = (...secret: string[]): SessionManager =>
    createSessionManager({ store, clock, secret, events: { emit: event => events.push(event) } })
  return { clock, events, managerWith, sessions: managerWith(oldSecret) }
}

describe('list', () => {
  it('gives what a user may see of a session, and no more', async () => {
    const { sessions, clock } = setUp()
    const user = { id: 'alice', role: 'admin', permissions: ['secret:permission'], tenant: 'acme' }
    const source = { ip: '203.0.113.7', userAgent: 'curl/8.0' }
    const { session } = await sessions.create(user, { source, data: { cart: ['secret'] } })
    const now = clock.now()
    expect(await sessions.list('alice')).toEqual([
      {
        id: session.id,
        userId: 'alice',
        role: 'admin',
        tenant: 'acme',
        device: 'curl',
        ip: '203.0.113.7',
        actorId: null,
        createdAt: now,
        seenAt: now,
        expiresAt: now + 3_600_000,
        isCurrent: false,
      },
    ])
  })

  it('leaves out what no key of this process opens, and what a tenant’s epoch ended', async () => {
    const { sessions, managerWith } = setUp()
    await sessions.create({ id: 'alice', tenant: 'acme' })
    expect(await managerWith(newSecret).list('alice')).toEqual([])
    await sessions.raiseEpoch({ tenant: 'acme' })
    expect(await sessions.list('alice')).toEqual([])
    expect((await sessions.scan()).entries).toEqual([])
  })
})

describe('find', () => {
  it('gives a living session by its handle, and notes no activity', async () => {
    const { sessions, clock } = setUp()
    const { session } = await sessions.create({ id: 'alice' })
    clock.advance(50 * 60_000)
    expect(await sessions.find(session.id)).toMatchObject({ id: session.id, userId: 'alice' })
    clock.advance(11 * 60_000)
    expect(await sessions.find(session.id)).toBeNull()
  })

  it('gives null for what is no handle, and for what an epoch ended', async () => {
    const { sessions } = setUp()
    const { session } = await sessions.create({ id: 'alice', tenant: 'acme' })
    await sessions.raiseEpoch({ tenant: 'acme' })
    expect(await sessions.find(session.id)).toBeNull()
    expect(await sessions.find('no handle')).toBeNull()
  })
})

describe('countPage', () => {
  it('counts all sessions in parts', async () => {
    const { sessions } = setUp()
    for (let count = 0; count < 25; count += 1) await sessions.create(null)
    const parts: number[] = []
    let cursor: string | null = null
    do {
      const page = await sessions.countPage(cursor, 10)
      parts.push(...page.counts.values())
      cursor = page.cursor
    } while (cursor !== null)
    expect(parts).toEqual([10, 10, 5])
  })
})

describe('countByKey', () => {
  it('counts keys of the ring, with or without sessions, and keys that are not in it', async () => {
    const { sessions, managerWith } = setUp()
    await sessions.create({ id: 'alice' })
    await sessions.create(null)
    const counts = await managerWith(newSecret, oldSecret).countByKey()
    expect([...counts.values()]).toEqual([0, 2])
    const alone = await managerWith(newSecret).countByKey()
    expect([...alone.values()]).toEqual([0, 2])
    expect([...alone.keys()]).toEqual([...counts.keys()])
  })
})

describe('events', () => {
  it('say who ended a session, and why', async () => {
    const { sessions, events } = setUp()
    const { session } = await sessions.create({ id: 'alice' })
    const other = await sessions.create({ id: 'alice' })
    events.length = 0
    const source = { ip: '198.51.100.1', userAgent: 'console' }
    await sessions.revoke(session.id, { source, reason: 'support' })
    await sessions.revokeAll('alice', { source })
    const about = { type: 'session_destroyed', userId: 'alice', ip: '198.51.100.1' }
    expect(events).toEqual([
      expect.objectContaining({ ...about, sessionId: session.id, reason: 'support' }),
      expect.objectContaining({ ...about, sessionId: other.session.id, reason: 'revoked' }),
    ])
  })

  it('say whose epoch was raised', async () => {
    const { sessions, events } = setUp()
    await sessions.create({ id: 'alice' })
    events.length = 0
    await sessions.raiseEpoch({ user: 'alice' }, { reason: 'password-changed' })
    await sessions.raiseEpoch({ tenant: 'acme' })
    await sessions.raiseEpoch({ all: true })
    const raised = events.filter(event => event.type === 'session_epoch_raised')
    expect(raised).toEqual([
      expect.objectContaining({ userId: 'alice', reason: 'password-changed', details: {} }),
      expect.objectContaining({ reason: 'revoked', details: { tenant: 'acme' } }),
      expect.objectContaining({ reason: 'revoked', details: {} }),
    ])
  })
})

describe('endSealedBy', () => {
  it('ends what an old key sealed, in parts, and leaves the rest', async () => {
    const { managerWith, events } = setUp()
    const before = managerWith(oldSecret)
    for (let count = 0; count < 25; count += 1) await before.create({ id: `user-${count}` })
    const both = managerWith(newSecret, oldSecret)
    const { session } = await both.create({ id: 'alice' })
    const [, oldKey = ''] = (await both.countPage()).ring
    const parts: number[] = []
    let cursor: string | null = null
    do {
      const page = await both.endSealedBy(oldKey, { cursor, count: 10, reason: 'leaked' })
      parts.push(page.ended)
      cursor = page.cursor
    } while (cursor !== null)
    expect(parts.reduce((sum, ended) => sum + ended, 0)).toBe(25)
    expect(events.filter(({ reason }) => reason === 'leaked')).toHaveLength(25)
    expect(await both.find(session.id)).not.toBeNull()
    expect([...(await both.countByKey()).values()]).toEqual([1, 0])
  })
})

describe('locker', () => {
  it('says what is missing where the manager has no store for lockers', () => {
    expect(() => setUp().sessions.locker({ user: 'alice' })).toThrow('`lockers`')
  })
})
