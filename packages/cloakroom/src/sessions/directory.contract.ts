import { describe, expect, it } from 'vitest'
import type { EpochScope } from './directory.ts'
import { alice, firefox, minute, type Workbench } from './workbench.contract.ts'

/** How sessions are listed and ended. */
export function describeDirectory(bench: Workbench): void {
  describe('list and revoke', () => {
    it('lists a user’s sessions with the current one marked, last used first', async () => {
      const first = await bench.sessions.create(alice, { source: { userAgent: firefox } })
      bench.clock.advance(minute)
      const second = await bench.sessions.create(alice, { source: { ip: '2001:db8::1' } })
      await bench.sessions.create({ id: 'bob' })
      const entries = await bench.sessions.list(alice.id, first.session)
      expect(entries).toEqual([
        expect.objectContaining({ id: second.session.id, ip: '2001:db8::1', isCurrent: false }),
        expect.objectContaining({
          id: first.session.id,
          device: 'Firefox on Linux',
          isCurrent: true,
        }),
      ])
    })

    it('ends one session by its handle, once', async () => {
      const { token, session } = await bench.sessions.create(alice)
      expect(await bench.sessions.revoke(session.id)).toBe(true)
      expect(await bench.sessions.revoke(session.id)).toBe(false)
      expect(await bench.sessions.revoke('nonsense')).toBe(false)
      expect(await bench.sessions.validate(token)).toMatchObject({ reason: 'unknown' })
      expect(bench.events.filter(event => event.type === 'session_destroyed')).toHaveLength(1)
    })

    it('ends all others and leaves this one', async () => {
      const others = await Promise.all([bench.sessions.create(alice), bench.sessions.create(alice)])
      const { token, session } = await bench.sessions.create(alice)
      expect(await bench.sessions.revokeOthers(session)).toBe(2)
      for (const other of others) {
        expect((await bench.sessions.validate(other.token)).state).toBe('absent')
      }
      const kept = await bench.validOf(token)
      kept.data.visits = 1
      await bench.sessions.save(kept)
      expect(await bench.sessions.list(alice.id)).toHaveLength(1)
      const visitor = await bench.sessions.create(null)
      await expect(bench.sessions.revokeOthers(visitor.session)).rejects.toThrow(/visitor/)
    })

    it('ends all of a user, and lets the user sign in again', async () => {
      await Promise.all([bench.sessions.create(alice), bench.sessions.create(alice)])
      const bob = await bench.sessions.create({ id: 'bob' })
      expect(await bench.sessions.revokeAll(alice.id)).toBe(2)
      expect(await bench.sessions.list(alice.id)).toEqual([])
      expect((await bench.sessions.validate(bob.token)).state).toBe('valid')
      await bench.validOf((await bench.sessions.create(alice)).token)
    })

    it('ends everybody, a tenant or a user in one step, on every worker [ASVS 7.4.5]', async () => {
      const other = bench.managerWith()
      const acme = { id: 'carol', tenant: 'acme' }
      const carol = await bench.sessions.create(acme)
      const dave = await bench.sessions.create({ id: 'dave', tenant: 'umbrella' })
      await bench.validOf(carol.token, other)
      await bench.sessions.raiseEpoch({ tenant: 'acme' })
      bench.clock.advance(1000)
      expect(await other.validate(carol.token)).toEqual({ state: 'absent', reason: 'epoch' })
      await bench.validOf(dave.token, other)
      const again = await bench.sessions.create(acme)
      await bench.validOf(again.token, other)
      await bench.sessions.raiseEpoch({ all: true })
      bench.clock.advance(1000)
      expect(await other.validate(again.token)).toMatchObject({ reason: 'epoch' })
      expect(await other.validate(dave.token)).toMatchObject({ reason: 'epoch' })
      await bench.validOf((await bench.sessions.create(null)).token, other)
      expect(bench.typesOf().filter(type => type === 'session_epoch_raised')).toHaveLength(2)
    })

    it('ends all that began at an address, in one step, and lists them no more', async () => {
      const other = bench.managerWith()
      const from = (ip: string) => ({ source: { ip } })
      const home = await bench.sessions.create(alice, from('2001:db8:1:2::7'))
      const phone = await bench.sessions.create(alice, from('203.0.113.7'))
      const visitor = await bench.sessions.create(null, from('2001:db8:1:2::8'))
      await bench.validOf(home.token, other)
      await bench.sessions.raiseEpoch({ address: '2001:db8:1:2::9' })
      bench.clock.advance(1000)
      for (const manager of [bench.sessions, other]) {
        expect(await manager.list(alice.id)).toMatchObject([{ id: phone.session.id }])
        expect((await manager.scan()).entries).toMatchObject([{ id: phone.session.id }])
      }
      expect(await other.validate(home.token)).toEqual({ state: 'absent', reason: 'epoch' })
      expect(await other.validate(visitor.token)).toEqual({ state: 'absent', reason: 'epoch' })
      await bench.validOf(phone.token, other)
      const again = await bench.sessions.create(alice, from('2001:db8:1:2::7'))
      await bench.validOf(again.token, other)
      expect(bench.events.find(({ type }) => type === 'session_epoch_raised')).toMatchObject({
        details: { address: '2001:db8:1:2::9' },
      })
    })

    it('forgets epochs that no session can be older than', async () => {
      await bench.sessions.raiseEpoch({ address: '203.0.113.7' })
      bench.clock.advance(401 * 24 * 60 * minute)
      await bench.sessions.raiseEpoch({ tenant: 'acme' })
      expect([...(await bench.store.readEpochs()).values()]).toEqual([bench.clock.now() / 1000])
    })

    it('pages through all sessions, and fills its pages', async () => {
      for (let count = 0; count < 7; count += 1)
        await bench.sessions.create({ id: `user-${count}` })
      const seen = new Set<string>()
      let cursor: string | null = null
      do {
        const page = await bench.sessions.scan(cursor, 3)
        for (const entry of page.entries) seen.add(entry.userId ?? '')
        if (page.cursor !== null) expect(page.entries.length).toBeGreaterThanOrEqual(3)
        cursor = page.cursor
      } while (cursor !== null)
      expect(seen.size).toBe(7)
    })

    it('refuses a scope that names nobody', async () => {
      const { token } = await bench.sessions.create(alice)
      for (const scope of [
        {},
        { all: false },
        { tenant: undefined },
        { user: '' },
        { tenant: '' },
        { address: '' },
        { address: 'nowhere' },
      ]) {
        const raising = bench.sessions.raiseEpoch(scope as unknown as EpochScope)
        await expect(raising).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' })
      }
      await bench.validOf(token)
    })

    it('takes no user for another whose id cannot be told apart once it is stored', async () => {
      const invalid = { code: 'ERR_OPTION_INVALID' }
      for (const id of ['', 'x\ud800', 7 as unknown as string]) {
        await expect(bench.sessions.create({ id })).rejects.toMatchObject(invalid)
        await expect(bench.sessions.list(id)).rejects.toMatchObject(invalid)
        await expect(bench.sessions.revokeAll(id)).rejects.toMatchObject(invalid)
      }
      const odd = bench.sessions.create({ id: 'a', role: '\ud800' })
      await expect(odd).rejects.toMatchObject(invalid)
      const homeless = bench.sessions.create({ id: 'a', tenant: '' })
      await expect(homeless).rejects.toMatchObject(invalid)
      const unsure = bench.sessions.create({ id: 'a', permissions: ['ok', '\udc00'] })
      await expect(unsure).rejects.toThrow(/`user\.permissions\[1\]`/)
    })

    it('leaves sessions out of the pages that are over but not gone', async () => {
      await bench.sessions.create(alice)
      bench.clock.advance(60 * minute)
      const { session } = await bench.sessions.create({ id: 'bob' })
      const { entries } = await bench.sessions.scan()
      expect(entries.map(({ id }) => id)).toEqual([session.id])
    })

    it('ends and counts the living only', async () => {
      await bench.sessions.create(alice)
      bench.clock.advance(60 * minute)
      const { session } = await bench.sessions.create(alice)
      expect(await bench.sessions.revokeOthers(session)).toBe(0)
      expect(await bench.sessions.revokeAll(alice.id)).toBe(1)
    })

    it('brings nothing back by leaving it out', async () => {
      const { session } = await bench.sessions.create(alice)
      await bench.sessions.raiseEpoch({ user: alice.id })
      expect(await bench.sessions.revokeOthers(session)).toBe(0)
      await expect(bench.sessions.renew(session)).rejects.toMatchObject({ name: 'ConflictError' })
    })
  })
}
