import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { anonymousMeta } from './content.ts'
import { createEpochs } from './epochs.ts'
import type { SessionStore } from './store.ts'

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
    const acme = { ...anonymousMeta, tenant: 'acme', ...epochs.of('acme') }
    const other = { ...anonymousMeta, tenant: 'umbrella', ...epochs.of('umbrella') }
    await epochs.raise('acme')
    expect([acme, other, anonymousMeta].map(epochs.isOutdated)).toEqual([true, false, false])
    expect(epochs.of('acme')).toEqual({ tenantEpoch: 1, globalEpoch: 0 })
    await epochs.raise(null)
    expect([acme, other, anonymousMeta].map(epochs.isOutdated)).toEqual([true, true, true])
    expect(epochs.isOutdated({ ...anonymousMeta, ...epochs.of(null) })).toBe(false)
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
    await epochs.raise(null)
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
    expect(epochs.of(null)).toEqual({ tenantEpoch: 0, globalEpoch: 2 })
    expect(reads()).toBe(1)
  })

  it('reads again after a gap, before its time', async () => {
    const { epochs, store, reads } = setUp()
    await epochs.refresh()
    await store.raiseEpoch('all')
    epochs.onGap()
    expect(epochs.isFresh()).toBe(false)
    await epochs.refresh()
    expect(epochs.of(null).globalEpoch).toBe(1)
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
    await epochs.raise(null)
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

  it('writes no name of a tenant into the store', async () => {
    const { epochs, store } = setUp()
    await epochs.raise('acme')
    const [name = ''] = (await store.readEpochs()).keys()
    expect(name).toMatch(/^[\w-]{22}$/)
  })

  it.each(['', 'acme\udc00'])('refuses the tenant %j', async tenant => {
    const { epochs } = setUp()
    await expect(epochs.raise(tenant)).rejects.toThrow(/`tenant`.*well-formed/)
    expect(() => epochs.of(tenant)).toThrow(/`tenant`.*well-formed/)
  })
})
