import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionManager } from '../../packages/cloakroom/src/sessions/manager.ts'
import {
  createSessionGround,
  type GroundData,
  requireSession,
  type SessionGround,
} from '../support/session-ground.ts'

const victim = { id: 'alice@example.test', role: 'user' }

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

describe('fixation: a token that the attacker planted', () => {
  it('is worth nothing from the moment its victim signs in, and is gone from Redis [ASVS 7.2.4]', async () => {
    const planted = await sessions.create(null)
    const signedIn = await sessions.create(victim, { previous: planted.session })
    expect(signedIn.token).not.toBe(planted.token)
    expect(signedIn.session.id).not.toBe(planted.session.id)
    expect(await sessions.validate(planted.token)).toEqual({ state: 'absent', reason: 'retired' })
    expect(await ground.command('EXISTS', ground.keys.session(planted.session.id))).toBe(0)
    expect((await requireSession(sessions, signedIn.token)).userId).toBe(victim.id)
  })

  it('gives the attacker away when it is used after the sign-in, and ends what came of it', async () => {
    const planted = await sessions.create(null)
    const signedIn = await sessions.create(victim, { previous: planted.session })
    ground.clock.advance(10_000)
    expect(await sessions.validate(planted.token)).toEqual({ state: 'absent', reason: 'reused' })
    expect((await sessions.validate(signedIn.token)).state).toBe('absent')
    const detected = ground.events.filter(event => event.type === 'session_reuse_detected')
    expect(detected).toEqual([expect.objectContaining({ userId: victim.id })])
  })

  it('is not adopted when nobody issued it [ASVS 7.2.1]', async () => {
    const { token } = await sessions.create(null)
    const invented = 'A'.repeat(65)
    const swapped = token.slice(0, 22) + invented.slice(22)
    for (const planted of [invented, swapped, token.slice(0, 40)]) {
      expect((await sessions.validate(planted)).state).toBe('absent')
    }
    expect(await ground.command('DBSIZE')).toBe(1)
  })

  it('cannot be saved into the session of its victim by a request under way', async () => {
    const planted = await sessions.create(null)
    const underWay = await requireSession(sessions, planted.token)
    const signedIn = await sessions.create(victim, { previous: planted.session })
    underWay.data['returnTo'] = 'https://evil.test'
    const gone = { code: 'ERR_SESSION_GONE' }
    await expect(sessions.save(underWay)).rejects.toMatchObject(gone)
    await expect(sessions.rotate(underWay)).rejects.toMatchObject(gone)
    expect((await requireSession(sessions, signedIn.token)).data).toEqual({})
  })

  it('can be the session of another user, and gives no way into the victim’s', async () => {
    const planted = await sessions.create({ id: 'mallory' })
    const signedIn = await sessions.create(victim, { previous: planted.session })
    expect((await sessions.validate(planted.token)).state).toBe('absent')
    expect(await sessions.list('mallory')).toEqual([])
    expect((await requireSession(sessions, signedIn.token)).userId).toBe(victim.id)
  })

  it.each([
    ['a step-up', { methods: ['otp'] }],
    ['another role', { role: 'admin' }],
    ['further permissions', { permissions: ['pay'] }],
  ])('never gets the rights of %s', async (_name, gain) => {
    const { token, session } = await sessions.create(victim)
    const raised = await sessions.rotate(session, gain)
    expect(raised.token).not.toBe(token)
    const read = await sessions.validate(token)
    expect(read).not.toHaveProperty('newToken')
    if (read.state === 'valid') {
      expect(read.session).toMatchObject({ isLimited: true, methods: {}, role: 'user' })
      await expect(sessions.rotate(read.session)).rejects.toMatchObject({ name: 'ConflictError' })
    }
    ground.clock.advance(10_000)
    expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'reused' })
  })
})
