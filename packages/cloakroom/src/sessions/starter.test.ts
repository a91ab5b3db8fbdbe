import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { StoreError } from '../core/errors.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { createSessionManager, type SessionManagerOptions } from './manager.ts'
import type { SessionStore } from './store.ts'

type Options = SessionManagerOptions<{ visits?: number }>

function setUp({
  change = () => ({}),
  ...settings
}: { change?: (store: SessionStore) => Partial<SessionStore> } & Pick<Options, 'session'> = {}) {
  const clock = createManualClock()
  const events: SecurityEvent[] = []
  const store = createMemorySessions({ clock })
  const options = {
    clock,
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    events: { emit: (event: SecurityEvent) => events.push(event) },
    ...settings,
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

describe('create', () => {
  it.each(['claim', 'create', 'end'] as const)(
    'fails when the store fails to %s, and the session before goes on',
    async step => {
      const { sessions, healthy } = setUp({ change: () => ({ [step]: down }) })
      const visitor = await healthy.create(null)
      const signingIn = sessions.create({ id: 'alice' }, { previous: visitor.session })
      await expect(signingIn).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
      const read = await healthy.validate(visitor.token)
      if (read.state !== 'valid') throw new Error('The visitor’s session is gone.')
      const again = await healthy.create({ id: 'alice' }, { previous: read.session })
      expect((await healthy.validate(again.token)).state).toBe('valid')
      expect(await healthy.list('alice')).toHaveLength(1)
    },
  )

  it('says whose session had to end for it, and why', async () => {
    const { sessions, events, clock } = setUp({ session: { limit: { max: 1 } } })
    const first = await sessions.create({ id: 'alice' })
    clock.advance(1)
    events.length = 0
    await sessions.create({ id: 'alice' }, { source: { ip: '203.0.113.7' } })
    const about = { sessionId: first.session.id, userId: 'alice', ip: '203.0.113.7' }
    expect(events.slice(1)).toEqual([
      expect.objectContaining({
        ...about,
        type: 'session_limit_exceeded',
        reason: 'end-oldest',
        details: { limit: 1 },
      }),
      expect.objectContaining({ ...about, type: 'session_destroyed', reason: 'limit' }),
    ])
  })

  it('takes what is changed while the store answers for a change', async () => {
    const data = { visits: 1 }
    const { sessions } = setUp({
      change: store => ({
        async create(request) {
          const result = await store.create(request)
          data.visits = 2
          return result
        },
      }),
    })
    const { session, token } = await sessions.create({ id: 'alice' }, { data })
    expect(session.data).toEqual({ visits: 2 })
    await sessions.save(session)
    const read = await sessions.validate(token)
    expect(read.state === 'valid' && read.session.data).toEqual({ visits: 2 })
  })

  it('leaves the data of the session before to that one', async () => {
    const { sessions } = setUp()
    const visitor = await sessions.create(null, { data: { visits: 1 } })
    const { data } = visitor.session
    const { session, token } = await sessions.create({ id: 'alice' }, { data })
    session.data.visits = 2
    await sessions.save(session)
    const read = await sessions.validate(visitor.token)
    expect(read.state === 'valid' && read.session.data).toEqual({ visits: 1 })
    const own = await sessions.validate(token)
    expect(own.state === 'valid' && own.session.data).toEqual({ visits: 2 })
  })
})
