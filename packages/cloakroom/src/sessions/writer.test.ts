import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { createSessionManager, type SessionManager } from './manager.ts'
import type { SessionStore, WriteResult } from './store.ts'

interface Data {
  visits?: number
}

function setUp(change: (store: SessionStore) => Partial<SessionStore>): SessionManager<Data> {
  const clock = createManualClock()
  const store = createMemorySessions({ clock })
  return createSessionManager<Data>({
    clock,
    store: { ...store, ...change(store) },
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    events: { emit: () => undefined },
  })
}

describe('update', () => {
  it('gives up when others are faster a hundred times, and says what to do', async () => {
    let attempts = 0
    const sessions = setUp(store => ({
      async save(request): Promise<WriteResult> {
        attempts += 1
        const { id, digest } = request.record
        const now = await store.load({ id, digest, touchEveryMs: null, isUnderWay: true })
        if (now.state !== 'valid') throw new Error('The session is gone.')
        return { state: 'conflict', record: now.record, now: now.now }
      },
    }))
    const { session } = await sessions.create({ id: 'alice' })
    let changes = 0
    const updating = sessions.update(session, () => {
      changes += 1
      return undefined
    })
    await expect(updating).rejects.toMatchObject({
      code: 'ERR_SESSION_CONFLICT',
      message: expect.stringContaining('Load it again'),
    })
    expect([attempts, changes]).toEqual([100, 100])
  })

  it('takes a session for ended whose record broke meanwhile', async () => {
    const sessions = setUp(store => ({
      async save({ record }): Promise<WriteResult> {
        const { id, digest } = record
        const read = await store.load({ id, digest, touchEveryMs: null, isUnderWay: true })
        if (read.state !== 'valid') throw new Error('The session is gone.')
        const broken = { ...read.record, sealed: Uint8Array.of(1) }
        return { state: 'conflict', record: broken, now: read.now }
      },
    }))
    const { session } = await sessions.create({ id: 'alice' })
    await expect(sessions.update(session, () => undefined)).rejects.toMatchObject({
      code: 'ERR_SESSION_GONE',
    })
  })

  it('stores nothing when the change throws', async () => {
    let saves = 0
    const sessions = setUp(store => ({
      save(request) {
        saves += 1
        return store.save(request)
      },
    }))
    const { session } = await sessions.create({ id: 'alice' })
    const updating = sessions.update(session, () => {
      throw new RangeError('no')
    })
    await expect(updating).rejects.toThrow(RangeError)
    expect(saves).toBe(0)
  })

  it('refuses a change that answers later', async () => {
    const sessions = setUp(() => ({}))
    const { session } = await sessions.create({ id: 'alice' })
    const later = (async (data: Data) => data) as unknown as (data: Data) => Data
    await expect(sessions.update(session, later)).rejects.toThrow(/an instance of Promise/)
  })
})

describe('touch', () => {
  it('asks the store only when activity is due', async () => {
    const clock = createManualClock()
    const store = createMemorySessions({ clock })
    let loads = 0
    const sessions = createSessionManager<Data>({
      clock,
      store: {
        ...store,
        load(request) {
          loads += 1
          return store.load(request)
        },
      },
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      events: { emit: () => undefined },
    })
    const { session } = await sessions.create({ id: 'alice' })
    clock.advance(179_999)
    expect(await sessions.touch(session)).toBe(session)
    expect(loads).toBe(0)
    clock.advance(1)
    expect((await sessions.touch(session)).seenAt).toBe(clock.now())
    expect(loads).toBe(1)
  })
})
