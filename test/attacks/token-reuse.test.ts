import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionManager } from '../../packages/cloakroom/src/sessions/manager.ts'
import {
  createSessionGround,
  type GroundData,
  requireSession,
  type SessionGround,
} from '../support/session-ground.ts'

const alice = { id: 'alice@example.test' }
const graceMs = 10_000

let ground: SessionGround
let sessions: SessionManager<GroundData>
beforeAll(async () => {
  ground = await createSessionGround()
})
afterAll(() => ground.close())
beforeEach(async () => {
  await ground.clear()
  sessions = ground.managerWith()
})

const detections = () => ground.events.filter(event => event.type === 'session_reuse_detected')

describe('a stolen token', () => {
  it('ends the session for both when the thief is late', async () => {
    const { token, session } = await sessions.create(alice)
    const owner = await sessions.rotate(session)
    ground.clock.advance(graceMs)
    const source = { ip: '198.51.100.9', userAgent: 'thief' }
    const read = await sessions.validate(token, { source })
    expect(read).toEqual({ state: 'absent', reason: 'reused' })
    expect((await sessions.validate(owner.token)).state).toBe('absent')
    const about = { sessionId: session.id, userId: alice.id, ip: '198.51.100.9' }
    expect(detections()).toEqual([expect.objectContaining({ ...about, userAgent: 'thief' })])
  })

  it('ends the session for both when the thief rotated first', async () => {
    const { token, session } = await sessions.create(alice)
    const thief = await sessions.rotate(await requireSession(sessions, token))
    ground.clock.advance(graceMs)
    expect((await sessions.validate(token)).state).toBe('absent')
    expect((await sessions.validate(thief.token)).state).toBe('absent')
    expect(detections()).toHaveLength(1)
    expect(await ground.command('EXISTS', ground.keys.session(session.id))).toBe(0)
  })

  it('is noticed however many rotations ago it was replaced, and once', async () => {
    const { token, session } = await sessions.create(alice)
    let current = await sessions.rotate(session)
    for (let count = 0; count < 5; count += 1) {
      ground.clock.advance(graceMs)
      current = await sessions.rotate(current.session)
    }
    const uses = await Promise.all(Array.from({ length: 10 }, () => sessions.validate(token)))
    expect(uses.every(({ state }) => state === 'absent')).toBe(true)
    expect((await sessions.validate(current.token)).state).toBe('absent')
    expect(detections()).toHaveLength(1)
  })

  it('ends one session of the user, and leaves the others', async () => {
    const other = await sessions.create(alice)
    const { token, session } = await sessions.create(alice)
    await sessions.rotate(session)
    ground.clock.advance(graceMs)
    await sessions.validate(token)
    expect((await sessions.list(alice.id)).map(({ id }) => id)).toEqual([other.session.id])
  })

  it('is no alarm after the session ended in peace', async () => {
    const { token, session } = await sessions.create(alice)
    await sessions.rotate(session)
    await sessions.revoke(session.id)
    ground.clock.advance(graceMs)
    expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
    expect(detections()).toEqual([])
  })
})

describe('the grace of a replaced token', () => {
  it('serves every request under way, with one successor and no second chain', async () => {
    const { token, session } = await sessions.create(alice)
    const { token: next } = await sessions.rotate(session)
    const reads = await Promise.all(Array.from({ length: 20 }, () => sessions.validate(token)))
    expect(new Set(reads.map(read => read.state === 'valid' && read.newToken))).toEqual(
      new Set([next]),
    )
    const again = await Promise.all(
      reads.map(read => (read.state === 'valid' ? sessions.rotate(read.session) : null)),
    )
    expect(new Set(again.map(issued => issued?.token)).size).toBe(1)
    expect(await sessions.list(alice.id)).toHaveLength(1)
    expect(detections()).toEqual([])
  })

  it('ends to the millisecond', async () => {
    const { token, session } = await sessions.create(alice)
    await sessions.rotate(session)
    ground.clock.advance(graceMs - 1)
    expect((await sessions.validate(token)).state).toBe('valid')
    ground.clock.advance(1)
    expect(await sessions.validate(token)).toMatchObject({ reason: 'reused' })
  })

  it('is not prolonged by being used, nor by another rotation', async () => {
    const { token, session } = await sessions.create(alice)
    const second = await sessions.rotate(session)
    ground.clock.advance(graceMs - 1)
    await sessions.validate(token)
    await sessions.rotate(second.session)
    ground.clock.advance(1)
    expect(await sessions.validate(token)).toMatchObject({ reason: 'reused' })
  })

  it('can be switched off', async () => {
    const strict = ground.managerWith({ session: { grace: 0 } })
    const { token, session } = await strict.create(alice)
    await strict.rotate(session)
    expect(await strict.validate(token)).toMatchObject({ reason: 'reused' })
  })

  it('gives nobody what the session gained, along any chain of rotations', async () => {
    const gains = [{}, { methods: ['otp'] }, { role: 'admin' }]
    for (const first of gains) {
      for (const second of gains) {
        const { token, session } = await sessions.create(alice)
        const middle = await sessions.rotate(session, first)
        const last = await sessions.rotate(middle.session, second)
        const read = await sessions.validate(token)
        const isPlain = first === gains[0] && second === gains[0]
        const hasNone = 'role' in first || 'role' in second
        if (hasNone) {
          expect(read).toEqual({ state: 'absent', reason: 'retired' })
        } else {
          expect(read).toMatchObject({ state: 'valid', session: { isLimited: !isPlain } })
          expect('newToken' in read).toBe(isPlain)
        }
        if (!isPlain) expect(JSON.stringify(read)).not.toContain(last.token)
        await sessions.revokeAll(alice.id)
      }
    }
  })
})
