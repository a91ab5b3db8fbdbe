import { describe, expect, it } from 'vitest'
import { alice, type Data, minute, type Workbench } from './workbench.contract.ts'

/** How data is written. */
export function describeSaving(bench: Workbench): void {
  describe('save and update', () => {
    it('saves only what changed, on top of what another request stored', async () => {
      const { token } = await bench.sessions.create(alice, { data: { visits: 1, theme: 'light' } })
      const [left, right] = [await bench.validOf(token), await bench.validOf(token)]
      left.data.visits = 2
      right.data.theme = 'dark'
      await bench.sessions.save(left)
      await bench.sessions.save(right)
      expect((await bench.validOf(token)).data).toEqual({ visits: 2, theme: 'dark' })
    })

    it('keeps all of twenty keys written in parallel', async () => {
      const { token } = await bench.sessions.create(alice)
      const writers = await Promise.all(Array.from({ length: 20 }, () => bench.validOf(token)))
      await Promise.all(
        writers.map((session, index) => {
          session.data[`k${index}`] = index
          return bench.sessions.save(session)
        }),
      )
      expect(Object.keys((await bench.validOf(token)).data)).toHaveLength(20)
    })

    it('notices changes deep inside, and removed keys', async () => {
      const { token } = await bench.sessions.create(alice, { data: { cart: ['a'], theme: 'dark' } })
      const session = await bench.validOf(token)
      session.data.cart?.push('b')
      delete session.data.theme
      await bench.sessions.save(session)
      expect((await bench.validOf(token)).data).toEqual({ cart: ['a', 'b'] })
    })

    it('writes nothing when nothing changed', async () => {
      const { token } = await bench.sessions.create(alice, { data: { cart: ['a'] } })
      const session = await bench.validOf(token)
      expect(await bench.sessions.save(session)).toBe(session)
    })

    it('counts right under parallel updates', async () => {
      const { token } = await bench.sessions.create(alice, { data: { visits: 0 } })
      const session = await bench.validOf(token)
      const count = () =>
        bench.sessions.update(session, data => ({ ...data, visits: (data.visits ?? 0) + 1 }))
      await Promise.all(Array.from({ length: 25 }, count))
      expect((await bench.validOf(token)).data.visits).toBe(25)
    })

    it('never brings an ended session back', async () => {
      const { token } = await bench.sessions.create(alice, { data: { visits: 1 } })
      const session = await bench.validOf(token)
      await bench.sessions.revoke(session.id)
      session.data.visits = 2
      await expect(bench.sessions.save(session)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
      await expect(bench.sessions.renew(session)).rejects.toMatchObject({
        code: 'ERR_SESSION_GONE',
      })
      await expect(bench.sessions.rotate(session)).rejects.toMatchObject({
        code: 'ERR_SESSION_GONE',
      })
      expect(await bench.sessions.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
    })

    it('refuses to write to a session that timed out a moment ago', async () => {
      const { session } = await bench.sessions.create(alice)
      bench.clock.advance(60 * minute)
      session.data.visits = 1
      await expect(bench.sessions.save(session)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
    })

    it('refuses to write to a session whose epoch was raised', async () => {
      const { session } = await bench.sessions.create(alice)
      await bench.sessions.raiseEpoch({ user: alice.id })
      session.data.visits = 1
      await expect(bench.sessions.save(session)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
    })

    it('saves again and again from one state', async () => {
      const { token, session } = await bench.sessions.create(alice)
      session.data.visits = 1
      const saved = await bench.sessions.save(session)
      saved.data.visits = 2
      await bench.sessions.save(saved)
      expect((await bench.validOf(token)).data.visits).toBe(2)
    })

    it('refuses a state it did not make', async () => {
      const { session } = await bench.sessions.create(alice)
      await expect(bench.sessions.save({ ...session })).rejects.toMatchObject({
        name: 'ConfigError',
      })
    })

    it('refuses what cannot be stored, naming its place, and stays as it was', async () => {
      const { token } = await bench.sessions.create(alice, { data: { visits: 1 } })
      const session = await bench.validOf(token)
      session.data['last'] = { error: new Error('x') }
      expect(bench.sessions.hasChanges(session)).toBe(true)
      await expect(bench.sessions.save(session)).rejects.toThrow(/`data\.last\.error`/)
      const changing = bench.sessions.update(session, () => [] as unknown as Data)
      await expect(changing).rejects.toThrow(/`data` is an instance of Array/)
      expect((await bench.validOf(token)).data).toEqual({ visits: 1 })
    })

    it('refuses more than a session may hold', async () => {
      const { session } = await bench.sessions.create(alice)
      session.data['log'] = 'x'.repeat(2 ** 20)
      await expect(bench.sessions.save(session)).rejects.toThrow(/`session\.maxBytes`/)
      const sessions = bench.managerWith({ session: { maxBytes: 2 ** 21 } })
      await sessions.save(session)
    })

    it('knows whether there is something to save', async () => {
      const { token } = await bench.sessions.create(alice, { data: { cart: ['a'] } })
      const session = await bench.validOf(token)
      expect(bench.sessions.hasChanges(session)).toBe(false)
      session.data.cart?.push('b')
      expect(bench.sessions.hasChanges(session)).toBe(true)
      expect(bench.sessions.hasChanges(await bench.sessions.save(session))).toBe(false)
    })

    it('loses nothing that is changed while a save is on its way', async () => {
      const { token, session } = await bench.sessions.create(alice, { data: { cart: ['a'] } })
      session.data.cart?.push('b')
      const saving = bench.sessions.save(session)
      await Promise.resolve()
      session.data.cart?.push('late')
      const saved = await saving
      await bench.sessions.save(saved)
      expect((await bench.validOf(token)).data.cart).toEqual(saved.data.cart)
    })
  })
}
