import { describe, expect, it } from 'vitest'
import { type Clock, createManualClock } from '../core/clock.ts'
import { createKeyring } from '../crypto/keyring.ts'
import { addressKey } from '../http/ip.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { anonymousMeta, type SessionMeta } from './content.ts'
import { createEpochNames } from './epoch-names.ts'
import { createEpochs as createEpochsOf, type Epochs } from './epochs.ts'
import type { SessionStore } from './store.ts'
import { newSecret, oldSecret } from './workbench.contract.ts'

const names = createEpochNames(createKeyring(oldSecret, { name: 'secret' }))
const createEpochs = (store: SessionStore, clock: Clock, intervalMs: number) =>
  createEpochsOf({ store, clock, intervalMs, names })

const second = createManualClock().now() / 1000

const metaOf = (epochs: Epochs, about: Partial<SessionMeta>): SessionMeta => {
  const meta = { ...anonymousMeta, ...about }
  return { ...meta, ...epochs.of(meta) }
}

function setUp() {
  const clock = createManualClock()
  const store = createMemorySessions({ clock })
  let reads = 0
  const counting: SessionStore = {
    ...store,
    readEpochs() {
      reads += 1
      return store.readEpochs()
    },
  }
  return { clock, store: counting, epochs: createEpochs(counting, clock, 1000), reads: () => reads }
}

