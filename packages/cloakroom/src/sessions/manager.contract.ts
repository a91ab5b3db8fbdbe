import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createSessionManager, type SessionManager, type SessionManagerOptions } from './manager.ts'
import type { SessionState } from './state.ts'
import type { SessionStore } from './store.ts'

/** What the suite needs of a store. */
export interface StoreUnderTest {
  readonly name: string
  open(): Promise<{
    /** A store on empty ground that goes by this clock. */
    createStore(clock: ManualClock): Promise<SessionStore>
    close(): Promise<void>
  }>
}

interface Data {
  visits?: number
  cart?: string[]
  theme?: string
  [key: string]: unknown
}

const oldSecret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const newSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
const minute = 60_000
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const alice = { id: 'alice@example.test', role: 'admin', permissions: ['cart:edit'] }

/** The behaviour of sessions, whatever store they are kept in. */
export function describeSessions(under: StoreUnderTest): void {
  describe(`createSessionManager on ${under.name}`, () => {
    let ground: Awaited<ReturnType<StoreUnderTest['open']>>
    let clock: ManualClock
    let store: SessionStore
    let events: SecurityEvent[]
    let sessions: SessionManager<Data>

    const managerWith = (
      options: Partial<SessionManagerOptions<Data>> = {},
    ): SessionManager<Data> =>
      createSessionManager<Data>({
        store,
        clock,
        secret: oldSecret,
        events: { emit: event => events.push(event) },
        ...options,
      })
    const typesOf = (): string[] => events.map(event => event.type)
    const validOf = async (
      token: string,
      manager: SessionManager<Data> = sessions,
    ): Promise<SessionState<Data>> => {
      const read = await manager.validate(token)
      if (read.state !== 'valid') throw new Error(`The session is ${JSON.stringify(read)}.`)
      return read.session
    }

    beforeAll(async () => {
      ground = await under.open()
    })
    afterAll(() => ground.close())
    beforeEach(async () => {
      clock = createManualClock()
      store = await ground.createStore(clock)
      events = []
      sessions = managerWith()
    })

    describe('create and validate', () => {
      it('gives back who signed in, from where, and the data', async () => {
        const source = { ip: '203.0.113.7', userAgent: firefox }
        const { token, session } = await sessions.create(alice, { data: { visits: 1 }, source })
        const read = await validOf(token)
        expect(read).toMatchObject({
          id: session.id,
          userId: 'alice@example.test',
          role: 'admin',
          permissions: ['cart:edit'],
          device: 'Firefox on Linux',
          ip: '203.0.113.7',
          methods: { pwd: clock.now() },
          isPersistent: false,
          createdAt: clock.now(),
          expiresAt: clock.now() + 720 * minute,
          idleExpiresAt: clock.now() + 60 * minute,
          data: { visits: 1 },
        })
        expect(events).toEqual([
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
        const { token } = await sessions.create(alice, { data })
        const read = await validOf(token)
        expect(read.data).toEqual(data)
        expect('nothing' in read.data).toBe(true)
        expect(read.data['bytes']).toBeInstanceOf(Uint8Array)
      })

      it('knows no session for a token it did not issue', async () => {
        const { token } = await sessions.create(alice)
        const forged = token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A')
        expect(await sessions.validate('')).toEqual({ state: 'absent', reason: 'malformed' })
        expect(await sessions.validate(`${token}x`)).toMatchObject({ reason: 'malformed' })
        expect(await sessions.validate(forged)).toEqual({ state: 'absent', reason: 'unknown' })
        expect(typesOf().filter(type => type === 'session_refused')).toHaveLength(1)
        expect((await sessions.validate(token)).state).toBe('valid')
      })

      it('makes tokens of 65 characters that begin with the public handle', async () => {
        const { token, session } = await sessions.create(null)
        expect(token).toMatch(/^[A-Za-z0-9_-]{65}$/)
        expect(token.startsWith(session.id)).toBe(true)
        expect(JSON.stringify(session)).not.toContain(token)
      })

      it('refuses data that would not come back, and names its path', async () => {
        const creating = sessions.create(alice, {
          data: { cart: [() => 1] as unknown as string[] },
        })
        await expect(creating).rejects.toMatchObject({
          code: 'ERR_VALUE_UNSTORABLE',
          message: expect.stringContaining('data.cart[0]'),
        })
      })

      it('starts sessions for visitors, who are in nobody’s list', async () => {
        const { token } = await sessions.create(null, { data: { theme: 'dark' } })
        expect(await validOf(token)).toMatchObject({ userId: null, role: null, methods: {} })
      })
    })

    describe('timeouts', () => {
      it('ends a session that was idle too long, to the millisecond', async () => {
        const { token } = await sessions.create(alice)
        clock.advance(60 * minute - 1)
        const passive = await sessions.validate(token, { isPassive: true })
        expect(passive.state).toBe('valid')
        clock.advance(1)
        expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'idle' })
        expect(events.at(-1)).toMatchObject({
          type: 'session_expired',
          reason: 'idle',
          userId: alice.id,
        })
        expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
      })

      it('ends a session at its absolute lifetime, however active it is', async () => {
        const { token } = await sessions.create(alice)
        for (let passed = 0; passed < 12 * 60 - 1; passed += 30) {
          await validOf(token)
          clock.advance(30 * minute)
        }
        expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'absolute' })
      })

      it('counts activity, and polling not', async () => {
        const { token } = await sessions.create(alice)
        clock.advance(40 * minute)
        await validOf(token)
        clock.advance(40 * minute)
        expect((await sessions.validate(token, { isPassive: true })).state).toBe('valid')
        clock.advance(20 * minute)
        expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'idle' })
      })

      it('notes activity once in a touch interval', async () => {
        const { token, session } = await sessions.create(alice)
        clock.advance(2 * minute)
        expect((await validOf(token)).seenAt).toBe(session.seenAt)
        clock.advance(minute)
        expect((await validOf(token)).seenAt).toBe(clock.now())
      })

      it('renews at once, within the absolute lifetime', async () => {
        const { token } = await sessions.create(alice)
        clock.advance(minute)
        const renewed = await sessions.renew(await validOf(token))
        expect(renewed.seenAt).toBe(clock.now())
        expect(renewed.expiresAt).toBe(clock.now() + 719 * minute)
        expect(typesOf()).toContain('session_renewed')
      })

      it('keeps users longer who asked for it', async () => {
        const { token, session } = await sessions.create(alice, { remember: true })
        expect(session.isPersistent).toBe(true)
        clock.advance(13 * 24 * 60 * minute)
        expect((await validOf(token)).isPersistent).toBe(true)
      })
    })

    describe('save and update', () => {
      it('saves only what changed, on top of what another request stored', async () => {
        const { token } = await sessions.create(alice, { data: { visits: 1, theme: 'light' } })
        const [left, right] = [await validOf(token), await validOf(token)]
        left.data.visits = 2
        right.data.theme = 'dark'
        await sessions.save(left)
        await sessions.save(right)
        expect((await validOf(token)).data).toEqual({ visits: 2, theme: 'dark' })
      })

      it('keeps all of twenty keys written in parallel', async () => {
        const { token } = await sessions.create(alice)
        const writers = await Promise.all(Array.from({ length: 20 }, () => validOf(token)))
        await Promise.all(
          writers.map((session, index) => {
            session.data[`k${index}`] = index
            return sessions.save(session)
          }),
        )
        expect(Object.keys((await validOf(token)).data)).toHaveLength(20)
      })

      it('notices changes deep inside, and removed keys', async () => {
        const { token } = await sessions.create(alice, { data: { cart: ['a'], theme: 'dark' } })
        const session = await validOf(token)
        session.data.cart?.push('b')
        delete session.data.theme
        await sessions.save(session)
        expect((await validOf(token)).data).toEqual({ cart: ['a', 'b'] })
      })

      it('writes nothing when nothing changed', async () => {
        const { token } = await sessions.create(alice, { data: { cart: ['a'] } })
        const session = await validOf(token)
        expect(await sessions.save(session)).toBe(session)
      })

      it('counts right under parallel updates', async () => {
        const { token } = await sessions.create(alice, { data: { visits: 0 } })
        const session = await validOf(token)
        const count = () =>
          sessions.update(session, data => ({ ...data, visits: (data.visits ?? 0) + 1 }))
        await Promise.all(Array.from({ length: 25 }, count))
        expect((await validOf(token)).data.visits).toBe(25)
      })

      it('never brings an ended session back', async () => {
        const { token } = await sessions.create(alice, { data: { visits: 1 } })
        const session = await validOf(token)
        await sessions.revoke(session.id)
        session.data.visits = 2
        await expect(sessions.save(session)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
        await expect(sessions.renew(session)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
        await expect(sessions.rotate(session)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
        expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
      })

      it('refuses to write to a session that timed out a moment ago', async () => {
        const { session } = await sessions.create(alice)
        clock.advance(60 * minute)
        session.data.visits = 1
        await expect(sessions.save(session)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
      })

      it('refuses to write to a session whose epoch was raised', async () => {
        const { session } = await sessions.create(alice)
        await sessions.raiseEpoch({ user: alice.id })
        session.data.visits = 1
        await expect(sessions.save(session)).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
      })

      it('saves again and again from one state', async () => {
        const { token, session } = await sessions.create(alice)
        session.data.visits = 1
        const saved = await sessions.save(session)
        saved.data.visits = 2
        await sessions.save(saved)
        expect((await validOf(token)).data.visits).toBe(2)
      })

      it('refuses a state it did not make', async () => {
        const { session } = await sessions.create(alice)
        await expect(sessions.save({ ...session })).rejects.toMatchObject({ name: 'ConfigError' })
      })
    })

    describe('rotate', () => {
      it('gives a new token and keeps handle, data and deadline', async () => {
        const { token, session } = await sessions.create(alice, { data: { visits: 3 } })
        const rotated = await sessions.rotate(session)
        expect(rotated.token).not.toBe(token)
        expect(rotated.session).toMatchObject({ id: session.id, data: { visits: 3 } })
        expect((await validOf(rotated.token)).expiresAt).toBe(session.expiresAt)
        expect(typesOf()).toContain('session_rotated')
      })

      it('leads the old token to the same successor for a few seconds', async () => {
        const { token, session } = await sessions.create(alice)
        const rotated = await sessions.rotate(session)
        clock.advance(9_999)
        expect(await sessions.validate(token)).toMatchObject({
          state: 'valid',
          newToken: rotated.token,
          session: { id: session.id, isLimited: false },
        })
      })

      it('ends the session when the old token comes after the grace', async () => {
        const { token, session } = await sessions.create(alice)
        const rotated = await sessions.rotate(session)
        clock.advance(10_000)
        expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'reused' })
        expect(await sessions.validate(rotated.token)).toMatchObject({ state: 'absent' })
        expect(events.find(event => event.type === 'session_reuse_detected')).toMatchObject({
          userId: alice.id,
          sessionId: session.id,
        })
      })

      it('gives parallel rotations one successor', async () => {
        const { token } = await sessions.create(alice)
        const states = await Promise.all(Array.from({ length: 10 }, () => validOf(token)))
        const issued = await Promise.all(states.map(state => sessions.rotate(state)))
        expect(new Set(issued.map(({ token: next }) => next)).size).toBe(1)
        expect(await sessions.list(alice.id)).toHaveLength(1)
        await validOf(issued[0]?.token ?? '')
      })

      it('follows two rotations in a row', async () => {
        const { token, session } = await sessions.create(alice)
        const second = await sessions.rotate(session)
        const third = await sessions.rotate(second.session)
        expect(await sessions.validate(token)).toMatchObject({ newToken: third.token })
      })

      it('saves what a request wrote while another rotated', async () => {
        const { token } = await sessions.create(alice)
        const writer = await validOf(token)
        const { token: next } = await sessions.rotate(await validOf(token))
        writer.data.visits = 7
        await sessions.save(writer)
        expect((await validOf(next)).data.visits).toBe(7)
      })

      it('gives requests under way the session without the rights of a step-up', async () => {
        const { token, session } = await sessions.create(alice)
        clock.advance(minute)
        const raised = await sessions.rotate(session, { methods: ['otp'] })
        expect(raised.session.methods).toEqual({ pwd: session.createdAt, otp: clock.now() })
        const read = await sessions.validate(token)
        expect(read).toMatchObject({ state: 'valid', session: { isLimited: true, methods: {} } })
        expect(read).not.toHaveProperty('newToken')
      })

      it('gives the old token nothing once the role changed', async () => {
        const { token, session } = await sessions.create({ id: 'bob' })
        const raised = await sessions.rotate(session, { role: 'admin', permissions: ['all'] })
        expect(raised.session).toMatchObject({ role: 'admin', permissions: ['all'] })
        expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'retired' })
        expect((await sessions.validate(raised.token)).state).toBe('valid')
      })
    })

    describe('signing in on top of a session', () => {
      it('retires the visitor’s token, which never leads to the user’s session', async () => {
        const visitor = await sessions.create(null, { data: { cart: ['a'] } })
        const previous = visitor.session
        const user = await sessions.create(alice, { previous, data: previous.data })
        expect(await sessions.validate(visitor.token)).toEqual({
          state: 'absent',
          reason: 'retired',
        })
        expect((await validOf(user.token)).data.cart).toEqual(['a'])
      })

      it('ends the user’s session when the planted token is used later', async () => {
        const visitor = await sessions.create(null, { data: { cart: [] } })
        const user = await sessions.create(alice, { previous: visitor.session })
        clock.advance(minute)
        expect(await sessions.validate(visitor.token)).toMatchObject({ reason: 'reused' })
        expect((await sessions.validate(user.token)).state).toBe('absent')
        expect(events.find(event => event.type === 'session_reuse_detected')).toMatchObject({
          userId: alice.id,
        })
      })
    })

    describe('limit', () => {
      it('ends the oldest session when there are too many, and says so', async () => {
        const issued = []
        for (let count = 0; count < 5; count += 1) {
          issued.push(await sessions.create(alice))
          clock.advance(1000)
        }
        await validOf(issued[0]?.token ?? '')
        const sixth = await sessions.create(alice)
        expect(sixth.evicted).toEqual([issued[0]?.session.id])
        expect(await sessions.list(alice.id)).toHaveLength(5)
        expect(typesOf()).toContain('session_limit_exceeded')
      })

      it('ends the one used least recently when told so', async () => {
        sessions = managerWith({ session: { limit: { max: 2, over: 'end-least-recent' } } })
        const first = await sessions.create(alice)
        clock.advance(minute)
        const second = await sessions.create(alice)
        clock.advance(10 * minute)
        await validOf(first.token)
        const third = await sessions.create(alice)
        expect(third.evicted).toEqual([second.session.id])
      })

      it('refuses the new one when told so', async () => {
        sessions = managerWith({ session: { limit: { max: 1, over: 'refuse' } } })
        await sessions.create(alice)
        await expect(sessions.create(alice)).rejects.toMatchObject({ code: 'ERR_SESSION_LIMIT' })
        expect(await sessions.list(alice.id)).toHaveLength(1)
        clock.advance(60 * minute)
        await sessions.create(alice)
      })

      it('holds for sign-ins in parallel', async () => {
        await Promise.all(Array.from({ length: 30 }, () => sessions.create(alice)))
        expect(await sessions.list(alice.id)).toHaveLength(5)
      })

      it('counts only living sessions, and each user alone', async () => {
        const { session } = await sessions.create(alice)
        await sessions.revoke(session.id)
        await sessions.create({ id: 'bob' })
        for (let count = 0; count < 5; count += 1) {
          expect((await sessions.create(alice)).evicted).toEqual([])
        }
      })

      it('can be lifted', async () => {
        sessions = managerWith({ session: { limit: false } })
        await Promise.all(Array.from({ length: 12 }, () => sessions.create(alice)))
        expect(await sessions.list(alice.id)).toHaveLength(12)
      })
    })

    describe('list and revoke', () => {
      it('lists a user’s sessions with the current one marked, last used first', async () => {
        const first = await sessions.create(alice, { source: { userAgent: firefox } })
        clock.advance(minute)
        const second = await sessions.create(alice, { source: { ip: '2001:db8::1' } })
        await sessions.create({ id: 'bob' })
        const entries = await sessions.list(alice.id, first.session)
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
        const { token, session } = await sessions.create(alice)
        expect(await sessions.revoke(session.id)).toBe(true)
        expect(await sessions.revoke(session.id)).toBe(false)
        expect(await sessions.revoke('nonsense')).toBe(false)
        expect(await sessions.validate(token)).toMatchObject({ reason: 'unknown' })
        expect(events.filter(event => event.type === 'session_destroyed')).toHaveLength(1)
      })

      it('ends all others and leaves this one', async () => {
        const others = await Promise.all([sessions.create(alice), sessions.create(alice)])
        const { token, session } = await sessions.create(alice)
        expect(await sessions.revokeOthers(session)).toBe(2)
        for (const other of others) {
          expect((await sessions.validate(other.token)).state).toBe('absent')
        }
        const kept = await validOf(token)
        kept.data.visits = 1
        await sessions.save(kept)
        expect(await sessions.list(alice.id)).toHaveLength(1)
        const visitor = await sessions.create(null)
        await expect(sessions.revokeOthers(visitor.session)).rejects.toThrow(/visitor/)
      })

      it('ends all of a user, and lets the user sign in again', async () => {
        await Promise.all([sessions.create(alice), sessions.create(alice)])
        const bob = await sessions.create({ id: 'bob' })
        expect(await sessions.revokeAll(alice.id)).toBe(2)
        expect(await sessions.list(alice.id)).toEqual([])
        expect((await sessions.validate(bob.token)).state).toBe('valid')
        await validOf((await sessions.create(alice)).token)
      })

      it('ends everybody, a tenant or a user in one step, on every worker', async () => {
        const other = managerWith()
        const acme = { id: 'carol', tenant: 'acme' }
        const carol = await sessions.create(acme)
        const dave = await sessions.create({ id: 'dave', tenant: 'umbrella' })
        await validOf(carol.token, other)
        await sessions.raiseEpoch({ tenant: 'acme' })
        clock.advance(1000)
        expect(await other.validate(carol.token)).toEqual({ state: 'absent', reason: 'epoch' })
        await validOf(dave.token, other)
        const again = await sessions.create(acme)
        await validOf(again.token, other)
        await sessions.raiseEpoch({ all: true })
        clock.advance(1000)
        expect(await other.validate(again.token)).toMatchObject({ reason: 'epoch' })
        expect(await other.validate(dave.token)).toMatchObject({ reason: 'epoch' })
        await validOf((await sessions.create(null)).token, other)
        expect(typesOf().filter(type => type === 'session_epoch_raised')).toHaveLength(2)
      })

      it('pages through all sessions', async () => {
        for (let count = 0; count < 7; count += 1) await sessions.create({ id: `user-${count}` })
        const seen = new Set<string>()
        let cursor: string | null = null
        do {
          const page = await sessions.scan(cursor, 3)
          for (const entry of page.entries) seen.add(entry.userId ?? '')
          cursor = page.cursor
        } while (cursor !== null)
        expect(seen.size).toBe(7)
      })
    })

    describe('keys', () => {
      const both = [newSecret, oldSecret]

      it('opens sessions of an older key and seals with the newest on the next write', async () => {
        const { token } = await sessions.create(alice, { data: { visits: 1 } })
        const later = managerWith({ secret: both })
        const session = await validOf(token, later)
        const before = [...(await later.countByKey()).values()]
        expect(before).toEqual([0, 1])
        session.data.visits = 2
        await later.save(session)
        expect([...(await later.countByKey()).values()]).toEqual([1, 0])
        expect((await validOf(token, later)).data.visits).toBe(2)
      })

      it('lists, limits and ends sessions of both keys together', async () => {
        await Promise.all(Array.from({ length: 5 }, () => sessions.create(alice)))
        clock.advance(1000)
        const later = managerWith({ secret: both })
        const { evicted } = await later.create(alice)
        expect(evicted).toHaveLength(1)
        expect(await later.list(alice.id)).toHaveLength(5)
        const refusing = managerWith({
          secret: both,
          session: { limit: { max: 5, over: 'refuse' } },
        })
        await expect(refusing.create(alice)).rejects.toMatchObject({ code: 'ERR_SESSION_LIMIT' })
        expect(await later.revokeAll(alice.id)).toBe(5)
      })

      it('leaves a session alone whose key it does not know', async () => {
        const { token, session } = await sessions.create(alice)
        const stranger = managerWith({ secret: newSecret })
        expect(await stranger.validate(token)).toEqual({ state: 'absent', reason: 'unknown-key' })
        expect(events.at(-1)).toMatchObject({ type: 'session_refused', sessionId: session.id })
        expect((await sessions.validate(token)).state).toBe('valid')
      })
    })

    describe('sealing with the ticket', () => {
      it('needs the token to open the data, and still lists, saves, rotates and revokes', async () => {
        sessions = managerWith({ session: { seal: 'ticket' } })
        const { token } = await sessions.create(alice, { data: { visits: 1 } })
        const session = await validOf(token)
        session.data.visits = 2
        const rotated = await sessions.rotate(await sessions.save(session))
        expect((await validOf(rotated.token)).data.visits).toBe(2)
        expect(await sessions.validate(token)).toMatchObject({ newToken: rotated.token })
        expect(await sessions.list(alice.id)).toHaveLength(1)
        expect(await sessions.revoke(rotated.session.id)).toBe(true)
      })

      it('saves on top of a rotation by another request', async () => {
        sessions = managerWith({ session: { seal: 'ticket' } })
        const { token } = await sessions.create(alice)
        const writer = await validOf(token)
        const { token: next } = await sessions.rotate(await validOf(token))
        writer.data.visits = 7
        await sessions.save(writer)
        expect((await validOf(next)).data.visits).toBe(7)
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
        sessions = managerWith({ schema })
        await expect(sessions.create(alice, { data: {} })).rejects.toThrow(
          /data\.visits: not a number/,
        )
      })

      it('migrates data of an older form, and refuses without a migration', async () => {
        const { token } = await sessions.create(alice, { data: { theme: 'dark' } })
        const strict = managerWith({ schema })
        expect(await strict.validate(token)).toEqual({ state: 'absent', reason: 'schema' })
        const migrate = (old: unknown): Data => ({ ...(old as Data), visits: 0 })
        const migrating = managerWith({ schema, migrate })
        expect((await validOf(token, migrating)).data).toEqual({ theme: 'dark', visits: 0 })
      })
    })
  })
}
