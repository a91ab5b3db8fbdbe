import { beforeEach, describe, expect, it } from 'vitest'
import { type LimiterGround, openLimiterGround } from '../../../../test/support/limiter.ts'
import { createRateLimiter } from './rate-limiter.ts'

const minute = 60_000
const source = { ip: '203.0.113.7', userAgent: 'test', userId: 'alice' }

let ground: LimiterGround
beforeEach(() => {
  ground = openLimiterGround()
})

describe('createRateLimiter', () => {
  it('has the default rules and those it is given', () => {
    expect([...ground.limiterWith().rules.keys()]).toEqual([
      'auth_login',
      'auth_register',
      'password_reset',
      'api_call',
      'session_create',
      'tight',
      'wide',
      'shadow',
      'failures',
    ])
  })

  it('replaces a default rule by one of its name', () => {
    const login = { limit: 50, window: '1h' } as const
    const limiter = createRateLimiter({
      store: ground.store,
      local: ground.store,
      secret: new Uint8Array(16),
      rules: { auth_login: login },
    })
    expect(limiter.rules.get('auth_login')).toMatchObject({ limit: 50, block: null })
  })

  it.each([
    ['`rateLimit.local` is missing', { local: undefined }],
    ['`rateLimit.instances`', { instances: 0 }],
    ['`rateLimit.secret`', { secret: new Uint8Array(8) }],
    ['`rateLimit.rule` is not a setting', { rule: {} }],
    ['`rules.wide.limit`', { rules: { wide: { limit: -1, window: minute } } }],
  ])('says that %s', (message, options) => {
    expect(() =>
      ground.limiterWith(options as Parameters<LimiterGround['limiterWith']>[0]),
    ).toThrow(message)
  })

  it('needs no local counters when no rule counts there', () => {
    const closed = Object.fromEntries(
      [...ground.limiterWith().rules.keys()].map(name => [
        name,
        { limit: 1, window: minute, onError: 'closed' } as const,
      ]),
    )
    expect(() =>
      createRateLimiter({ store: ground.store, secret: new Uint8Array(16), rules: closed }),
    ).not.toThrow()
  })
})

describe('RateLimiter.check', () => {
  it('answers with exactly these facts', async () => {
    const limiter = ground.limiterWith()
    expect(await limiter.check('tight', 'alice')).toEqual({
      allowed: true,
      limit: 2,
      remaining: 1,
      cost: 1,
      retryAfterMs: 0,
      resetAfterMs: minute,
      blockedForMs: 0,
      rule: 'tight',
      reason: 'ok',
      degraded: false,
    })
  })

  it('refuses what is too much, then blocks', async () => {
    const limiter = ground.limiterWith()
    await limiter.check('wide', 'alice', { cost: 9 })
    expect(await limiter.check('wide', 'alice', { cost: 2 })).toMatchObject({
      allowed: false,
      reason: 'limited',
      remaining: 1,
      cost: 2,
      retryAfterMs: minute,
    })
    await limiter.check('tight', 'alice', { cost: 2 })
    expect(await limiter.check('tight', 'alice')).toMatchObject({
      allowed: false,
      reason: 'blocked',
      retryAfterMs: 15 * minute,
      blockedForMs: 15 * minute,
    })
    expect(await limiter.check('tight', 'bob')).toMatchObject({ allowed: true })
  })

  it('lets pass what a rule in shadow would refuse, and says so', async () => {
    const limiter = ground.limiterWith()
    await limiter.check('shadow', 'alice')
    expect(await limiter.check('shadow', 'alice')).toMatchObject({
      allowed: true,
      reason: 'blocked',
      retryAfterMs: 0,
    })
  })

  it('refuses rules, keys and costs that make no sense', async () => {
    const limiter = ground.limiterWith()
    await expect(limiter.check('other' as 'wide', 'alice')).rejects.toThrow('no rule "other"')
    await expect(limiter.check('wide', '')).rejects.toThrow('The key of a rate limit')
    await expect(limiter.check('wide', 'alice', { cost: -1 })).rejects.toThrow('`cost`')
    await expect(limiter.check('wide', 'alice', { cost: 0.5 })).rejects.toThrow('`cost`')
  })

  it('passes on what is no failure of the store', async () => {
    const broken = { ...ground.store, consume: () => Promise.reject(new RangeError('bug')) }
    await expect(ground.limiterWith({ store: broken }).check('wide', 'alice')).rejects.toThrow(
      'bug',
    )
    const silent = { ...ground.store, consume: async () => [] }
    await expect(ground.limiterWith({ store: silent }).check('wide', 'a')).rejects.toThrow(
      'not answer',
    )
  })

  it('reports each refusal, and a block when it begins', async () => {
    const limiter = ground.limiterWith()
    for (let count = 0; count < 5; count += 1) await limiter.check('tight', 'alice', { source })
    const details = { rule: 'tight', key: limiter.idOf('alice') }
    const exceeded = { ...source, type: 'rate_limit_exceeded', reason: 'blocked', details }
    expect(ground.events).toEqual([
      exceeded,
      {
        ...source,
        type: 'rate_limit_blocked',
        reason: 'limit',
        details: { ...details, blockedForMs: 15 * minute },
      },
      exceeded,
      exceeded,
    ])
  })

  it('reports what a rule in shadow would have done', async () => {
    const limiter = ground.limiterWith()
    await limiter.check('shadow', 'alice')
    await limiter.check('shadow', 'alice')
    expect(ground.events.map(({ type, details }) => [type, details?.['isShadow']])).toEqual([
      ['rate_limit_exceeded', true],
      ['rate_limit_blocked', true],
    ])
  })

  it('names no key in events', async () => {
    const limiter = ground.limiterWith()
    for (let count = 0; count < 3; count += 1) await limiter.check('tight', 'alice@example.test')
    expect(JSON.stringify(ground.events)).not.toContain('alice')
  })

  it('works without listeners', async () => {
    const limiter = ground.limiterWith({ events: undefined })
    for (let count = 0; count < 3; count += 1) await limiter.check('tight', 'alice')
    expect(await limiter.check('tight', 'alice')).toMatchObject({ allowed: false })
  })
})