describe('createEpochs', () => {
  it('reads once an interval, however many ask at once', async () => {
    const { epochs, clock, reads } = setUp()
    await Promise.all([epochs.refresh(), epochs.refresh(), epochs.refresh()])
    clock.advance(999)
    await epochs.refresh()
    expect(reads()).toBe(1)
    clock.advance(1)
    await epochs.refresh()
    expect(reads()).toBe(2)
  })

  it('reads again when the clock went back', async () => {
    const { epochs, clock, reads } = setUp()
    await epochs.refresh()
    clock.advance(-5000)
    await epochs.refresh()
    expect(reads()).toBe(2)
  })

  it('counts the age of what it read from when it asked', async () => {
    const { store, clock, reads } = setUp()
    const slow = createEpochs(
      {
        ...store,
        async readEpochs() {
          const answer = await store.readEpochs()
          clock.advance(900)
          return answer
        },
      },
      clock,
      1000,
    )
    await slow.refresh()
    clock.advance(100)
    await slow.refresh()
    expect(reads()).toBe(2)
  })

  it('ends what was made before, of a tenant or of everybody', async () => {
    const { epochs } = setUp()
    const acme = metaOf(epochs, { tenant: 'acme' })
    const other = metaOf(epochs, { tenant: 'umbrella' })
    await epochs.raise({ tenant: 'acme' })
    expect([acme, other, anonymousMeta].map(epochs.isOutdated)).toEqual([true, false, false])
    expect(metaOf(epochs, { tenant: 'acme' })).toMatchObject({
      tenantEpoch: second,
      globalEpoch: 0,
    })
    await epochs.raise({ all: true })
    expect([acme, other, anonymousMeta].map(epochs.isOutdated)).toEqual([true, true, true])
    expect(epochs.isOutdated(metaOf(epochs, {}))).toBe(false)
  })

  it('ends what began at an address, or in its network', async () => {
    const { epochs } = setUp()
    const home = metaOf(epochs, { ip: '2001:db8:1:2::7' })
    const neighbour = metaOf(epochs, { ip: '2001:db8:1:3::7' })
    const cafe = metaOf(epochs, { ip: '203.0.113.7' })
    await epochs.raise({ address: '2001:db8:1:2:ffff::9' })
    expect([home, neighbour, cafe, anonymousMeta].map(epochs.isOutdated)).toEqual([
      true,
      false,
      false,
      false,
    ])
    await epochs.raise({ address: '::ffff:203.0.113.7' })
    expect([neighbour, cafe].map(epochs.isOutdated)).toEqual([false, true])
    for (const { ip } of [home, cafe]) {
      expect(epochs.isOutdated(metaOf(epochs, { ip }))).toBe(false)
    }
  })

  it('takes a network as `addressKey` writes it', async () => {
    const { epochs } = setUp()
    const home = metaOf(epochs, { ip: '2001:db8:1:2::7' })
    await epochs.raise({ address: addressKey('2001:db8:1:2::7') })
    expect(epochs.isOutdated(home)).toBe(true)
  })

  it.each(['', 'home', '10.0.0.0/8', 7 as unknown as string])(
    'takes no address from %j',
    async address => {
      await expect(setUp().epochs.raise({ address })).rejects.toThrow('`address`')
    },
  )

  it('ends what began at an address that nobody knew', async () => {
    const { epochs } = setUp()
    const meta = metaOf(epochs, { ip: 'unknown' })
    await epochs.raise({ address: 'unknown' })
    expect(epochs.isOutdated(meta)).toBe(true)
  })

  it('knows an address by the name an older key gave it', async () => {
    const { store, clock, epochs } = setUp()
    const meta = metaOf(epochs, { ip: '203.0.113.7' })
    await epochs.raise({ address: '203.0.113.7' })
    const both = createEpochNames(createKeyring([newSecret, oldSecret], { name: 'secret' }))
    const later = createEpochsOf({ store, clock, intervalMs: 1000, names: both })
    await later.refresh()
    expect(later.isOutdated(meta)).toBe(true)
    expect(later.isOutdated(metaOf(later, { ip: '203.0.113.7' }))).toBe(false)
  })

  it('keeps what it raised while an older answer was on its way', async () => {
    const { store, clock } = setUp()
    let answer = (): void => undefined
    const waiting = new Promise<void>(resolve => {
      answer = resolve
    })
    const epochs = createEpochs(
      {
        ...store,
        async readEpochs() {
          const before = await store.readEpochs()
          await waiting
          return before
        },
      },
      clock,
      1000,
    )
    const reading = epochs.refresh()
    await epochs.raise({ all: true })
    answer()
    await reading
    expect(epochs.isOutdated(anonymousMeta)).toBe(true)
  })

  it('takes what is pushed, and never goes back by a message that came late', async () => {
    const { epochs, reads } = setUp()
    await epochs.refresh()
    epochs.onChange({ kind: 'epoch', name: 'all', value: 2 })
    epochs.onChange({ kind: 'epoch', name: 'all', value: 1 })
    epochs.onChange({ kind: 'ended', ids: [] })
    expect(metaOf(epochs, {})).toEqual({ ...anonymousMeta, globalEpoch: 2 })
    expect(reads()).toBe(1)
  })

  it('reads again after a gap, before its time', async () => {
    const { epochs, store, reads } = setUp()
    await epochs.refresh()
    await store.raiseEpoch('all')
    epochs.onGap()
    expect(epochs.isFresh()).toBe(false)
    await epochs.refresh()
    expect(metaOf(epochs, {}).globalEpoch).toBe(second)
    expect(reads()).toBe(2)
  })

  it('reads again when a gap began while it read', async () => {
    const { epochs, reads } = setUp()
    const reading = epochs.refresh()
    epochs.onGap()
    await reading
    expect(epochs.isFresh()).toBe(false)
    await epochs.refresh()
    expect(reads()).toBe(2)
  })

  it('begins anew with a store that lost its memory', async () => {
    const { store, clock } = setUp()
    let epochsInStore: ReadonlyMap<string, number> | null = null
    const epochs = createEpochs(
      { ...store, readEpochs: async () => epochsInStore ?? store.readEpochs() },
      clock,
      1000,
    )
    await epochs.raise({ all: true })
    epochsInStore = new Map()
    clock.advance(1000)
    await epochs.refresh()
    expect(epochs.isOutdated(anonymousMeta)).toBe(false)
  })

  it('passes on that the store does not answer, and asks again the next time', async () => {
    const { store, clock, reads } = setUp()
    let isDown = true
    const epochs = createEpochs(
      {
        ...store,
        readEpochs: () => (isDown ? Promise.reject(new Error('down')) : store.readEpochs()),
      },
      clock,
      1000,
    )
    await expect(epochs.refresh()).rejects.toThrow('down')
    isDown = false
    await epochs.refresh()
    expect(reads()).toBe(1)
  })

  it('writes no name of a tenant and no address into the store', async () => {
    const { epochs, store } = setUp()
    await epochs.raise({ tenant: 'acme' })
    await epochs.raise({ address: '203.0.113.7' })
    const [tenant, address] = (await store.readEpochs()).keys()
    expect(tenant).toMatch(/^[\w-]{22}$/)
    expect(address).toMatch(/^@[\w-]{22}$/)
  })

  it.each(['', 'acme\udc00'])('refuses the tenant %j', async tenant => {
    const { epochs } = setUp()
    await expect(epochs.raise({ tenant })).rejects.toThrow(/`tenant`.*well-formed/)
    expect(() => metaOf(epochs, { tenant })).toThrow(/`tenant`.*well-formed/)
  })
})
