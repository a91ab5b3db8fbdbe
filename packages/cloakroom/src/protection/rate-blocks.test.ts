import { beforeEach, describe, expect, it } from 'vitest'
import { type LimiterGround, openLimiterGround } from '../../../../test/support/limiter.ts'

const minute = 60_000

let ground: LimiterGround
beforeEach(() => {
  ground = openLimiterGround()
})

describe('RateBlocks', () => {
  it('blocks and unblocks by hand, and reports the block', async () => {
    const limiter = ground.limiterWith()
    await limiter.block('wide', 'alice', { duration: '5m', reason: 'complaint' })
    expect(await limiter.isBlocked('wide', 'alice')).toBe(true)
    expect(await limiter.check('wide', 'alice')).toMatchObject({ blockedForMs: 5 * minute })
    expect(await limiter.findBlock('wide', 'alice')).toMatchObject({ reason: 'complaint' })
    expect(await limiter.unblock('wide', 'alice')).toBe(true)
    expect(await limiter.unblock('wide', 'alice')).toBe(false)
    expect(await limiter.isBlocked('wide', 'alice')).toBe(false)
    expect(ground.events[0]).toMatchObject({ type: 'rate_limit_blocked', reason: 'complaint' })
  })

  it('says who blocked and who lifted it', async () => {
    const limiter = ground.limiterWith()
    const by = { actorId: 'admin', source: { ip: '203.0.113.7' } }
    await limiter.block('wide', 'alice', { reason: 'complaint', ...by })
    await limiter.unblock('wide', 'alice', by)
    await limiter.unblock('wide', 'alice', by)
    await limiter.block('wide', 'alice', { reason: 'complaint', ...by })
    const { blocks } = await limiter.listBlocks()
    for (const block of blocks) await limiter.unblockListed(block, by)
    const key = limiter.idOf('alice')
    const lifted = {
      type: 'rate_limit_unblocked',
      reason: 'lifted',
      details: { rule: 'wide', key },
    }
    expect(ground.events.map(({ type }) => type)).toEqual([
      'rate_limit_blocked',
      'rate_limit_unblocked',
      'rate_limit_blocked',
      'rate_limit_unblocked',
    ])
    for (const event of ground.events) {
      expect(event).toMatchObject({ actorId: 'admin', ip: '203.0.113.7' })
    }
    expect(ground.events[1]).toMatchObject(lifted)
  })

  it('blocks for good', async () => {
    const limiter = ground.limiterWith()
    await limiter.block('wide', 'alice', { reason: 'complaint' })
    expect(await limiter.check('wide', 'alice')).toMatchObject({
      allowed: false,
      blockedForMs: -1,
      retryAfterMs: -1,
    })
    expect(ground.events[0]).toMatchObject({ details: { blockedForMs: -1 } })
  })

  it('lists blocks, so that they can be found and lifted', async () => {
    const limiter = ground.limiterWith()
    await limiter.block('wide', 'alice', { reason: 'complaint' })
    await limiter.block('tight', 'bob', { reason: 'complaint' })
    const { blocks } = await limiter.listBlocks()
    expect(blocks.map(({ id }) => id).sort()).toEqual(
      ['alice', 'bob'].map(key => limiter.idOf(key)).sort(),
    )
    for (const block of blocks) expect(await limiter.unblockListed(block)).toBe(true)
    expect(await limiter.listBlocks({ cursor: null, count: 5 })).toEqual({
      blocks: [],
      cursor: null,
    })
  })

  it('refuses a length that is none', async () => {
    const block = { duration: 'long' as '5m', reason: 'complaint' }
    await expect(ground.limiterWith().block('wide', 'alice', block)).rejects.toThrow('`duration`')
  })
})
