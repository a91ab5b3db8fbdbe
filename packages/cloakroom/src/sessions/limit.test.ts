import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { createKeyring } from '../crypto/keyring.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { makeRoom } from './limit.ts'
import { createOwners } from './owners.ts'
import { resolvePolicy, type SessionOptions } from './policy.ts'
import { issueFirstToken } from './token.ts'

const [oldSecret, newSecret] = [
  'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
  'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
]

/** A store with sessions of alice, by which key of the ring and in which order. */
async function setUp(limit: SessionOptions['limit'], keys: readonly ('old' | 'new')[]) {
  const clock = createManualClock()
  const store = createMemorySessions({ clock })
  const owners = createOwners(createKeyring([newSecret, oldSecret], { name: 'secret' }))
  const [newest = '', older = ''] = owners.all('alice')
  const ids: string[] = []
  for (const key of keys) {
    const { id, digest } = issueFirstToken(key === 'new' ? newest : older)
    const lifetime = { idleMs: 60_000, absoluteMs: 60_000 }
    const record = { id, digest, keyId: '', generation: 1, sealed: new Uint8Array(), ...lifetime }
    await store.create({ record, isIndexed: true, limit: null, replaces: null })
    ids.push(id)
    clock.advance(1000)
  }
  const parts = { store, owners, policy: resolvePolicy(limit === undefined ? {} : { limit }) }
  return { parts, ids, newest, older }
}

describe('makeRoom', () => {
  it('leaves the whole limit to the store while there is one key', async () => {
    const { parts } = await setUp({ max: 3 }, [])
    const owners = createOwners(createKeyring(newSecret, { name: 'secret' }))
    expect(await makeRoom({ ...parts, owners }, 'alice', null)).toEqual({
      limit: { max: 3, over: 'end-oldest' },
      ended: [],
    })
  })

  it('limits neither visitors nor where there is no limit', async () => {
    const { parts } = await setUp(false, ['old'])
    expect(await makeRoom(parts, 'alice', null)).toEqual({ limit: null, ended: [] })
    const limited = await setUp({ max: 1 }, ['old'])
    expect(await makeRoom(limited.parts, null, null)).toEqual({ limit: null, ended: [] })
  })

  it('ends the oldest of all, as far as an older key named them', async () => {
    const { parts, ids } = await setUp({ max: 3 }, ['old', 'new', 'old', 'new'])
    const room = await makeRoom(parts, 'alice', null)
    expect(room.ended.map(({ id }) => id)).toEqual([ids[0]])
    // One of the older key stays; the store ends the second, so that one of the newest stays too.
    expect(room.limit).toEqual({ max: 2, over: 'end-oldest' })
  })

  it('ends nothing while there is room', async () => {
    const { parts } = await setUp({ max: 3 }, ['old', 'new'])
    expect(await makeRoom(parts, 'alice', null)).toEqual({
      limit: { max: 2, over: 'end-oldest' },
      ended: [],
    })
  })

  it('does not count what the new one takes the place of', async () => {
    const { parts, ids } = await setUp({ max: 2 }, ['old', 'new'])
    expect((await makeRoom(parts, 'alice', ids[0] ?? '')).limit?.max).toBe(2)
    expect((await makeRoom(parts, 'alice', ids[1] ?? '')).limit?.max).toBe(1)
  })

  it('leaves nothing to the store that is to refuse, when others fill the limit', async () => {
    const { parts } = await setUp({ max: 1, over: 'refuse' }, ['old', 'old'])
    expect(await makeRoom(parts, 'alice', null)).toEqual({
      limit: { max: 0, over: 'refuse' },
      ended: [],
    })
  })
})
