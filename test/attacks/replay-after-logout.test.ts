import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionManager } from '../../packages/cloakroom/src/sessions/manager.ts'
import type { SessionState } from '../../packages/cloakroom/src/sessions/state.ts'
import type { SessionStore } from '../../packages/cloakroom/src/sessions/store.ts'
import { createBarrier, holdBefore } from '../support/barrier.ts'
import {
  createSessionGround,
  type GroundData,
  requireSession,
  type SessionGround,
} from '../support/session-ground.ts'

type Sessions = SessionManager<GroundData>
type State = SessionState<GroundData>

const alice = { id: 'alice@example.test', tenant: 'acme' }
const gone = { name: 'ConflictError', code: 'ERR_SESSION_GONE' }

let ground: SessionGround
let slowStore: SessionStore
let sessions: Sessions
beforeAll(async () => {
  ground = await createSessionGround()
  slowStore = await ground.connect()
})
afterAll(() => ground.close())
beforeEach(async () => {
  await ground.clear()
  sessions = ground.managerWith()
})

/** What a request may still do with a session that it read before the logout. */
const actions: [
  string,
  keyof SessionStore,
  (slow: Sessions, session: State) => Promise<unknown>,
][] = [
  ['a save', 'save', (slow, session) => slow.save(session)],
  ['an update', 'save', (slow, session) => slow.update(session, data => ({ ...data, late: 1 }))],
  ['a rotation', 'rotate', (slow, session) => slow.rotate(session)],
  ['a step-up', 'rotate', (slow, session) => slow.rotate(session, { methods: ['otp'] })],
  ['a renewal', 'load', (slow, session) => slow.renew(session)],
]

const endings: [string, (session: State) => Promise<unknown>][] = [
  ['logout', session => sessions.revoke(session.id)],
  ['the end of all of the user’s sessions', () => sessions.revokeAll(alice.id)],
  ['the end of the user’s epoch', () => sessions.raiseEpoch({ user: alice.id })],
]

describe('a session that was ended', () => {
  describe.each(endings)('by %s', (_ending, end) => {
    it.each(actions)(
      'stays ended when %s arrives after it [ASVS 7.4.1]',
      async (_name, step, act) => {
        const { token } = await sessions.create(alice)
        const barrier = createBarrier()
        const slow = ground.managerWith({ store: holdBefore(slowStore, step, barrier) })
        const session = await requireSession(sessions, token)
        session.data['visits'] = 1
        const acting = act(slow, session)
        await barrier.reached
        await end(session)
        barrier.open()
        await expect(acting).rejects.toMatchObject(gone)
        expect(await ground.command('EXISTS', ground.keys.session(session.id))).toBe(0)
        expect((await sessions.validate(token)).state).toBe('absent')
        expect(await sessions.list(alice.id)).toEqual([])
      },
    )
  })

  it('stays ended for everybody whom an epoch ended, whatever is in flight', async () => {
    const { token } = await sessions.create(alice)
    const barrier = createBarrier()
    const slow = ground.managerWith({ store: holdBefore(slowStore, 'save', barrier) })
    const session = await requireSession(slow, token)
    session.data['visits'] = 1
    const saving = slow.save(session)
    await barrier.reached
    await sessions.raiseEpoch({ tenant: 'acme' })
    barrier.open()
    await saving
    for (const manager of [sessions, ground.managerWith()]) {
      expect((await manager.validate(token)).state).toBe('absent')
    }
  })

  it('stays ended whichever way a logout and a save cross on the wire', async () => {
    const other = ground.managerWith({ store: slowStore })
    for (let round = 0; round < 200; round += 1) {
      const { token, session } = await sessions.create(alice)
      session.data['round'] = round
      const logout = round % 2 === 0 ? sessions : other
      const [ended] = await Promise.all([
        logout.revoke(session.id),
        other.save(session).catch(() => null),
        sessions.rotate(session).catch(() => null),
        other.touch(session).catch(() => null),
      ])
      expect(ended).toBe(true)
      expect(await ground.command('EXISTS', ground.keys.session(session.id))).toBe(0)
      expect((await sessions.validate(token)).state).toBe('absent')
    }
    expect(await sessions.list(alice.id)).toEqual([])
  })

  it('leaves no key behind [ASVS 7.4.1]', async () => {
    const { session } = await sessions.create(alice)
    const rotated = await sessions.rotate(session)
    await sessions.revoke(rotated.session.id)
    expect(await ground.command('DBSIZE')).toBe(0)
    expect((await sessions.validate(rotated.token)).state).toBe('absent')
  })

  it('is not put back by a sign-in that was under way on top of it', async () => {
    const visitor = await sessions.create(null)
    const barrier = createBarrier()
    const slow = ground.managerWith({ store: holdBefore(slowStore, 'create', barrier) })
    const signingIn = slow.create(alice, { previous: visitor.session })
    await barrier.reached
    await sessions.revoke(visitor.session.id)
    barrier.open()
    const { token } = await signingIn
    expect((await sessions.validate(visitor.token)).state).toBe('absent')
    expect((await requireSession(sessions, token)).userId).toBe(alice.id)
  })
})
