import { describe, expect, it } from 'vitest'
import { alice, newSecret, oldSecret, type Workbench } from './workbench.contract.ts'

/** How keys change. */
export function describeKeys(bench: Workbench): void {
  describe('keys', () => {
    const both = [newSecret, oldSecret]

    it('opens sessions of an older key and seals with the newest on the next write', async () => {
      const { token } = await bench.sessions.create(alice, { data: { visits: 1 } })
      const later = bench.managerWith({ secret: both })
      const session = await bench.validOf(token, later)
      const before = [...(await later.countByKey()).values()]
      expect(before).toEqual([0, 1])
      session.data.visits = 2
      await later.save(session)
      expect([...(await later.countByKey()).values()]).toEqual([1, 0])
      expect((await bench.validOf(token, later)).data.visits).toBe(2)
    })

    it('lists, limits and ends sessions of both keys together', async () => {
      await Promise.all(Array.from({ length: 5 }, () => bench.sessions.create(alice)))
      bench.clock.advance(1000)
      const later = bench.managerWith({ secret: both })
      const { evicted } = await later.create(alice)
      expect(evicted).toHaveLength(1)
      expect(await later.list(alice.id)).toHaveLength(5)
      const refusing = bench.managerWith({
        secret: both,
        session: { limit: { max: 5, over: 'refuse' } },
      })
      await expect(refusing.create(alice)).rejects.toMatchObject({ code: 'ERR_SESSION_LIMIT' })
      expect(await later.revokeAll(alice.id)).toBe(5)
    })

    it('leaves a session alone whose key it does not know', async () => {
      const { token, session } = await bench.sessions.create(alice)
      const stranger = bench.managerWith({ secret: newSecret })
      expect(await stranger.validate(token)).toEqual({ state: 'absent', reason: 'unknown-key' })
      expect(bench.events.at(-1)).toMatchObject({ type: 'session_refused', sessionId: session.id })
      expect((await bench.sessions.validate(token)).state).toBe('valid')
    })
  })

  describe('sealing with the ticket', () => {
    it('needs the token to open the data, and still lists, saves, rotates and revokes', async () => {
      bench.sessions = bench.managerWith({ session: { seal: 'ticket' } })
      const { token } = await bench.sessions.create(alice, { data: { visits: 1 } })
      const session = await bench.validOf(token)
      session.data.visits = 2
      const rotated = await bench.sessions.rotate(await bench.sessions.save(session))
      expect((await bench.validOf(rotated.token)).data.visits).toBe(2)
      expect(await bench.sessions.validate(token)).toMatchObject({ newToken: rotated.token })
      expect(await bench.sessions.list(alice.id)).toHaveLength(1)
      expect(await bench.sessions.revoke(rotated.session.id)).toBe(true)
    })

    it('saves on top of a rotation by another request', async () => {
      bench.sessions = bench.managerWith({ session: { seal: 'ticket' } })
      const { token } = await bench.sessions.create(alice)
      const writer = await bench.validOf(token)
      const { token: next } = await bench.sessions.rotate(await bench.validOf(token))
      writer.data.visits = 7
      await bench.sessions.save(writer)
      expect((await bench.validOf(next)).data.visits).toBe(7)
    })
  })
}
