import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { StoreError } from '../core/errors.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { createSessionManager } from './manager.ts'
import type { SessionStore } from './store.ts'

function setUp(change: (store: SessionStore) => Partial<SessionStore> = () => ({})) {
  const clock = createManualClock()
  const events: SecurityEvent[] = []
  const store = createMemorySessions({ clock })
  const options = {
    clock,
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    events: { emit: (event: SecurityEvent) => events.push(event) },
  }
  return {
    clock,
    events,
    healthy: createSessionManager<{ visits?: number }>({ ...options, store }),
    sessions: createSessionManager<{ visits?: number }>({
      ...options,
      store: { ...store, ...change(store) },
    }),
  }
}

const down = async (): Promise<never> => {
  throw new StoreError('ERR_STORE_UNAVAILABLE', 'down')
}

describe('validate', () => {
  it.each<[string, Partial<SessionStore>]>([
    ['sessions cannot be read', { load: down }],
    ['epochs cannot be read', { readEpochs: down }],
    ['neither can', { load: down, readEpochs: down }],
  ])('says that it cannot tell when %s, and ends nothing', async (_name, change) => {
    const { sessions, healthy, events } = setUp(() => change)
    const { token } = await healthy.create({ id: 'alice' })
    events.length = 0
    const read = await sessions.validate(token)
    expect(read).toMatchObject({ state: 'unavailable', error: { code: 'ERR_STORE_UNAVAILABLE' } })
    expect(events).toEqual([])
    expect((await healthy.validate(token)).state).toBe('valid')
  })

  it('says so too when the way to a successor is cut', async () => {
    let loads = 0
    const { sessions, healthy } = setUp(store => ({
      load(request) {
        loads += 1
        return loads === 1 ? store.load(request) : down()
      },
    }))
    const { token, session } = await healthy.create({ id: 'alice' })
    await healthy.rotate(session)
    expect((await sessions.validate(token)).state).toBe('unavailable')
  })

  it('lets through what is no failure of the store, since it must be mended', async () => {
    const { sessions, healthy } = setUp(() => ({
      load: async () => {
        throw new RangeError('broken')
      },
    }))
    const { token } = await healthy.create({ id: 'alice' })
    await expect(sessions.validate(token)).rejects.toThrow(RangeError)
  })

  it('reports one event for each token that is refused, with where it came from', async () => {
    const { healthy, events, clock } = setUp()
    const { token, session } = await healthy.create({ id: 'alice' })
    clock.advance(3_600_000)
    events.length = 0
    const source = { ip: '203.0.113.7', userAgent: 'curl' }
    await healthy.validate(token, { source })
    await healthy.validate(token, { source })
    const about = { sessionId: session.id, ip: '203.0.113.7', userAgent: 'curl' }
    expect(events).toEqual([
      expect.objectContaining({ ...about, type: 'session_expired', reason: 'idle' }),
      expect.objectContaining({ ...about, type: 'session_refused', reason: 'unknown' }),
    ])
    expect(events.map(({ userId }) => userId)).toEqual(['alice', undefined])
  })
})

describe('requests under way', () => {
  it('are told that the store is down, not that their session is gone', async () => {
    const { sessions, healthy } = setUp(() => ({ load: down }))
    const { session } = await healthy.create({ id: 'alice' })
    const error = { name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' }
    await expect(sessions.renew(session)).rejects.toMatchObject(error)
    await healthy.rotate(session)
    session.data.visits = 1
    await expect(sessions.save(session)).rejects.toMatchObject(error)
  })
})
