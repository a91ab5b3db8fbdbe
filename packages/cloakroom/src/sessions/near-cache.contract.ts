import { afterEach, describe, expect, it } from 'vitest'
import { createBarrier } from '../../../../test/support/barrier.ts'
import type { SessionManager, SessionManagerOptions } from './manager.ts'
import type { NearCacheStats } from './near-cache.ts'
import type { SessionState } from './state.ts'
import type { SessionStore } from './store.ts'
import { alice, type Data, minute, type Workbench } from './workbench.contract.ts'

/** How sessions are answered from memory, and when they must not be. */
export function describeNearCache(bench: Workbench): void {
  describe('near cache', () => {
    const open = new Set<SessionManager<Data>>()
    const address = '203.0.113.7'
    const from = { source: { ip: address } }
    let loads = 0
    afterEach(() => {
      for (const manager of open) manager.close()
      open.clear()
    })

    /** A manager with a near cache, as soon as that is in use, on a store whose loads are counted. */
    async function managerNear(
      options: Partial<SessionManagerOptions<Data>> = {},
    ): Promise<SessionManager<Data>> {
      loads = 0
      const store = options.store ?? bench.store
      const load: SessionStore['load'] = request => {
        loads += 1
        return store.load(request)
      }
      const manager = bench.managerWith({
        nearCache: true,
        ...options,
        store: { ...store, load },
      })
      open.add(manager)
      await untilAlive(manager)
      return manager
    }

    async function untilAlive(manager: SessionManager<Data>): Promise<void> {
      await expect.poll(() => statsOf(manager).isAlive, { interval: 5 }).toBe(true)
    }

    function statsOf(manager: SessionManager<Data>): NearCacheStats {
      if (manager.nearCache === null) throw new Error('There is no near cache.')
      return manager.nearCache.stats()
    }

    async function readTwice(
      manager: SessionManager<Data>,
      token: string,
    ): Promise<SessionState<Data>> {
      await bench.validOf(token, manager)
      return bench.validOf(token, manager)
    }

    const untilAbsent = (manager: SessionManager<Data>, token: string): Promise<void> =>
      expect
        .poll(async () => (await manager.validate(token)).state, { interval: 1, timeout: 1000 })
        .toBe('absent')

    it('is off unless it is switched on', async () => {
      expect(bench.sessions.nearCache).toBeNull()
      expect(bench.managerWith({ nearCache: false }).nearCache).toBeNull()
    })

    it('asks the store once, and gives the same session', async () => {
      const near = await managerNear()
      const { token } = await bench.sessions.create(alice, { data: { visits: 1 } })
      const first = await bench.validOf(token, near)
      const second = await bench.validOf(token, near)
      expect(second).toEqual(first)
      expect(second.data).toEqual({ visits: 1 })
      expect(loads).toBe(1)
      expect(statsOf(near)).toEqual({
        hits: 1,
        misses: 1,
        invalidations: 0,
        size: 1,
        isAlive: true,
      })
    })

    it('knows a session by its handle, and answers only to its token', async () => {
      const near = await managerNear()
      const { token } = await bench.sessions.create(alice)
      await readTwice(near, token)
      const forged = token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A')
      expect(await near.validate(forged)).toEqual({ state: 'absent', reason: 'unknown' })
      expect(await near.validate(token.slice(0, 22))).toMatchObject({ reason: 'malformed' })
      expect((await near.validate(token)).state).toBe('valid')
    })

    it('hands out data that nobody else sees changes of', async () => {
      const near = await managerNear()
      const data = { cart: ['a'], bytes: Uint8Array.of(1), nested: { list: [1] }, at: new Date(0) }
      const { token } = await bench.sessions.create(alice, { data })
      for (let count = 0; count < 3; count += 1) {
        const session = await bench.validOf(token, near)
        expect(session.data).toEqual(data)
        session.data.cart?.push('b')
        ;(session.data['bytes'] as Uint8Array)[0] = 9
        ;(session.data['nested'] as typeof data.nested).list.length = 0
        ;(session.data['at'] as Date).setTime(5)
        Object.assign(session, { role: 'king', userId: 'mallory' })
        expect(() => (session.permissions as string[]).push('all')).toThrow(TypeError)
        expect(() => Object.assign(session.methods, { otp: 1 })).toThrow(TypeError)
      }
      expect(await bench.validOf(token, near)).toMatchObject({ role: 'admin', userId: alice.id })
      expect(loads).toBe(1)
    })

    it('saves changes to a session from memory, on top of what others stored', async () => {
      const near = await managerNear()
      const { token } = await bench.sessions.create(alice, { data: { visits: 1 } })
      const session = await readTwice(near, token)
      session.data.theme = 'dark'
      await near.save(session)
      expect((await bench.validOf(token)).data).toEqual({ visits: 1, theme: 'dark' })
      expect((await bench.validOf(token, near)).data).toEqual({ visits: 1, theme: 'dark' })
    })

    it('forgets at once what this process ended', async () => {
      const near = await managerNear()
      const ends: ((session: SessionState<Data>) => Promise<unknown>)[] = [
        session => near.revoke(session.id),
        () => near.revokeAll(alice.id),
        () => near.raiseEpoch({ user: alice.id }),
        () => near.raiseEpoch({ tenant: 'acme' }),
        () => near.raiseEpoch({ address }),
        () => near.raiseEpoch({ all: true }),
        previous => near.create(alice, { previous }),
      ]
      for (const end of ends) {
        const { token } = await near.create({ ...alice, tenant: 'acme' }, from)
        await end(await readTwice(near, token))
        expect((await near.validate(token)).state).toBe('absent')
      }
    })

    it('shows at once what this process saved', async () => {
      const near = await managerNear()
      const { token } = await bench.sessions.create(alice, { data: { visits: 0 } })
      for (let visits = 1; visits < 5; visits += 1) {
        const session = await readTwice(near, token)
        session.data.visits = visits
        await near.save(session)
        expect((await bench.validOf(token, near)).data.visits).toBe(visits)
      }
    })

    it('hears of what another process ended', async () => {
      const near = await managerNear()
      const ends: ((session: SessionState<Data>) => Promise<unknown>)[] = [
        session => bench.sessions.revoke(session.id),
        () => bench.sessions.revokeAll(alice.id),
        () => bench.sessions.raiseEpoch({ user: alice.id }),
        () => bench.sessions.raiseEpoch({ tenant: 'acme' }),
        () => bench.sessions.raiseEpoch({ address }),
        () => bench.sessions.raiseEpoch({ all: true }),
        previous => bench.sessions.create(alice, { previous }),
      ]
      for (const end of ends) {
        const { token, session } = await bench.sessions.create({ ...alice, tenant: 'acme' }, from)
        await readTwice(near, token)
        await end(session)
        await untilAbsent(near, token)
      }
    })

    it('hears of a session that had to make room', async () => {
      const near = await managerNear()
      const first = await bench.sessions.create(alice)
      await readTwice(near, first.token)
      bench.clock.advance(1)
      for (let count = 0; count < 5; count += 1) await bench.sessions.create(alice)
      await untilAbsent(near, first.token)
    })

    it('keeps the session that was not meant', async () => {
      const near = await managerNear()
      const kept = await bench.sessions.create(alice)
      const other = await bench.sessions.create(alice)
      await readTwice(near, kept.token)
      await readTwice(near, other.token)
      await bench.sessions.revokeOthers(kept.session)
      await untilAbsent(near, other.token)
      await bench.validOf(kept.token, near)
    })

    it('hears of data that another process saved', async () => {
      const near = await managerNear()
      const { token, session } = await bench.sessions.create(alice)
      await readTwice(near, token)
      session.data.visits = 7
      await bench.sessions.save(session)
      await expect
        .poll(async () => (await bench.validOf(token, near)).data.visits, { interval: 1 })
        .toBe(7)
    })

    it('hears of a new token, and of rights that changed', async () => {
      const near = await managerNear()
      const { token, session } = await bench.sessions.create(alice)
      await readTwice(near, token)
      const rotated = await bench.sessions.rotate(session)
      await expect
        .poll(async () => await near.validate(token), { interval: 1 })
        .toMatchObject({ newToken: rotated.token })
      await readTwice(near, rotated.token)
      const lowered = await bench.sessions.rotate(rotated.session, { role: 'user' })
      await untilAbsent(near, rotated.token)
      expect((await bench.validOf(lowered.token, near)).role).toBe('user')
    })

    it('does not keep what changed while it was on its way', async () => {
      const barrier = createBarrier()
      const { store } = bench
      let isSlow = true
      const load: SessionStore['load'] = async request => {
        const result = await store.load(request)
        if (isSlow) await barrier.pass()
        return result
      }
      const near = await managerNear({ store: { ...store, load } })
      const { token, session } = await bench.sessions.create(alice)
      const reading = near.validate(token)
      await barrier.reached
      await bench.sessions.revoke(session.id)
      await expect.poll(() => statsOf(near).invalidations, { interval: 1 }).toBe(1)
      isSlow = false
      barrier.open()
      expect((await reading).state).toBe('valid')
      expect(await near.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
    })

    it('asks the store where it matters', async () => {
      const near = await managerNear()
      const { token } = await bench.sessions.create(alice)
      await readTwice(near, token)
      await near.validate(token, { isSensitive: true })
      expect(loads).toBe(2)
    })

    it('answers no longer than it is told', async () => {
      const near = await managerNear({ nearCache: { maxAge: '1s' } })
      const { token } = await bench.sessions.create(alice)
      await readTwice(near, token)
      bench.clock.advance(999)
      await bench.validOf(token, near)
      expect(loads).toBe(1)
      bench.clock.advance(1)
      await bench.validOf(token, near)
      expect(loads).toBe(2)
    })

    it('asks again when the clock went back', async () => {
      const near = await managerNear()
      const { token } = await bench.sessions.create(alice)
      await readTwice(near, token)
      bench.clock.advance(-1)
      await near.validate(token)
      expect(loads).toBe(2)
    })

    it('ends sessions on time, to the millisecond', async () => {
      const near = await managerNear({
        nearCache: { maxAge: '1m' },
        session: { idle: '30s', absolute: '31s' },
      })
      const { token } = await near.create(alice)
      await near.validate(token, { isPassive: true })
      bench.clock.advance(29_999)
      expect((await near.validate(token, { isPassive: true })).state).toBe('valid')
      bench.clock.advance(1)
      expect(await near.validate(token)).toEqual({ state: 'absent', reason: 'idle' })
      const second = await near.create(alice)
      for (const seconds of [15, 15, 1]) {
        expect((await near.validate(second.token)).state).toBe('valid')
        bench.clock.advance(seconds * 1000)
      }
      expect(await near.validate(second.token)).toEqual({ state: 'absent', reason: 'absolute' })
    })

    it('notes activity as often as the store would, and polling not at all', async () => {
      const near = await managerNear({
        nearCache: { maxAge: '1m' },
        session: { touchEvery: '30s' },
      })
      const { token, session } = await near.create(alice)
      await readTwice(near, token)
      bench.clock.advance(30_000)
      await near.validate(token, { isPassive: true })
      expect((await bench.validOf(token, near)).seenAt).toBe(session.seenAt + 30_000)
      const before = loads
      await untilAlive(near)
      await readTwice(near, token)
      await readTwice(near, token)
      expect(loads - before).toBeLessThan(2)
    })

    it('remembers what was touched through a state', async () => {
      const near = await managerNear({ nearCache: { maxAge: '1m' } })
      const { token } = await near.create(alice)
      bench.clock.advance(3 * minute)
      await untilAlive(near)
      const read = await near.validate(token, { isPassive: true })
      if (read.state !== 'valid') throw new Error('The session is gone.')
      const touched = await near.touch(read.session)
      const again = await near.validate(token, { isPassive: true })
      expect(again).toMatchObject({ session: { seenAt: touched.seenAt } })
    })

    it('leads requests under way to the successor', async () => {
      const near = await managerNear()
      const { token, session } = await near.create(alice)
      await readTwice(near, token)
      const rotated = await near.rotate(session)
      await readTwice(near, rotated.token)
      expect(await near.validate(token)).toMatchObject({ newToken: rotated.token })
      const raised = await near.rotate(rotated.session, { methods: ['otp'] })
      await readTwice(near, raised.token)
      const limited = await near.validate(rotated.token)
      expect(limited).toMatchObject({ state: 'valid', session: { isLimited: true, methods: {} } })
      expect(await bench.validOf(raised.token, near)).toMatchObject({ isLimited: false })
    })

    it('holds no more sessions than it may', async () => {
      const near = await managerNear({ nearCache: { maxEntries: 10 }, session: { limit: false } })
      const issued = await Promise.all(Array.from({ length: 30 }, () => near.create(alice)))
      for (const { token } of issued) await near.validate(token)
      expect(statsOf(near).size).toBe(10)
      await bench.validOf(issued.at(-1)?.token ?? '', near)
      expect(statsOf(near).hits).toBe(1)
    })

    it('stops when it is closed', async () => {
      const near = await managerNear()
      const { token } = await bench.sessions.create(alice)
      await readTwice(near, token)
      near.close()
      expect(statsOf(near).isAlive).toBe(false)
      await bench.validOf(token, near)
      expect(loads).toBe(2)
    })

    it.each([
      [{ maxage: 1 }, /Did you mean `maxAge`/],
      [{ maxAge: '2m' }, /nearCache\.maxAge/],
      [{ maxEntries: 0 }, /nearCache\.maxEntries/],
    ])('refuses %j and names the setting', (nearCache, message) => {
      expect(() => bench.managerWith({ nearCache: nearCache as object })).toThrow(message)
    })
  })
}
