import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionManager } from '../../packages/cloakroom/src/sessions/manager.ts'
import { createBarrier, holdBefore } from '../support/barrier.ts'
import {
  createSessionGround,
  type GroundData,
  requireSession,
  type SessionGround,
} from '../support/session-ground.ts'

const alice = { id: 'alice@example.test' }

let ground: SessionGround
/** As two processes would have them: each on its own connection. */
let left: SessionManager<GroundData>
let right: SessionManager<GroundData>
beforeAll(async () => {
  ground = await createSessionGround()
  left = ground.managerWith({ store: await ground.connect() })
  right = ground.managerWith({ store: await ground.connect() })
})
afterAll(() => ground.close())
beforeEach(() => ground.clear())

const managerOf = (index: number) => (index % 2 === 0 ? left : right)

describe('parallel requests on one session', () => {
  it('keep all of twenty keys that they write, over two processes', async () => {
    const { token } = await left.create(alice)
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const sessions = managerOf(index)
        const session = await requireSession(sessions, token)
        session.data[`k${index}`] = index
        await sessions.save(session)
      }),
    )
    const { data } = await requireSession(left, token)
    expect(Object.keys(data)).toHaveLength(20)
  })

  it('count right over two processes', async () => {
    const { token } = await left.create(alice, { data: { visits: 0 } })
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const sessions = managerOf(index)
        const session = await requireSession(sessions, token)
        const count = (data: GroundData) => ({ ...data, visits: Number(data['visits']) + 1 })
        await sessions.update(session, count)
      }),
    )
    expect((await requireSession(right, token)).data).toEqual({ visits: 40 })
  })

  it('keep what was stored between the reading and the writing of another', async () => {
    const { token } = await left.create(alice, { data: { removed: true, theme: 'light' } })
    const barrier = createBarrier()
    const slow = ground.managerWith({ store: holdBefore(await ground.connect(), 'save', barrier) })
    const session = await requireSession(slow, token)
    session.data['visits'] = 1
    delete session.data['removed']
    const saving = slow.save(session)
    await barrier.reached
    await right.update(await requireSession(right, token), data => ({ ...data, theme: 'dark' }))
    barrier.open()
    const saved = await saving
    expect(saved.data).toEqual({ theme: 'dark', visits: 1 })
    expect((await requireSession(left, token)).data).toEqual({ theme: 'dark', visits: 1 })
  })

  it('keep what they write while another rotates, and while a third renews', async () => {
    const { token } = await left.create(alice)
    const states = await Promise.all(
      Array.from({ length: 12 }, (_, index) => requireSession(managerOf(index), token)),
    )
    await Promise.all(
      states.map(async (session, index) => {
        const sessions = managerOf(index)
        if (index === 5) await sessions.rotate(session)
        const renewed = index % 3 === 0 ? await sessions.renew(session) : session
        renewed.data[`k${index}`] = index
        await sessions.save(renewed)
      }),
    )
    const { data } = await requireSession(left, token)
    expect(Object.keys(data)).toHaveLength(12)
  })

  it('end in one session when a sign-in is clicked ten times', async () => {
    const visitor = await left.create(null, { data: { cart: ['coat'] } })
    const { session: previous } = visitor
    const issued = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        managerOf(index).create(alice, { previous, data: previous.data }),
      ),
    )
    const tokens = new Set(issued.map(({ token }) => token))
    expect(tokens.size).toBe(1)
    const [token = ''] = tokens
    expect((await requireSession(right, token)).data).toEqual({ cart: ['coat'] })
    expect(await left.list(alice.id)).toHaveLength(1)
    expect((await left.validate(visitor.token)).state).toBe('absent')
  })

  it('end in sessions of their own when two users sign in on one', async () => {
    const { session: previous } = await left.create(null)
    const [first, second] = await Promise.all([
      left.create(alice, { previous }),
      right.create({ id: 'bob' }, { previous }),
    ])
    expect((await requireSession(left, first.token)).userId).toBe(alice.id)
    expect((await requireSession(left, second.token)).userId).toBe('bob')
  })

  it('rotate ten times at once without an error, and one token lives', async () => {
    const { token } = await left.create(alice, { data: { visits: 1 } })
    const states = await Promise.all(
      Array.from({ length: 10 }, (_, index) => requireSession(managerOf(index), token)),
    )
    const issued = await Promise.all(states.map((state, index) => managerOf(index).rotate(state)))
    const tokens = new Set(issued.map(({ token: next }) => next))
    expect(tokens.size).toBe(1)
    const [next = ''] = tokens
    expect((await requireSession(left, next)).data).toEqual({ visits: 1 })
    expect(await left.list(alice.id)).toHaveLength(1)
  })
})
