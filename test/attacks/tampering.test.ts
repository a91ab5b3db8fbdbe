import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionManager } from '../../packages/cloakroom/src/sessions/manager.ts'
import {
  createSessionGround,
  type GroundData,
  requireSession,
  type SessionGround,
} from '../support/session-ground.ts'

const alice = { id: 'alice@example.test', role: 'admin' }

let ground: SessionGround
beforeAll(async () => {
  ground = await createSessionGround()
})
afterAll(() => ground.close())

describe.each([
  ['fernet', 'server'],
  ['aes-256-gcm', 'ticket'],
] as const)('a record in Redis, sealed with %s for the %s', (cipher, seal) => {
  let sessions: SessionManager<GroundData>
  let token: string
  let key: string
  let value: Buffer
  beforeEach(async () => {
    await ground.clear()
    sessions = ground.managerWith({ cipher, session: { seal } })
    const issued = await sessions.create(alice, { data: { cart: ['coat', 'hat'] } })
    token = issued.token
    key = ground.keys.session(issued.session.id)
    value = (await ground.command('GET', key)) as Buffer
  })

  /** Puts another value in the place of the record and uses the token. */
  async function validateWith(changed: Uint8Array) {
    await ground.command('SET', key, changed, 'PX', '5000000')
    ground.events.length = 0
    const read = await sessions.validate(token)
    const left = (await ground.command('GET', key)) as Buffer | null
    const ttl = Number(await ground.command('PTTL', key))
    return { read, left, ttl, events: ground.events.map(event => event.type) }
  }

  it('is refused with any one byte changed, without an error and with one event', async () => {
    const reasons = new Set<string>()
    for (let at = 0; at < value.length; at += 1) {
      for (const change of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(value)
        changed.writeUInt8(changed.readUInt8(at) ^ change, at)
        const { read, left, ttl, events } = await validateWith(changed)
        if (read.state !== 'absent') throw new Error(`Byte ${at} ^ ${change} is ${read.state}.`)
        reasons.add(read.reason)
        expect(events).toHaveLength(1)
        // Another worker, or this one after the deployment, may know the format or the key.
        const isForOthers = read.reason === 'newer-format' || read.reason === 'unknown-key'
        if (isForOthers) expect(left?.equals(changed)).toBe(true)
        if (isForOthers) expect(ttl).toBeGreaterThan(4_990_000)
        if (read.reason === 'corrupt') expect(left).toBeNull()
      }
    }
    const others = ['absolute', 'corrupt', 'idle', 'newer-format', 'unknown', 'unknown-key']
    expect(others).toEqual(expect.arrayContaining([...reasons]))
    expect(reasons).toContain('corrupt')
    expect(reasons).toContain('newer-format')
    expect(reasons).toContain('unknown-key')
  })

  it('is refused cut at any length, without an error and with one event', async () => {
    for (let length = 0; length < value.length; length += 1) {
      const { read, events } = await validateWith(value.subarray(0, length))
      expect(read.state).toBe('absent')
      expect(events).toEqual(['session_refused'])
    }
  })

  it('is refused with anything appended', async () => {
    const { read } = await validateWith(Buffer.concat([value, Buffer.from([0])]))
    expect(read).toEqual({ state: 'absent', reason: 'corrupt' })
  })

  it.each(['{}', '[]', 'null', '"x"', '{"cookie":null}', '{"cookie":{"originalMax', '', '\0', '1'])(
    'is refused as %j, and the user can sign in again',
    async text => {
      const { read, events } = await validateWith(Buffer.from(text))
      expect(read.state).toBe('absent')
      expect(events).toHaveLength(1)
      const again = await sessions.create(alice)
      expect((await requireSession(sessions, again.token)).userId).toBe(alice.id)
    },
  )

  it('breaks no list, no page and no count while it is damaged', async () => {
    await ground.command('SETRANGE', key, String(value.length - 1), 'xy')
    expect(await sessions.list(alice.id)).toEqual([])
    expect((await sessions.scan()).entries).toEqual([])
    expect([...(await sessions.countByKey()).values()]).toEqual([1])
    await ground.command('SET', key, '')
    expect(await sessions.list(alice.id)).toEqual([])
    expect((await sessions.scan()).entries).toEqual([])
    expect([...(await sessions.countByKey()).values()]).toEqual([0])
    expect(await sessions.revokeAll(alice.id)).toBe(0)
    expect(await ground.command('EXISTS', key)).toBe(0)
  })

  it('is neither saved, rotated nor renewed while it is in a newer format', async () => {
    const session = await requireSession(sessions, token)
    const newer = Buffer.from([2, ...value.subarray(1)])
    await ground.command('SET', key, newer, 'PX', '5000000')
    session.data['cart'] = []
    const gone = { code: 'ERR_SESSION_GONE' }
    await expect(sessions.save(session)).rejects.toMatchObject(gone)
    await expect(sessions.rotate(session)).rejects.toMatchObject(gone)
    await expect(sessions.renew(session)).rejects.toMatchObject(gone)
    expect(newer.equals((await ground.command('GET', key)) as Buffer)).toBe(true)
  })
})

describe('a note on a former token in Redis', () => {
  it('is refused with any one byte changed, without an error', async () => {
    await ground.clear()
    const sessions = ground.managerWith()
    const { token, session } = await sessions.create(alice)
    const { token: next } = await sessions.rotate(session)
    const key = ground.keys.retired(session.id)
    const [digest, note] = (await ground.command('HGETALL', key)) as [Buffer, Buffer]
    // The first six bytes are the end of the grace: moving it leads nobody any further.
    for (let at = 6; at < note.length; at += 1) {
      const changed = Buffer.from(note)
      changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at)
      await ground.command('HSET', key, digest, changed)
      expect(await sessions.validate(token)).toEqual({ state: 'absent', reason: 'retired' })
    }
    expect((await requireSession(sessions, next)).id).toBe(session.id)
  })

  it('leads a planted token nowhere, even with its kind changed', async () => {
    await ground.clear()
    const sessions = ground.managerWith()
    const visitor = await sessions.create(null)
    await sessions.create(alice, { previous: visitor.session })
    const key = ground.keys.retired(visitor.session.id)
    const [digest, note] = (await ground.command('HGETALL', key)) as [Buffer, Buffer]
    for (const kind of [0, 1, 2, 3]) {
      const changed = Buffer.from(note)
      changed.writeUInt8(kind, 6)
      await ground.command('HSET', key, digest, changed)
      expect((await sessions.validate(visitor.token)).state).toBe('absent')
    }
  })
})
