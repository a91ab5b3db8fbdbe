import { createManualClock } from 'cloakroom/testing'
import { describe, expect, it } from 'vitest'
import { createGatewayGround } from '../../../../test/support/gateway-ground.ts'
import { createEndedTickets } from './ended-tickets.ts'

describe('createEndedTickets', () => {
  it('remembers for ten minutes why a session ended', () => {
    const clock = createManualClock()
    const ended = createEndedTickets(clock)
    expect(ended.reasonOf('a')).toBeUndefined()
    ended.note('a', 'idle')
    expect(ended.reasonOf('a')).toBe('idle')
    expect(ended.reasonOf('b')).toBeUndefined()
    clock.advance(600_000)
    expect(ended.reasonOf('a')).toBeUndefined()
  })

  it('forgets the oldest of very many', () => {
    const ended = createEndedTickets(createManualClock())
    for (let count = 0; count <= 10_000; count += 1) ended.note(`${count}`, 'idle')
    expect(ended.reasonOf('0')).toBeUndefined()
    expect(ended.reasonOf('1')).toBe('idle')
  })

  it('does not settle what may change: other keys, other releases, times of grace', () => {
    const ended = createEndedTickets(createManualClock())
    for (const reason of ['unknown-key', 'newer-format', 'schema', 'retired', 'malformed']) {
      ended.note(reason, reason)
      expect(ended.reasonOf(reason)).toBeUndefined()
    }
  })
})

describe('a tab that asks again and again after the end of its session', () => {
  it('is refused each time, and stands in the log once', async () => {
    const ground = await createGatewayGround()
    try {
      const browser = await ground.signIn()
      const { sessions, events } = ground.gateway.engine.cloakroom
      await sessions.raiseEpoch({ all: true })
      const types: string[] = []
      events.on(({ type }) => types.push(type))
      for (let count = 0; count < 20; count += 1) {
        expect((await browser.send('/_stcore/health')).status).toBe(401)
      }
      expect(types).toEqual(['session_expired'])
      await browser.signIn()
      expect((await browser.load('/')).status).toBe(200)
    } finally {
      await ground.close()
    }
  })
})
