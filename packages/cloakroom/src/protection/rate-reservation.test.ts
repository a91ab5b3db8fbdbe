import { beforeEach, describe, expect, it } from 'vitest'
import { type LimiterGround, openLimiterGround } from '../../../../test/support/limiter.ts'

const minute = 60_000
const source = { ip: '203.0.113.7', userAgent: 'test', userId: 'alice' }

let ground: LimiterGround
beforeEach(() => {
  ground = openLimiterGround()
})

describe('RateLimiter.reserve', () => {
  it('counts at once, so that no more than the limit are under way', async () => {
    const limiter = ground.limiterWith()
    const checks = [{ rule: 'failures', key: 'alice' }] as const
    const all = await Promise.all(Array.from({ length: 10 }, () => limiter.reserve(checks)))
    expect(all.filter(({ allowed }) => allowed)).toHaveLength(2)
  })

  it('gives back what is refunded, once', async () => {
    const limiter = ground.limiterWith()
    await limiter.check('wide', 'alice')
    const reservation = await limiter.reserve([{ rule: 'wide', key: 'alice' }])
    await reservation.refund()
    await reservation.refund()
    expect(await reservation.commit()).toBe(0)
    expect((await limiter.peek('wide', 'alice')).remaining).toBe(9)
  })

  it('blocks when the limit is used up by what is committed', async () => {
    const limiter = ground.limiterWith()
    const checks = [
      { rule: 'failures', key: 'alice' },
      { rule: 'wide', key: 'alice' },
    ] as const
    const first = await limiter.reserve(checks, source)
    const second = await limiter.reserve(checks, source)
    await first.refund()
    expect(await second.commit()).toBe(0)
    const third = await limiter.reserve(checks, source)
    expect(await third.commit()).toBe(15 * minute)
    expect(await third.commit()).toBe(0)
    expect(ground.events).toMatchObject([
      { type: 'rate_limit_blocked', ip: source.ip, details: { blockedForMs: 15 * minute } },
    ])
    expect((await limiter.peek('wide', 'alice')).remaining).toBe(8)
  })

  it('holds nothing when it is refused', async () => {
    const limiter = ground.limiterWith()
    await limiter.check('wide', 'alice', { cost: 10 })
    const refused = await limiter.reserve([{ rule: 'wide', key: 'alice' }])
    expect(refused.allowed).toBe(false)
    await refused.refund()
    expect((await limiter.peek('wide', 'alice')).remaining).toBe(0)
  })

  it('commits where no rule blocks without asking the store', async () => {
    const deaf = { ...ground.store, commit: () => Promise.reject(new Error('asked')) }
    const reservation = await ground
      .limiterWith({ store: deaf })
      .reserve([{ rule: 'wide', key: 'a' }])
    expect(await reservation.commit()).toBe(0)
  })
})
