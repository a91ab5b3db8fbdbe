import { describe, expect, it } from 'vitest'
import type { SessionOptions } from './policy.ts'
import { alice, minute, newSecret, oldSecret, type Workbench } from './workbench.contract.ts'

/** How many sessions a user may have. */
export function describeLimit(bench: Workbench): void {
  describe('limit', () => {
    it('ends the oldest session when there are too many, and says so [ASVS 7.1.2]', async () => {
      const issued = []
      for (let count = 0; count < 5; count += 1) {
        issued.push(await bench.sessions.create(alice))
        bench.clock.advance(1000)
      }
      await bench.validOf(issued[0]?.token ?? '')
      const sixth = await bench.sessions.create(alice)
      expect(sixth.evicted).toEqual([issued[0]?.session.id])
      expect(await bench.sessions.list(alice.id)).toHaveLength(5)
      expect(bench.typesOf()).toContain('session_limit_exceeded')
    })

    it('ends the one used least recently when told so', async () => {
      bench.sessions = bench.managerWith({
        session: { limit: { max: 2, over: 'end-least-recent' } },
      })
      const first = await bench.sessions.create(alice)
      bench.clock.advance(minute)
      const second = await bench.sessions.create(alice)
      bench.clock.advance(10 * minute)
      await bench.validOf(first.token)
      const third = await bench.sessions.create(alice)
      expect(third.evicted).toEqual([second.session.id])
    })

    it('refuses the new one when told so', async () => {
      bench.sessions = bench.managerWith({ session: { limit: { max: 1, over: 'refuse' } } })
      await bench.sessions.create(alice)
      await expect(bench.sessions.create(alice)).rejects.toMatchObject({
        code: 'ERR_SESSION_LIMIT',
      })
      expect(await bench.sessions.list(alice.id)).toHaveLength(1)
      bench.clock.advance(60 * minute)
      await bench.sessions.create(alice)
    })

    it('holds for sign-ins in parallel', async () => {
      await Promise.all(Array.from({ length: 30 }, () => bench.sessions.create(alice)))
      expect(await bench.sessions.list(alice.id)).toHaveLength(5)
    })

    it('counts only living sessions, and each user alone', async () => {
      const { session } = await bench.sessions.create(alice)
      await bench.sessions.revoke(session.id)
      await bench.sessions.create({ id: 'bob' })
      for (let count = 0; count < 5; count += 1) {
        expect((await bench.sessions.create(alice)).evicted).toEqual([])
      }
    })

    it('can be lifted', async () => {
      bench.sessions = bench.managerWith({ session: { limit: false } })
      await Promise.all(Array.from({ length: 12 }, () => bench.sessions.create(alice)))
      expect(await bench.sessions.list(alice.id)).toHaveLength(12)
    })

    it('does not count the session that the new one takes the place of', async () => {
      const elsewhere = []
      for (let count = 0; count < 4; count += 1) elsewhere.push(await bench.sessions.create(alice))
      const here = await bench.sessions.create(alice)
      const again = await bench.sessions.create(alice, { previous: here.session })
      expect(again.evicted).toEqual([])
      for (const { token } of elsewhere) await bench.validOf(token)
      expect(await bench.sessions.list(alice.id)).toHaveLength(5)
    })

    it('lets a user sign in again in the same place when no more are allowed', async () => {
      bench.sessions = bench.managerWith({ session: { limit: { max: 1, over: 'refuse' } } })
      const { session } = await bench.sessions.create(alice)
      await bench.sessions.create(alice, { previous: session })
      expect(await bench.sessions.list(alice.id)).toHaveLength(1)
    })

    it('leaves everything as it was when it refuses', async () => {
      bench.sessions = bench.managerWith({ session: { limit: { max: 1, over: 'refuse' } } })
      await bench.sessions.create(alice)
      const visitor = await bench.sessions.create(null, { data: { visits: 1 } })
      const rotated = await bench.sessions.rotate(visitor.session)
      const signingIn = bench.sessions.create(alice, { previous: rotated.session })
      await expect(signingIn).rejects.toMatchObject({ code: 'ERR_SESSION_LIMIT' })
      expect(await bench.validOf(rotated.token)).toMatchObject({
        userId: null,
        data: { visits: 1 },
      })
      expect(await bench.sessions.validate(visitor.token)).toMatchObject({
        newToken: rotated.token,
      })
    })
  })

  describe('limit while keys change', () => {
    const both = { secret: [newSecret, oldSecret] }

    it.each<[string, SessionOptions, number]>([
      ['the oldest', { limit: { max: 3 } }, 0],
      ['the least recent', { limit: { max: 3, over: 'end-least-recent' } }, 1],
    ])('ends %s first, whichever key named it', async (_name, session, ending) => {
      const before = bench.managerWith({ session })
      const after = bench.managerWith({ ...both, session })
      const issued = [await before.create(alice)]
      bench.clock.advance(minute)
      issued.push(await before.create(alice))
      bench.clock.advance(minute)
      issued.push(await after.create(alice))
      bench.clock.advance(10 * minute)
      await bench.validOf(issued[0]?.token ?? '', after)
      await bench.validOf(issued[2]?.token ?? '', after)
      const { evicted } = await after.create(alice)
      expect(evicted).toEqual([issued[ending]?.session.id])
      expect(bench.typesOf()).toContain('session_limit_exceeded')
      expect(await after.list(alice.id)).toHaveLength(3)
    })

    it('does not count the replaced session of an older key', async () => {
      const session: SessionOptions = { limit: { max: 1, over: 'refuse' } }
      const { session: previous } = await bench.managerWith({ session }).create(alice)
      const after = bench.managerWith({ ...both, session })
      await after.create(alice, { previous })
      expect(await after.list(alice.id)).toHaveLength(1)
    })
  })
}
