import { beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import { StoreError } from '../core/errors.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { type AdoptedOptions, type AdoptedSessions, createAdoptedSessions } from './adopted.ts'
import { adoptToken } from './adopted-token.ts'
import type { AdoptionStore } from './adoption-store.ts'
import type { SessionStore } from './store.ts'
import { parseToken } from './token.ts'

interface Data {
  user?: string
  theme?: string
  idleMs?: number
}

const minute = 60_000

/** Who was linked last. */
let owner = ''

/** The contract on Maps. */
function createAdoption(): AdoptionStore {
  const buried = new Set<string>()
  const links = new Map<string, Map<string, number>>()
  const of = (name: string) => links.get(name) ?? new Map<string, number>()
  return {
    async bury(id) {
      buried.add(id)
    },
    isBuried: async id => buried.has(id),
    async link(name, id, now) {
      owner = name
      links.set(name, of(name).set(id, now))
    },
    async unlink(name, ids) {
      for (const id of ids) of(name).delete(id)
    },
    linked: async (name, until) =>
      [...of(name)].flatMap(([id, since]) => (since <= until ? [id] : [])),
  }
}

describe('createAdoptedSessions', () => {
  let clock: ManualClock
  let store: SessionStore
  let adoption: AdoptionStore
  let events: SecurityEvent[]
  let sessions: AdoptedSessions<Data>

  const open = (options: Partial<AdoptedOptions<Data>> = {}) =>
    createAdoptedSessions<Data>({
      store,
      adoption,
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      absoluteMs: 60 * minute,
      touchEveryMs: 0,
      events: { emit: event => events.push(event) },
      clock,
      describe: ({ user = null, idleMs = 10 * minute }) => ({ userId: user, idleMs }),
      ...options,
    })

  beforeEach(() => {
    clock = createManualClock()
    store = createMemorySessions({ clock })
    adoption = createAdoption()
    events = []
    sessions = open()
  })

  const dataOf = async (secret: string): Promise<Data | undefined> =>
    (await sessions.find(secret))?.data

  it('begins a session under a secret, once', async () => {
    expect(await sessions.find('s1')).toBeNull()
    const begun = await sessions.begin('s1', { theme: 'dark' })
    expect(begun).toMatchObject({ userId: null, role: null, data: { theme: 'dark' } })
    expect(await sessions.begin('s1', {})).toBeNull()
    expect(await dataOf('s1')).toEqual({ theme: 'dark' })
    expect(events.map(({ type }) => type)).toEqual(['session_created'])
  })

  it('says nothing of secrets it does not know, and all of those it does', async () => {
    await sessions.begin('s1', {})
    clock.advance(10 * minute)
    expect(await sessions.find('s1')).toBeNull()
    expect(await sessions.find('s2')).toBeNull()
    expect(events.slice(1)).toMatchObject([{ type: 'session_expired', reason: 'idle' }])
  })

  it('saves on top of what others stored', async () => {
    await sessions.begin('s1', { theme: 'dark' })
    const [one, other] = await Promise.all([sessions.find('s1'), sessions.find('s1')])
    if (one === null || other === null) throw new Error('There is no session.')
    await sessions.save(one, { theme: 'light' })
    const saved = await sessions.save(other, { theme: 'dark', user: 'alice' })
    expect(saved).toMatchObject({ userId: 'alice', role: 'user' })
    expect(await dataOf('s1')).toEqual({ theme: 'light', user: 'alice' })
  })

  it('writes nothing that is there already, and notes the activity', async () => {
    const begun = await sessions.begin('s1', { theme: 'dark' })
    const other = await sessions.find('s1')
    if (begun === null || other === null) throw new Error('There is no session.')
    await sessions.save(begun, { theme: 'light' })
    clock.advance(9 * minute)
    const saved = await sessions.save(other, { theme: 'light' })
    expect(saved.idleExpiresAt).toBe(clock.now() + 10 * minute)
    const [record] = (await store.scan(null, 10)).records
    expect(record?.generation).toBe(2)
    await sessions.end('s1')
    const late = sessions.save(saved, { theme: 'dark' })
    await expect(late).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
  })

  it('gives up when others are always faster', async () => {
    const begun = await sessions.begin('s1', {})
    const contended = open({
      store: {
        ...store,
        async save({ record }) {
          const result = await store.load({ ...record, touchEveryMs: null, isUnderWay: true })
          if (result.state !== 'valid') throw new Error('There is no session.')
          return { state: 'conflict', record: result.record, now: result.now }
        },
      },
    })
    if (begun === null) throw new Error('There is no session.')
    const saving = contended.save(begun, { theme: 'dark' })
    await expect(saving).rejects.toMatchObject({ code: 'ERR_SESSION_CONFLICT' })
  })

  it('gives up when what others stored cannot be read', async () => {
    const begun = await sessions.begin('s1', {})
    const damaged = open({
      store: {
        ...store,
        async save({ record }) {
          const damage = { ...record, createdAt: 0, seenAt: 0, epoch: 0, sealed: new Uint8Array(9) }
          return { state: 'conflict', record: damage, now: 0 }
        },
      },
    })
    if (begun === null) throw new Error('There is no session.')
    const saving = damaged.save(begun, { theme: 'dark' })
    await expect(saving).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
  })

  it('lives as long as it says by now', async () => {
    const begun = await sessions.begin('s1', { idleMs: minute })
    if (begun === null) throw new Error('There is no session.')
    await sessions.save(begun, { idleMs: 20 * minute })
    clock.advance(19 * minute)
    expect(await sessions.touch('s1')).toBe(true)
    clock.advance(19 * minute)
    expect(await sessions.touch('s1')).toBe(true)
    clock.advance(19 * minute)
    expect(await sessions.touch('s1')).toBe(true)
    clock.advance(3 * minute)
    expect(await sessions.touch('s1')).toBe(false)
  })

  it('stays ended, saved or begun late', async () => {
    const begun = await sessions.begin('s1', { user: 'alice' })
    await sessions.end('s1')
    await sessions.end('s1')
    if (begun === null) throw new Error('There is no session.')
    const saving = sessions.save(begun, { theme: 'dark' })
    await expect(saving).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
    expect(await sessions.begin('s1', {})).toBeNull()
    expect(await sessions.find('s1')).toBeNull()
    expect(await store.scan(null, 10)).toMatchObject({ records: [] })
    expect(events.at(-1)).toMatchObject({ type: 'session_destroyed', userId: 'alice' })
  })

  it('reports the end of a session that it cannot open', async () => {
    await sessions.begin('s1', { user: 'alice' })
    const other = open({ secret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g' })
    expect(await other.revoke(adoptToken('s1').id, 'revoked')).toBe(true)
    expect(events.at(-1)).toMatchObject({ type: 'session_destroyed', userId: undefined })
  })

  it('lists by user, the one used last first, and by what is stored', async () => {
    await sessions.begin('s1', { user: 'alice' })
    clock.advance(1000)
    await sessions.begin('s2', { user: 'alice' })
    await sessions.begin('s3', { user: 'bob' })
    clock.advance(1000)
    await sessions.touch('s1')
    const listed = await sessions.list('alice')
    expect(listed.map(({ id }) => id)).toEqual([adoptToken('s1').id, adoptToken('s2').id])
    const all = []
    for await (const entry of sessions.scan()) all.push(entry.userId)
    expect(all.sort()).toEqual(['alice', 'alice', 'bob'])
  })

  it('lists none that have ended, or ended with everybody', async () => {
    await sessions.begin('s1', { user: 'alice', idleMs: minute })
    clock.advance(minute)
    expect(await sessions.list('alice')).toEqual([])
    await sessions.begin('s2', { user: 'alice' })
    await store.raiseEpoch('all')
    clock.advance(1000)
    expect(await sessions.list('alice')).toEqual([])
    expect(await sessions.find('s2')).toBeNull()
  })

  it('forgets what ended by itself when its user signs in often', async () => {
    for (let index = 0; index < 14; index += 1) {
      await sessions.begin(`s${index}`, { user: 'alice', idleMs: minute })
      clock.advance(minute / 2)
    }
    const left = await adoption.linked(owner, Number.MAX_SAFE_INTEGER)
    expect(left.length).toBeLessThan(12)
    expect(await sessions.list('alice')).toHaveLength(1)
  })

  it('leaves pages out of its count that hold what has ended', async () => {
    await sessions.begin('s1', { idleMs: minute })
    await sessions.begin('s2', {})
    clock.advance(minute)
    const all = []
    for await (const entry of sessions.scan()) all.push(entry.id)
    expect(all).toEqual([adoptToken('s2').id])
  })

  it('tells when the store does not answer', async () => {
    const error = new StoreError('ERR_STORE_UNAVAILABLE', 'It is away.')
    const away = open({ store: { ...store, load: () => Promise.reject(error) } })
    await expect(away.find('s1')).rejects.toBe(error)
  })
})

describe('adoptToken', () => {
  it('makes tokens of the usual shape, one for each secret', () => {
    const secrets = Array.from({ length: 500 }, (_, index) => `secret ${index}`)
    const tokens = secrets.map(adoptToken)
    expect(new Set(tokens.map(({ id }) => id)).size).toBe(500)
    expect(new Set(tokens.map(({ text }) => text.slice(22))).size).toBe(500)
    for (const token of tokens) expect(parseToken(token.text)).toEqual(token)
    expect(tokens.every(({ id }) => 'AQgw'.includes(id[2] ?? ''))).toBe(true)
  })
})
