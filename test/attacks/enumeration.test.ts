import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionManager } from '../../packages/cloakroom/src/sessions/manager.ts'
import { issueFirstToken } from '../../packages/cloakroom/src/sessions/token.ts'
import {
  createSessionGround,
  type GroundData,
  type SessionGround,
} from '../support/session-ground.ts'

let ground: SessionGround
let sessions: SessionManager<GroundData>
beforeAll(async () => {
  ground = await createSessionGround()
  sessions = ground.managerWith({ session: { limit: false } })
})
afterAll(() => ground.close())
beforeEach(() => ground.clear())

const randomSecret = (): string => randomBytes(32).toString('base64url')

describe('guessing', () => {
  it('finds nothing, and says the same of sessions that exist and of others', async () => {
    const { session } = await sessions.create({ id: 'alice' })
    const answers = new Set<string>()
    for (let count = 0; count < 500; count += 1) {
      const known = await sessions.validate(session.id + randomSecret())
      const unknown = await sessions.validate(issueFirstToken('AAAbbbbbbbbb').id + randomSecret())
      answers.add(JSON.stringify(known)).add(JSON.stringify(unknown))
    }
    expect([...answers]).toEqual([JSON.stringify({ state: 'absent', reason: 'unknown' })])
    expect(ground.events.filter(event => event.type === 'session_refused')).toHaveLength(1000)
  })

  it('neither ends nor prolongs the session whose handle is known [ASVS 8.2.2]', async () => {
    const { session, token } = await sessions.create({ id: 'alice' })
    const key = ground.keys.session(session.id)
    const before = await ground.command('GET', key)
    const ttl = Number(await ground.command('PTTL', key))
    ground.clock.advance(30 * 60_000)
    for (let count = 0; count < 50; count += 1) await sessions.validate(session.id + randomSecret())
    expect(await ground.command('GET', key)).toEqual(before)
    expect(Number(await ground.command('PTTL', key))).toBeLessThanOrEqual(ttl)
    expect((await sessions.validate(token)).state).toBe('valid')
  })

  it('stores nothing, however many try', async () => {
    for (let count = 0; count < 200; count += 1) {
      await sessions.validate(issueFirstToken('AAAbbbbbbbbb').id + randomSecret())
    }
    expect(await ground.command('DBSIZE')).toBe(0)
  })

  it('has no help from one’s own handles: they do not count up', async () => {
    const handles: string[] = []
    for (let count = 0; count < 300; count += 1) {
      handles.push((await sessions.create({ id: 'mallory' })).session.id)
    }
    const endings = handles.map(handle => handle.slice(12))
    expect(new Set(handles.map(handle => handle.slice(0, 12))).size).toBe(1)
    expect(new Set(endings).size).toBe(300)
    expect(endings.toSorted()).not.toEqual(endings)
    const firsts = new Set(endings.map(ending => ending[0]))
    expect(firsts.size).toBeGreaterThan(40)
  })

  it('does not tell from a handle whose it is without the server’s key', async () => {
    const { session } = await sessions.create({ id: 'alice' })
    const stranger = ground.managerWith({ secret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g' })
    const theirs = await stranger.create({ id: 'alice' })
    expect(theirs.session.id.slice(0, 12)).not.toBe(session.id.slice(0, 12))
  })

  it('ends no session by the handle of none, or by a part of one', async () => {
    const { session } = await sessions.create({ id: 'alice' })
    const guesses = [
      issueFirstToken(session.id.slice(0, 12)).id,
      session.id.slice(0, 12),
      '',
      '*',
      '{}',
    ]
    for (const guess of guesses) expect(await sessions.revoke(guess)).toBe(false)
    expect(await sessions.list('alice')).toHaveLength(1)
  })
})
