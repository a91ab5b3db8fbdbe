import { describe, expect, it } from 'vitest'
import { alice, minute, type Workbench } from './workbench.contract.ts'

/** Sessions in which somebody acts in a user's place. */
export function describeActors(bench: Workbench): void {
  describe('a session of somebody else', () => {
    const actor = { id: 'admin' }

    it('names both through every change, and in every event', async () => {
      const { token } = await bench.sessions.create(alice, { actor, methods: [] })
      const session = await bench.validOf(token)
      expect(session).toMatchObject({ userId: alice.id, actorId: 'admin', methods: {} })
      const rotated = await bench.sessions.rotate(session)
      await bench.sessions.renew(rotated.session)
      rotated.session.data.visits = 1
      expect(await bench.sessions.save(rotated.session)).toMatchObject({ actorId: 'admin' })
      expect(await bench.sessions.list(alice.id)).toMatchObject([{ actorId: 'admin' }])
      await bench.sessions.revoke(session.id)
      expect(bench.typesOf()).toEqual([
        'session_created',
        'session_rotated',
        'session_renewed',
        'session_destroyed',
      ])
      for (const event of bench.events) {
        expect(event).toMatchObject({ userId: alice.id, actorId: 'admin' })
      }
    })

    it('is nobody’s but the user’s where no actor is given', async () => {
      const { session } = await bench.sessions.create(alice)
      expect(session.actorId).toBeNull()
      expect(bench.events[0]).not.toHaveProperty('actorId')
    })

    it('ends by itself when its time is over, however busy it is', async () => {
      const lifetime = '30m'
      const { token } = await bench.sessions.create(alice, { actor, lifetime, remember: true })
      const { session } = await bench.sessions.rotate(await bench.validOf(token))
      for (let count = 0; count < 29; count += 1) {
        bench.clock.advance(minute)
        await bench.sessions.renew(session)
      }
      bench.clock.advance(minute)
      await expect(bench.sessions.renew(session)).rejects.toMatchObject({
        code: 'ERR_SESSION_GONE',
      })
      expect(await bench.sessions.list(alice.id)).toEqual([])
      expect(bench.events.at(-1)).toMatchObject({
        type: 'session_expired',
        reason: 'absolute',
        actorId: 'admin',
      })
    })

    it('never lives longer than others', async () => {
      const { session } = await bench.sessions.create(alice, { lifetime: '90d' })
      expect(session.expiresAt - session.createdAt).toBe(12 * 60 * minute)
    })

    it.each(['soon', 0, 30, -1, '0s'])('has no lifetime of %j', async lifetime => {
      const options = { lifetime: lifetime as '1s' }
      await expect(bench.sessions.create(alice, options)).rejects.toThrow('`lifetime`')
    })

    it('takes no place from the user', async () => {
      const own = []
      for (let count = 0; count < 5; count += 1) own.push(await bench.sessions.create(alice))
      const { evicted } = await bench.sessions.create(alice, { actor })
      expect(evicted).toEqual([])
      for (const { token } of own) await bench.validOf(token)
    })

    it('is not joined by a sign-in of the user', async () => {
      const { session: previous } = await bench.sessions.create(null)
      const [theirs, own] = await Promise.allSettled([
        bench.sessions.create(alice, { previous, actor }),
        bench.sessions.create(alice, { previous }),
      ])
      const actors = [theirs, own].map(result =>
        result.status === 'fulfilled' ? result.value.session.actorId : 'gone',
      )
      expect(actors.filter(id => id !== 'gone').length).toBeGreaterThan(0)
      expect(['admin', 'gone']).toContain(actors[0])
      expect([null, 'gone']).toContain(actors[1])
    })
  })

  describe('who ends sessions', () => {
    const by = { actorId: 'admin', reason: 'complaint' }
    const ways: [string, () => Promise<unknown>][] = [
      ['one', async () => bench.sessions.revoke(await idOf(), by)],
      ['all of a user', () => bench.sessions.revokeAll(alice.id, by)],
      ['a user’s epoch', () => bench.sessions.raiseEpoch({ user: alice.id }, by)],
      ['a tenant’s epoch', () => bench.sessions.raiseEpoch({ tenant: 'acme' }, by)],
      ['an address’s epoch', () => bench.sessions.raiseEpoch({ address: '203.0.113.7' }, by)],
      ['everybody’s epoch', () => bench.sessions.raiseEpoch({ all: true }, by)],
    ]
    const idOf = async (): Promise<string> => (await bench.sessions.list(alice.id))[0]?.id ?? ''

    it.each(ways)('is named in the events: %s', async (_what, end) => {
      await bench.sessions.create(alice)
      bench.events.length = 0
      await end()
      expect(bench.events.length).toBeGreaterThan(0)
      for (const event of bench.events) expect(event).toMatchObject(by)
    })
  })
}
