import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { describeArithmetic } from '../../protection/counter-arithmetic.contract.ts'
import { describeCounters } from '../../protection/counters.contract.ts'
import { resolveRule } from '../../protection/rules.ts'
import { createMemoryCounters } from './counters.ts'

describeArithmetic({
  name: 'memory',
  cases: 100_000,
  windowsMs: [1, 7, 300, 60_000, 86_400_000],
  skipUs: 0,
  open: async () => ({
    createStore: clock => createMemoryCounters({ clock, maxKeys: 1_000_000 }),
    close: async () => undefined,
  }),
})

describeCounters({
  name: 'memory',
  open: async () => ({
    createStore: clock => createMemoryCounters({ clock }),
    close: async () => undefined,
  }),
})

describe('createMemoryCounters', () => {
  const rule = resolveRule('rule', { limit: 5, window: '1m', strategy: 'fixed-window' })
  const checkOf = (id: string) => ({ rule, id, cost: 1 })
  const full = expect.objectContaining({ code: 'ERR_STORE_UNAVAILABLE' })

  it('refuses further keys when it is full, and none that it knows', async () => {
    const store = createMemoryCounters({ clock: createManualClock(), maxKeys: 2 })
    await store.consume([checkOf('a')], 'charge')
    await store.consume([checkOf('b')], 'charge')
    await expect(store.consume([checkOf('c')], 'charge')).rejects.toEqual(full)
    expect(await store.consume([checkOf('a')], 'charge')).toMatchObject([{ remaining: 3 }])
    expect(await store.peek([checkOf('c')])).toMatchObject([{ remaining: 5 }])
    await expect(store.block(checkOf('c'), { durationMs: 1, reason: 'no' })).rejects.toEqual(full)
  })

  it('charges none of several keys when one has no room', async () => {
    const store = createMemoryCounters({ clock: createManualClock(), maxKeys: 1 })
    await store.consume([checkOf('a')], 'charge')
    const checks = [checkOf('a'), checkOf('b')]
    await expect(store.consume(checks, 'charge')).rejects.toEqual(full)
    expect(await store.peek([checkOf('a')])).toMatchObject([{ remaining: 4 }])
  })

  it('makes room by forgetting what is over', async () => {
    const clock = createManualClock()
    const store = createMemoryCounters({ clock, maxKeys: 2 })
    await store.consume([checkOf('a')], 'charge')
    await store.block(checkOf('b'), { durationMs: null, reason: 'complaint' })
    clock.advance(60_000)
    await store.consume([checkOf('c')], 'charge')
    await expect(store.consume([checkOf('d')], 'charge')).rejects.toEqual(full)
    expect(await store.findBlock(checkOf('b'))).not.toBeNull()
  })

  it('forgets what is over long before it is full', async () => {
    const clock = createManualClock()
    const store = createMemoryCounters({ clock, maxKeys: 3000 })
    for (let round = 0; round < 20; round += 1) {
      for (let key = 0; key < 1500; key += 1) {
        await store.consume([checkOf(`${round}-${key}`)], 'charge')
      }
      clock.advance(60_000)
    }
    expect(await store.consume([checkOf('one-more')], 'charge')).toMatchObject([{ remaining: 4 }])
  })

  it('looks for room at most once a second', async () => {
    const clock = createManualClock()
    const store = createMemoryCounters({ clock, maxKeys: 1 })
    const brief = resolveRule('brief', { limit: 1, window: '10ms', strategy: 'fixed-window' })
    await store.consume([{ rule: brief, id: 'a', cost: 1 }], 'charge')
    await expect(store.consume([checkOf('b')], 'charge')).rejects.toEqual(full)
    clock.advance(999)
    await expect(store.consume([checkOf('b')], 'charge')).rejects.toEqual(full)
    clock.advance(1)
    expect(await store.consume([checkOf('b')], 'charge')).toMatchObject([{ remaining: 4 }])
  })
})
