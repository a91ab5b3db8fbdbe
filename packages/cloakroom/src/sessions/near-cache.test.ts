import { beforeEach, describe, expect, it } from 'vitest'
import { alice, useSocketGround } from '../../../../test/support/socket-ground.ts'
import { createSessionManager, type SessionManager } from './manager.ts'

describe('createNearCache', () => {
  const ground = useSocketGround()
  let near: SessionManager
  beforeEach(() => {
    near = createSessionManager({
      ...ground.settings(),
      store: ground.watchedStore(),
      nearCache: true,
    })
  })

  /** Whether the session is answered from memory. */
  async function isHit(token: string): Promise<boolean> {
    const before = near.nearCache?.stats().hits
    await near.validate(token)
    return near.nearCache?.stats().hits !== before
  }

  it('keeps what is newer than a message that comes late', async () => {
    const { token, session } = await near.create(alice)
    const { id } = session
    await near.update(session, () => ({ visits: 1 }))
    expect(await isHit(token)).toBe(false)
    ground.listener.onChange({ kind: 'saved', id, generation: 2 })
    expect(await isHit(token)).toBe(true)
    ground.listener.onChange({ kind: 'saved', id, generation: 3 })
    expect(await isHit(token)).toBe(false)
    ground.listener.onChange({ kind: 'rights', id, generation: 9 })
    expect(await isHit(token)).toBe(false)
  })

  it('trusts nothing from before a gap', async () => {
    const { token, session } = await near.create(alice)
    await near.validate(token)
    ground.isSilent = true
    await ground.others.revoke(session.id)
    ground.isSilent = false
    ground.listener.onGap()
    expect(await near.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
    expect(near.nearCache?.stats().size).toBe(0)
  })

  it('neither answers nor keeps while changes may pass unheard', async () => {
    const { token } = await near.create(alice)
    await near.validate(token)
    ground.isSilent = true
    expect(near.nearCache?.stats().isAlive).toBe(false)
    expect(await isHit(token)).toBe(false)
    const second = await near.create(alice)
    await near.validate(second.token)
    ground.isSilent = false
    expect(await isHit(second.token)).toBe(false)
    expect(await isHit(second.token)).toBe(true)
  })

  it('lets sessions of one slot go together, and no others', async () => {
    const first = await near.create({ id: 'alice' })
    const second = await near.create({ id: 'alice' })
    const other = await near.create({ id: 'bob' })
    for (const { token } of [first, second, other]) await near.validate(token)
    await ground.others.revoke(first.session.id)
    expect(await isHit(second.token)).toBe(false)
    expect(await isHit(other.token)).toBe(true)
  })
})
