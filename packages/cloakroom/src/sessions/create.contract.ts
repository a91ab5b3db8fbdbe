import { describe, expect, it } from 'vitest'
import type { SessionManagerOptions } from './manager.ts'
import { alice, type Data, firefox, minute, type Workbench } from './workbench.contract.ts'

/** How sessions begin and how long they live. */
export function describeCreating(bench: Workbench): void {
  describe('create and validate', () => {
    it('gives back who signed in, from where, and the data', async () => {
      const source = { ip: '203.0.113.7', userAgent: firefox }
      const { token, session } = await bench.sessions.create(alice, { data: { visits: 1 }, source })
      const read = await bench.validOf(token)
      expect(read).toMatchObject({
        id: session.id,
        userId: 'alice@example.test',
        role: 'admin',
        permissions: ['cart:edit'],
        device: 'Firefox on Linux',
        ip: '203.0.113.7',
        methods: { pwd: bench.clock.now() },
        isPersistent: false,
        createdAt: bench.clock.now(),
        expiresAt: bench.clock.now() + 720 * minute,
        idleExpiresAt: bench.clock.now() + 60 * minute,
        data: { visits: 1 },
      })
      expect(bench.events).toEqual([
        expect.objectContaining({
          type: 'session_created',
          sessionId: session.id,
          userId: 'alice@example.test',
          ip: '203.0.113.7',
        }),
      ])
    })

    it('gives every kind of value back as it was', async () => {
      const data = {
        date: new Date(1_700_000_000_123),
        map: new Map<unknown, unknown>([['a', new Set([1, 'x'])]]),
        big: 2n ** 80n,
        small: -5n,
        bytes: Uint8Array.of(0, 255, 128),
        nothing: undefined,
        nested: { list: [1, null, { deep: true }], text: 'zażółć 🧥' },
        number: 1.5e-7,
      }
      const { token } = await bench.sessions.create(alice, { data })
      const read = await bench.validOf(token)
      expect(read.data).toEqual(data)
      expect('nothing' in read.data).toBe(true)
      expect(read.data['bytes']).toBeInstanceOf(Uint8Array)
    })

    it('knows no session for a token it did not issue [ASVS 7.2.1]', async () => {
      const { token } = await bench.sessions.create(alice)
      const forged = token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A')
      expect(await bench.sessions.validate('')).toEqual({ state: 'absent', reason: 'malformed' })
      expect(await bench.sessions.validate(`${token}x`)).toMatchObject({ reason: 'malformed' })
      expect(await bench.sessions.validate(forged)).toEqual({ state: 'absent', reason: 'unknown' })
      expect(bench.typesOf().filter(type => type === 'session_refused')).toHaveLength(1)
      expect((await bench.sessions.validate(token)).state).toBe('valid')
    })

    it('makes tokens of 65 characters that begin with the public handle', async () => {
      const { token, session } = await bench.sessions.create(null)
      expect(token).toMatch(/^[A-Za-z0-9_-]{65}$/)
      expect(token.startsWith(session.id)).toBe(true)
      expect(JSON.stringify(session)).not.toContain(token)
    })

    it('refuses data that would not come back, and names its path', async () => {
      const creating = bench.sessions.create(alice, {
        data: { cart: [() => 1] as unknown as string[] },
      })
      await expect(creating).rejects.toMatchObject({
        code: 'ERR_VALUE_UNSTORABLE',
        message: expect.stringContaining('data.cart[0]'),
      })
    })

    it('starts sessions for visitors, who are in nobody’s list', async () => {
      const { token } = await bench.sessions.create(null, { data: { theme: 'dark' } })
      expect(await bench.validOf(token)).toMatchObject({ userId: null, role: null, methods: {} })
    })
  })

  describe('timeouts', () => {
    it('ends a session that was idle too long, to the millisecond [ASVS 7.3.1]', async () => {
      const { token } = await bench.sessions.create(alice)
      bench.clock.advance(60 * minute - 1)
      const passive = await bench.sessions.validate(token, { isPassive: true })
      expect(passive.state).toBe('valid')
      bench.clock.advance(1)
      expect(await bench.sessions.validate(token)).toEqual({ state: 'absent', reason: 'idle' })
      expect(bench.events.at(-1)).toMatchObject({
        type: 'session_expired',
        reason: 'idle',
        userId: alice.id,
      })
      expect(await bench.sessions.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
    })

    it('ends a session at its absolute lifetime, however active it is [ASVS 7.3.2]', async () => {
      const { token } = await bench.sessions.create(alice)
      for (let passed = 0; passed < 12 * 60 - 1; passed += 30) {
        await bench.validOf(token)
        bench.clock.advance(30 * minute)
      }
      expect(await bench.sessions.validate(token)).toEqual({ state: 'absent', reason: 'absolute' })
    })

    it('counts activity, and polling not [ASVS 7.3.1]', async () => {
      const { token } = await bench.sessions.create(alice)
      bench.clock.advance(40 * minute)
      await bench.validOf(token)
      bench.clock.advance(40 * minute)
      expect((await bench.sessions.validate(token, { isPassive: true })).state).toBe('valid')
      bench.clock.advance(20 * minute)
      expect(await bench.sessions.validate(token)).toEqual({ state: 'absent', reason: 'idle' })
    })

    it('notes activity once in a touch interval', async () => {
      const { token, session } = await bench.sessions.create(alice)
      bench.clock.advance(2 * minute)
      expect((await bench.validOf(token)).seenAt).toBe(session.seenAt)
      bench.clock.advance(minute)
      expect((await bench.validOf(token)).seenAt).toBe(bench.clock.now())
    })

    it('renews at once, within the absolute lifetime', async () => {
      const { token } = await bench.sessions.create(alice)
      bench.clock.advance(minute)
      const renewed = await bench.sessions.renew(await bench.validOf(token))
      expect(renewed.seenAt).toBe(bench.clock.now())
      expect(renewed.expiresAt).toBe(bench.clock.now() + 719 * minute)
      expect(bench.typesOf()).toContain('session_renewed')
    })

    it('notes the activity of visitors whose sessions are far shorter than those of users', async () => {
      bench.sessions = bench.managerWith({ session: { anonymous: { idle: '2m' } } })
      const { token } = await bench.sessions.create(null)
      for (let passed = 0; passed < 10; passed += 1) {
        bench.clock.advance(minute)
        const read = await bench.sessions.validate(token, { isPassive: true })
        if (read.state !== 'valid') throw new Error(`It ended after ${passed} minutes.`)
        await bench.sessions.touch(read.session)
      }
    })

    it('keeps users longer who asked for it', async () => {
      const { token, session } = await bench.sessions.create(alice, { remember: true })
      expect(session.isPersistent).toBe(true)
      bench.clock.advance(13 * 24 * 60 * minute)
      expect((await bench.validOf(token)).isPersistent).toBe(true)
    })
  })

  describe('schema', () => {
    const schema: SessionManagerOptions<Data>['schema'] = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: value =>
          typeof (value as Data).visits === 'number'
            ? { value: value as Data }
            : { issues: [{ message: 'not a number', path: ['visits'] }] },
      },
    }

    it('refuses data that the schema refuses, with the path', async () => {
      bench.sessions = bench.managerWith({ schema })
      await expect(bench.sessions.create(alice, { data: {} })).rejects.toThrow(
        /data\.visits: not a number/,
      )
    })

    it('migrates data of an older form, and refuses without a migration', async () => {
      const { token } = await bench.sessions.create(alice, { data: { theme: 'dark' } })
      const strict = bench.managerWith({ schema })
      expect(await strict.validate(token)).toEqual({ state: 'absent', reason: 'schema' })
      const migrate = (old: unknown): Data => ({ ...(old as Data), visits: 0 })
      const migrating = bench.managerWith({ schema, migrate })
      expect((await bench.validOf(token, migrating)).data).toEqual({ theme: 'dark', visits: 0 })
    })
  })
}
