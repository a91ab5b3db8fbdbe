import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { describeSessions } from '../../sessions/manager.contract.ts'
import { createSessionManager } from '../../sessions/manager.ts'
import { createMemorySessions } from './sessions.ts'

describeSessions({
  name: 'memory',
  open: async () => ({
    createStore: async clock => createMemorySessions({ clock }),
    close: async () => undefined,
  }),
})

describe('createMemorySessions', () => {
  it('forgets what is over, records and former tokens, as new sessions begin', async () => {
    const clock = createManualClock()
    const store = createMemorySessions({ clock })
    const sessions = createSessionManager({
      store,
      clock,
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      events: { emit: () => undefined },
    })
    const former = []
    for (let count = 0; count < 10; count += 1) {
      const { session, token } = await sessions.create({ id: `user-${count}` })
      await sessions.rotate(session)
      former.push(token)
    }
    clock.advance(12 * 3_600_000)
    for (let count = 0; count < 1000; count += 1) await sessions.create(null)
    expect((await store.scan(null, 2000)).records).toHaveLength(1000)
    clock.advance(-12 * 3_600_000)
    for (const token of former) {
      expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
    }
  })
})