describe('RateLimiter.checkAll', () => {
  it('sums up what several rules say', async () => {
    const limiter = ground.limiterWith()
    const checks = [
      { rule: 'tight', key: 'alice' },
      { rule: 'wide', key: 'alice' },
    ] as const
    await limiter.checkAll(checks)
    expect(await limiter.checkAll(checks, source)).toMatchObject({
      allowed: true,
      retryAfterMs: 0,
      degraded: false,
      violated: [],
    })
    expect(await limiter.checkAll(checks, source)).toMatchObject({
      allowed: false,
      retryAfterMs: 15 * minute,
      violated: ['tight'],
      results: [
        { rule: 'tight', allowed: false },
        { rule: 'wide', allowed: true, remaining: 8 },
      ],
    })
    expect(ground.events.map(event => event.ip)).toEqual([source.ip, source.ip])
  })

  it('says -1 when one of the rules will always refuse', async () => {
    const limiter = ground.limiterWith()
    const outcome = await limiter.checkAll([
      { rule: 'tight', key: 'alice', cost: 2 },
      { rule: 'wide', key: 'alice', cost: 11 },
    ])
    expect(outcome).toMatchObject({ allowed: false, retryAfterMs: -1, violated: ['wide'] })
  })

  it('refuses to check the same rule and key twice', async () => {
    const twins = [
      { rule: 'wide', key: 'alice' },
      { rule: 'wide', key: 'alice' },
    ] as const
    await expect(ground.limiterWith().checkAll(twins)).rejects.toThrow('twice')
  })

  it('allows what nothing is asked of', async () => {
    expect(await ground.limiterWith().checkAll([])).toMatchObject({ allowed: true, results: [] })
  })
})

describe('RateLimiter.peek', () => {
  it('counts nothing and reports nothing', async () => {
    const limiter = ground.limiterWith()
    await limiter.check('tight', 'alice', { cost: 2 })
    expect(await limiter.peek('tight', 'alice')).toMatchObject({ allowed: false, remaining: 0 })
    expect(await limiter.peek('tight', 'alice', { cost: 0 })).toMatchObject({ allowed: true })
    expect(ground.events).toEqual([])
  })
})

describe('RateLimiter.reset', () => {
  it('forgets counts and lifts the block', async () => {
    const limiter = ground.limiterWith()
    for (let count = 0; count < 3; count += 1) await limiter.check('tight', 'alice')
    await limiter.reset('tight', 'alice')
    expect(await limiter.check('tight', 'alice')).toMatchObject({ allowed: true, remaining: 1 })
  })
})
