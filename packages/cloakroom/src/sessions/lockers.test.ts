import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { createSessionManager } from './manager.ts'
import { oldSecret } from './workbench.contract.ts'

describe('a locker that others keep changing', () => {
  it('gives up at last, and says so', async () => {
    const clock = createManualClock()
    const sessions = createSessionManager({
      store: createMemorySessions({ clock }),
      lockers: { read: async () => null, write: async () => false, clear: async () => undefined },
      secret: oldSecret,
      events: { emit: () => undefined },
      clock,
    })
    await expect(sessions.locker({ user: 'alice' }).set('a', 1)).rejects.toMatchObject({
      code: 'ERR_SESSION_CONFLICT',
    })
  })
})
