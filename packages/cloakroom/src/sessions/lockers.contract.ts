import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import type { LockerStore } from './locker-store.ts'
import { type Locker, largestLocker } from './lockers.ts'
import { createSessionManager, type SessionManager } from './manager.ts'
import type { SessionStore } from './store.ts'
import { alice, type Data, minute, newSecret, oldSecret } from './workbench.contract.ts'

/** Where lockers and the sessions they belong to are kept. */
export interface LockerGround {
  readonly name: string
  open(): Promise<{
    createStores(clock: ManualClock): Promise<{ store: SessionStore; lockers: LockerStore }>
    /** Everything that is stored, as bytes one after the other. */
    dump(): Promise<string>
    close(): Promise<void>
  }>
}

/** How lockers behave, on every store. */
export function describeLockers({ name, open }: LockerGround): void {
  describe(`lockers on ${name}`, () => {
    let ground: Awaited<ReturnType<typeof open>>
    let clock: ManualClock
    let stores: { store: SessionStore; lockers: LockerStore }
    let sessions: SessionManager<Data>
    const managers: SessionManager<Data>[] = []

    beforeAll(async () => {
      ground = await open()
    })
    afterAll(() => ground.close())
    beforeEach(async () => {
      clock = createManualClock()
      stores = await ground.createStores(clock)
      sessions = managerWith(oldSecret)
    })

    function managerWith(secret: string | readonly string[]): SessionManager<Data> {
      const manager = createSessionManager<Data>({
        ...stores,
        clock,
        secret,
        events: { emit: () => undefined },
      })
      managers.push(manager)
      return manager
    }

    afterAll(() => {
      for (const manager of managers) manager.close()
    })

    async function lockerOfAlice(): Promise<{ locker: Locker; id: string }> {
      const { session } = await sessions.create(alice)
      return { locker: sessions.locker({ session: session.id }), id: session.id }
    }

    it('gives back what was put in, with a version', async () => {
      const { locker } = await lockerOfAlice()
      const value = { rows: [1, 2n, new Date(5)], name: 'Zoë' }
      const written = await locker.set('filter', value)
      expect(written).toEqual({ ok: true, version: expect.stringMatching(/^[\w-]{12}$/) })
      expect(await locker.get('filter')).toEqual({
        value,
        version: written.ok && written.version,
      })
      expect(await locker.get('other')).toBeNull()
      expect([...(await locker.entries()).keys()]).toEqual(['filter'])
    })

    it('writes on condition of a version, and says what is there instead', async () => {
      const { locker } = await lockerOfAlice()
      const first = await locker.set('n', 1, { ifVersion: null })
      if (!first.ok) throw new Error('The first write was refused.')
      expect(await locker.set('n', 2, { ifVersion: first.version })).toMatchObject({ ok: true })
      const late = await locker.set('n', 3, { ifVersion: first.version })
      expect(late).toMatchObject({ ok: false, reason: 'conflict', current: { value: 2 } })
      const again = await locker.set('n', 4, { ifVersion: null })
      expect(again).toMatchObject({ ok: false, reason: 'conflict', current: { value: 2 } })
      expect(await locker.remove('n', { ifVersion: first.version })).toMatchObject({ ok: false })
      expect(await locker.remove('n')).toMatchObject({ ok: true })
      expect(await locker.set('n', 5, { ifVersion: first.version })).toMatchObject({
        reason: 'conflict',
        current: null,
      })
    })

    it('loses no write of many at once', async () => {
      const { locker, id } = await lockerOfAlice()
      const other = managerWith(oldSecret).locker({ session: id })
      async function count(place: Locker): Promise<void> {
        const found = await place.get('count')
        const value = ((found?.value as number) ?? 0) + 1
        const written = await place.set('count', value, { ifVersion: found?.version ?? null })
        if (!written.ok) await count(place)
      }
      await Promise.all(Array.from({ length: 20 }, (_, n) => count(n % 2 ? locker : other)))
      expect((await locker.get('count'))?.value).toBe(20)
    })

    it('keeps values of different names apart while many write them', async () => {
      const { locker } = await lockerOfAlice()
      await Promise.all(Array.from({ length: 20 }, (_, n) => locker.set(`v${n}`, n)))
      expect((await locker.entries()).size).toBe(20)
    })

    it('is gone with its session', async () => {
      const { locker, id } = await lockerOfAlice()
      await locker.set('a', 1)
      await sessions.revoke(id)
      await expect(locker.get('a')).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
      await expect(locker.set('a', 2)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
    })

    it('is gone with a session that ran out of time', async () => {
      const { locker } = await lockerOfAlice()
      await locker.set('a', 1)
      clock.advance(24 * 60 * minute)
      await expect(locker.get('a')).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
    })

    it('is gone when everybody was signed out', async () => {
      const { locker } = await lockerOfAlice()
      await sessions.raiseEpoch({ all: true })
      await expect(locker.get('a')).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
    })

    it('keeps what is a user’s from session to session', async () => {
      await sessions.locker({ user: alice.id }).set('theme', 'dark')
      await sessions.revokeAll(alice.id)
      expect((await sessions.locker({ user: alice.id }).get('theme'))?.value).toBe('dark')
      expect(await sessions.locker({ user: 'bob' }).get('theme')).toBeNull()
      await sessions.locker({ user: alice.id }).clear()
      expect(await sessions.locker({ user: alice.id }).get('theme')).toBeNull()
    })

    it('keeps what has a name of its own for as long as it was told to', async () => {
      const owner = { name: 'alice', keepFor: '1h' } as const
      await sessions.locker(owner).set('theme', 'dark')
      expect(await sessions.locker({ user: 'alice' }).get('theme')).toBeNull()
      expect((await sessions.locker({ ...owner, keepFor: '1d' }).get('theme'))?.value).toBe('dark')
      await expect(sessions.locker({ ...owner, keepFor: '1ms' }).set('a', 1)).rejects.toThrow(
        '`keepFor`',
      )
      expect(() => sessions.locker({ ...owner, name: '' })).toThrow('`name`')
    })

    it('finds a user’s values under an older key, and moves them with the next write', async () => {
      await sessions.locker({ user: alice.id }).set('theme', 'dark')
      const both = managerWith([newSecret, oldSecret]).locker({ user: alice.id })
      expect((await both.get('theme'))?.value).toBe('dark')
      await both.set('language', 'de')
      const newest = managerWith(newSecret).locker({ user: alice.id })
      expect([...(await newest.entries()).keys()]).toEqual(['theme', 'language'])
    })

    it('refuses more than a locker holds, and changes nothing', async () => {
      const { locker } = await lockerOfAlice()
      await locker.set('a', 1)
      const large = Array.from({ length: largestLocker / 4 }, () => Math.random())
      expect(await locker.set('b', large)).toEqual({ ok: false, reason: 'full' })
      expect([...(await locker.entries()).keys()]).toEqual(['a'])
    })

    it('refuses what cannot be stored, and handles that are none', async () => {
      const { locker } = await lockerOfAlice()
      await expect(async () => locker.set('a', () => 1)).rejects.toMatchObject({
        code: 'ERR_VALUE_UNSTORABLE',
      })
      await expect(async () => locker.set('', 1)).rejects.toThrow('`name`')
      expect(() => sessions.locker({ session: 'x' })).toThrow('`session`')
    })

    it('shows neither names nor values to the store', async () => {
      const { locker } = await lockerOfAlice()
      await locker.set('secret-name', 'secret-value')
      const dump = await ground.dump()
      expect(dump).not.toBe('')
      expect(dump).not.toContain('secret-')
    })
  })
}
