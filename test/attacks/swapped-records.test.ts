import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type {
  IssuedSession,
  SessionManager,
} from '../../packages/cloakroom/src/sessions/manager.ts'
import {
  createSessionGround,
  type GroundData,
  requireSession,
  type SessionGround,
} from '../support/session-ground.ts'

const digestAt = 17
const digestOf = (token: string): Buffer =>
  createHash('sha256').update(token).digest().subarray(0, 16)

let ground: SessionGround
beforeAll(async () => {
  ground = await createSessionGround()
})
afterAll(() => ground.close())

describe.each(['server', 'ticket'] as const)('records moved in Redis, sealed for the %s', seal => {
  let sessions: SessionManager<GroundData>
  let alice: IssuedSession<GroundData>
  let mallory: IssuedSession<GroundData>
  beforeEach(async () => {
    await ground.clear()
    sessions = ground.managerWith({ session: { seal } })
    alice = await sessions.create({ id: 'alice', role: 'admin' }, { data: { secret: 'hers' } })
    mallory = await sessions.create({ id: 'mallory' })
  })

  const keyOf = ({ session }: IssuedSession<GroundData>): string => ground.keys.session(session.id)
  const get = async (key: string): Promise<Buffer> =>
    Buffer.from((await ground.command('GET', key)) as Uint8Array)

  it('give nobody the session of the other when they are swapped', async () => {
    const [hers, his] = [await get(keyOf(alice)), await get(keyOf(mallory))]
    await ground.command('MSET', keyOf(alice), his, keyOf(mallory), hers)
    expect((await sessions.validate(alice.token)).state).toBe('absent')
    expect((await sessions.validate(mallory.token)).state).toBe('absent')
    // Whoever swaps them back finds them whole.
    await ground.command('MSET', keyOf(alice), hers, keyOf(mallory), his)
    expect((await requireSession(sessions, alice.token)).userId).toBe('alice')
  })

  it('do not open under another key, the digest of the thief’s token in their head', async () => {
    const copy = await get(keyOf(alice))
    copy.set(digestOf(mallory.token), digestAt)
    await ground.command('SET', keyOf(mallory), copy)
    const read = await sessions.validate(mallory.token)
    expect(read).toEqual({ state: 'absent', reason: 'corrupt' })
  })

  it('do not open in their own place under the digest of a token made up for it', async () => {
    const forged = alice.session.id + mallory.token.slice(22)
    const changed = await get(keyOf(alice))
    changed.set(digestOf(forged), digestAt)
    await ground.command('SET', keyOf(alice), changed)
    expect(await sessions.validate(forged)).toEqual({ state: 'absent', reason: 'corrupt' })
  })

  it('do not take the sealed part of another, nor an older one of their own', async () => {
    const first = await get(keyOf(mallory))
    const session = await requireSession(sessions, mallory.token)
    session.data['visits'] = 1
    await sessions.save(session)
    const second = await get(keyOf(mallory))
    const older = Buffer.concat([second.subarray(0, 49), first.subarray(49)])
    await ground.command('SET', keyOf(mallory), older)
    expect(await sessions.validate(mallory.token)).toMatchObject({ reason: 'corrupt' })
    const foreign = Buffer.concat([second.subarray(0, 49), (await get(keyOf(alice))).subarray(49)])
    await ground.command('SET', keyOf(mallory), foreign)
    expect(await sessions.validate(mallory.token)).toMatchObject({ reason: 'corrupt' })
  })

  it('show in no list what they are not', async () => {
    await ground.command('SET', keyOf(mallory), await get(keyOf(alice)))
    expect((await sessions.list('mallory')).map(entry => entry.userId)).toEqual([])
    const { entries } = await sessions.scan()
    expect(entries.map(entry => entry.userId)).toEqual(['alice'])
  })

  it('lead a former token to no successor of somebody else', async () => {
    const hers = await sessions.rotate(alice.session)
    const his = await sessions.rotate(mallory.session)
    const fields = await ground.command('HGETALL', ground.keys.retired(alice.session.id))
    const note = (fields as Buffer[])[1] ?? ''
    const place = ground.keys.retired(mallory.session.id)
    await ground.command('HSET', place, digestOf(mallory.token), note)
    expect((await sessions.validate(mallory.token)).state).toBe('absent')
    expect((await requireSession(sessions, hers.token)).userId).toBe('alice')
    expect((await requireSession(sessions, his.token)).userId).toBe('mallory')
  })
})
