import { beforeEach, describe, expect, it } from 'vitest'
import {
  type LimiterGround,
  limiterRules,
  openLimiterGround,
} from '../../../../test/support/limiter.ts'
import { StoreError } from '../core/errors.ts'
import { createMemoryCounters } from '../stores/memory/counters.ts'
import type { CounterStore } from './counter-store.ts'

let ground: LimiterGround
beforeEach(() => {
  ground = openLimiterGround()
})

describe('RateLimiter without its store', () => {
  const gone = new StoreError('ERR_STORE_UNAVAILABLE', 'gone')
  const answering = { allowed: true, degraded: false }
  let isGone: boolean
  let failing: CounterStore

  function guarded<Args extends unknown[], Answer>(method: (...args: Args) => Promise<Answer>) {
    return (...args: Args) => (isGone ? Promise.reject(gone) : method(...args))
  }

  const withPolicy = (onError: 'open' | 'closed' | 'local', instances = 1) =>
    ground.limiterWith({
      store: failing,
      instances,
      rules: {
        ...limiterRules,
        tight: { ...limiterRules.tight, onError },
        shadow: { ...limiterRules.shadow, onError },
        failures: { ...limiterRules.failures, onError },
      },
    })

  beforeEach(() => {
    isGone = true
    failing = {
      consume: guarded(ground.store.consume),
      peek: guarded(ground.store.peek),
      commit: guarded(ground.store.commit),
      refund: guarded(ground.store.refund),
      block: guarded(ground.store.block),
      unblock: guarded(ground.store.unblock),
      findBlock: guarded(ground.store.findBlock),
      listBlocks: guarded(ground.store.listBlocks),
    }
  })

  it('lets everything pass where a rule fails open', async () => {
    const limiter = withPolicy('open')
    for (let count = 0; count < 5; count += 1) {
      expect(await limiter.check('tight', 'alice')).toEqual({
        allowed: true,
        limit: 2,
        remaining: 2,
        cost: 1,
        retryAfterMs: 0,
        resetAfterMs: 0,
        blockedForMs: 0,
        rule: 'tight',
        reason: 'degraded-open',
        degraded: true,
      })
    }
  })

  it('lets nothing pass where a rule fails closed', async () => {
    const limiter = withPolicy('closed')
    expect(await limiter.check('tight', 'alice')).toEqual({
      allowed: false,
      limit: 2,
      remaining: 0,
      cost: 1,
      retryAfterMs: 1000,
      resetAfterMs: 0,
      blockedForMs: 0,
      rule: 'tight',
      reason: 'degraded-closed',
      degraded: true,
    })
    expect(await limiter.check('shadow', 'alice')).toMatchObject({ allowed: true, degraded: true })
    expect(ground.events.map(({ type }) => type)).toEqual(['rate_limit_degraded'])
  })

  it('counts its part of the limit in this process where a rule fails local', async () => {
    const limiter = withPolicy('local', 2)
    expect(await limiter.check('tight', 'alice')).toMatchObject({
      allowed: true,
      limit: 1,
      reason: 'degraded-local',
      degraded: true,
    })
    expect(await limiter.check('tight', 'alice')).toMatchObject({
      allowed: false,
      reason: 'blocked',
      degraded: true,
    })
    expect(await limiter.peek('tight', 'alice')).toMatchObject({ allowed: false, degraded: true })
  })

  it('lets nothing pass when the counters in this process are full', async () => {
    const local = createMemoryCounters({ clock: ground.clock, maxKeys: 1 })
    const limiter = ground.limiterWith({ store: failing, local })
    await limiter.check('wide', 'alice')
    expect(await limiter.check('wide', 'bob')).toMatchObject({
      allowed: false,
      reason: 'degraded-closed',
    })
    expect(await limiter.check('wide', 'alice')).toMatchObject({ allowed: true })
  })

  it('passes on what is no failure of the counters in this process', async () => {
    const local = { ...ground.store, consume: () => Promise.reject(new RangeError('bug')) }
    await expect(ground.limiterWith({ store: failing, local }).check('wide', 'a')).rejects.toThrow(
      'bug',
    )
  })

  it('charges no rule when one that is asked with it fails closed', async () => {
    const limiter = withPolicy('closed')
    const outcome = await limiter.checkAll([
      { rule: 'tight', key: 'alice' },
      { rule: 'wide', key: 'alice' },
      { rule: 'shadow', key: 'alice' },
    ])
    expect(outcome).toMatchObject({
      allowed: false,
      degraded: true,
      violated: ['tight'],
      results: [
        { rule: 'tight', reason: 'degraded-closed' },
        { rule: 'wide', reason: 'degraded-local', remaining: 10 },
        { rule: 'shadow', reason: 'degraded-closed' },
      ],
    })
  })

  it('never lets pass what the store refuses to run', async () => {
    const refusing = () => Promise.reject(new StoreError('ERR_STORE_REPLY', 'CROSSSLOT'))
    const limiter = ground.limiterWith({
      store: { ...ground.store, consume: refusing },
      rules: { ...limiterRules, wide: { ...limiterRules.wide, onError: 'open' } },
    })
    expect(await limiter.check('wide', 'alice')).toMatchObject({
      allowed: false,
      reason: 'degraded-closed',
    })
  })

  it('reports the failure once, and again after the store was back', async () => {
    const limiter = withPolicy('open')
    await limiter.check('tight', 'alice')
    await limiter.check('tight', 'alice')
    isGone = false
    expect(await limiter.check('tight', 'alice')).toMatchObject(answering)
    isGone = true
    await limiter.check('tight', 'alice')
    const report = { type: 'rate_limit_degraded', reason: 'ERR_STORE_UNAVAILABLE' }
    expect(ground.events).toEqual([report, report])
  })

  it('settles reservations where they were made', async () => {
    const limiter = withPolicy('local')
    const local = await limiter.reserve([{ rule: 'failures', key: 'alice' }])
    const second = await limiter.reserve([{ rule: 'failures', key: 'alice' }])
    await local.refund()
    isGone = false
    expect(await second.commit()).toBe(0)
    expect(await limiter.peek('failures', 'alice')).toMatchObject({ remaining: 2 })
    isGone = true
    expect(await limiter.peek('failures', 'alice')).toMatchObject({ remaining: 1 })
  })

  it('does not fail a request over a reservation that cannot be settled', async () => {
    isGone = false
    const limiter = withPolicy('local')
    const checks = [{ rule: 'failures', key: 'alice' }] as const
    const [refunded, committed] = await Promise.all([1, 2].map(() => limiter.reserve(checks)))
    isGone = true
    await refunded?.refund()
    expect(await committed?.commit()).toBe(0)
    await limiter.reset('failures', 'alice')
    isGone = false
    expect(await limiter.peek('failures', 'alice')).toMatchObject({ remaining: 0 })
    expect(ground.events.map(({ type }) => type)).toContain('rate_limit_degraded')
  })

  it('passes on what is no failure of the store when settling', async () => {
    isGone = false
    const bug = () => Promise.reject(new RangeError('bug'))
    const limiter = ground.limiterWith({ store: { ...failing, refund: bug, unblock: bug } })
    const reservation = await limiter.reserve([{ rule: 'wide', key: 'alice' }])
    await expect(reservation.refund()).rejects.toThrow('bug')
    await expect(limiter.reset('wide', 'alice')).rejects.toThrow('bug')
  })

  it('tells operators that it failed', async () => {
    const limiter = withPolicy('open')
    await expect(limiter.block('wide', 'a', { reason: 'complaint' })).rejects.toBe(gone)
    await expect(limiter.unblock('wide', 'a')).rejects.toBe(gone)
    await expect(limiter.isBlocked('wide', 'a')).rejects.toBe(gone)
    await expect(limiter.listBlocks()).rejects.toBe(gone)
  })
})
