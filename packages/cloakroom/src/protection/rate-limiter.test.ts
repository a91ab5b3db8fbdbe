import { beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import { StoreError } from '../core/errors.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createMemoryCounters } from '../stores/memory/counters.ts'
import type { CounterStore } from './counter-store.ts'
import { createRateLimiter, type RateLimiterOptions } from './rate-limiter.ts'
import type { LimitRuleOptions } from './rules.ts'

const minute = 60_000
const secret = new Uint8Array(32).fill(7)
const source = { ip: '203.0.113.7', userAgent: 'test', userId: 'alice' }

const rules = {
  tight: { limit: 2, window: minute, strategy: 'fixed-window', block: '15m' },
  wide: { limit: 10, window: minute, strategy: 'fixed-window' },
  shadow: { limit: 1, window: minute, strategy: 'fixed-window', block: '15m', isShadow: true },
  failures: {
    limit: 2,
    window: minute,
    strategy: 'fixed-window',
    block: { duration: '15m', at: 'limit' },
  },
} as const satisfies Record<string, LimitRuleOptions>

let clock: ManualClock
let store: CounterStore
let events: SecurityEvent[]

function limiterWith(options: Partial<RateLimiterOptions<keyof typeof rules>> = {}) {
  return createRateLimiter<keyof typeof rules>({
    store,
    local: createMemoryCounters({ clock }),
    secret,
    rules,
    events: { emit: event => events.push(event) },
    ...options,
  })
}

beforeEach(() => {
  clock = createManualClock()
  store = createMemoryCounters({ clock })
  events = []
})

describe('createRateLimiter', () => {
  it('has the default rules and those it is given', () => {
    expect([...limiterWith().rules.keys()]).toEqual([
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
      store,
      local: store,
      secret,
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
    expect(() => limiterWith(options as Parameters<typeof limiterWith>[0])).toThrow(message)
  })

  it('needs no local counters when no rule counts there', () => {
    const closed = Object.fromEntries(
      [...limiterWith().rules.keys()].map(name => [
        name,
        { limit: 1, window: minute, onError: 'closed' } as const,
      ]),
    )
    expect(() => createRateLimiter({ store, secret, rules: closed })).not.toThrow()
  })
})

describe('RateLimiter.check', () => {
  it('answers with exactly these facts', async () => {
    const limiter = limiterWith()
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
    const limiter = limiterWith()
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
    const limiter = limiterWith()
    await limiter.check('shadow', 'alice')
    expect(await limiter.check('shadow', 'alice')).toMatchObject({
      allowed: true,
      reason: 'blocked',
      retryAfterMs: 0,
    })
  })

  it('refuses rules, keys and costs that make no sense', async () => {
    const limiter = limiterWith()
    await expect(limiter.check('other' as 'wide', 'alice')).rejects.toThrow('no rule "other"')
    await expect(limiter.check('wide', '')).rejects.toThrow('The key of a rate limit')
    await expect(limiter.check('wide', 'alice', { cost: -1 })).rejects.toThrow('`cost`')
    await expect(limiter.check('wide', 'alice', { cost: 0.5 })).rejects.toThrow('`cost`')
  })

  it('passes on what is no failure of the store', async () => {
    const broken = { ...store, consume: () => Promise.reject(new RangeError('bug')) }
    await expect(limiterWith({ store: broken }).check('wide', 'alice')).rejects.toThrow('bug')
    const silent = { ...store, consume: async () => [] }
    await expect(limiterWith({ store: silent }).check('wide', 'a')).rejects.toThrow('not answer')
  })

  it('reports each refusal, and a block when it begins', async () => {
    const limiter = limiterWith()
    for (let count = 0; count < 5; count += 1) await limiter.check('tight', 'alice', { source })
    const details = { rule: 'tight', key: limiter.idOf('alice') }
    const exceeded = { ...source, type: 'rate_limit_exceeded', reason: 'blocked', details }
    expect(events).toEqual([
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
    const limiter = limiterWith()
    await limiter.check('shadow', 'alice')
    await limiter.check('shadow', 'alice')
    expect(events.map(({ type, details }) => [type, details?.['isShadow']])).toEqual([
      ['rate_limit_exceeded', true],
      ['rate_limit_blocked', true],
    ])
  })

  it('names no key in events', async () => {
    const limiter = limiterWith()
    for (let count = 0; count < 3; count += 1) await limiter.check('tight', 'alice@example.test')
    expect(JSON.stringify(events)).not.toContain('alice')
  })

  it('works without listeners', async () => {
    const limiter = limiterWith({ events: undefined })
    for (let count = 0; count < 3; count += 1) await limiter.check('tight', 'alice')
    expect(await limiter.check('tight', 'alice')).toMatchObject({ allowed: false })
  })
})

describe('RateLimiter.checkAll', () => {
  it('sums up what several rules say', async () => {
    const limiter = limiterWith()
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
    expect(events.map(event => event.ip)).toEqual([source.ip, source.ip])
  })

  it('says -1 when one of the rules will always refuse', async () => {
    const limiter = limiterWith()
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
    await expect(limiterWith().checkAll(twins)).rejects.toThrow('twice')
  })

  it('allows what nothing is asked of', async () => {
    expect(await limiterWith().checkAll([])).toMatchObject({ allowed: true, results: [] })
  })
})

describe('RateLimiter.reserve', () => {
  it('counts at once, so that no more than the limit are under way', async () => {
    const limiter = limiterWith()
    const checks = [{ rule: 'failures', key: 'alice' }] as const
    const all = await Promise.all(Array.from({ length: 10 }, () => limiter.reserve(checks)))
    expect(all.filter(({ allowed }) => allowed)).toHaveLength(2)
  })

  it('gives back what is refunded, once', async () => {
    const limiter = limiterWith()
    await limiter.check('wide', 'alice')
    const reservation = await limiter.reserve([{ rule: 'wide', key: 'alice' }])
    await reservation.refund()
    await reservation.refund()
    expect(await reservation.commit()).toBe(0)
    expect((await limiter.peek('wide', 'alice')).remaining).toBe(9)
  })

  it('blocks when the limit is used up by what is committed', async () => {
    const limiter = limiterWith()
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
    expect(events).toMatchObject([
      { type: 'rate_limit_blocked', ip: source.ip, details: { blockedForMs: 15 * minute } },
    ])
    expect((await limiter.peek('wide', 'alice')).remaining).toBe(8)
  })

  it('holds nothing when it is refused', async () => {
    const limiter = limiterWith()
    await limiter.check('wide', 'alice', { cost: 10 })
    const refused = await limiter.reserve([{ rule: 'wide', key: 'alice' }])
    expect(refused.allowed).toBe(false)
    await refused.refund()
    expect((await limiter.peek('wide', 'alice')).remaining).toBe(0)
  })

  it('commits where no rule blocks without asking the store', async () => {
    const deaf = { ...store, commit: () => Promise.reject(new Error('asked')) }
    const reservation = await limiterWith({ store: deaf }).reserve([{ rule: 'wide', key: 'a' }])
    expect(await reservation.commit()).toBe(0)
  })
})

describe('RateLimiter.peek', () => {
  it('counts nothing and reports nothing', async () => {
    const limiter = limiterWith()
    await limiter.check('tight', 'alice', { cost: 2 })
    expect(await limiter.peek('tight', 'alice')).toMatchObject({ allowed: false, remaining: 0 })
    expect(await limiter.peek('tight', 'alice', { cost: 0 })).toMatchObject({ allowed: true })
    expect(events).toEqual([])
  })
})

describe('RateLimiter.reset', () => {
  it('forgets counts and lifts the block', async () => {
    const limiter = limiterWith()
    for (let count = 0; count < 3; count += 1) await limiter.check('tight', 'alice')
    await limiter.reset('tight', 'alice')
    expect(await limiter.check('tight', 'alice')).toMatchObject({ allowed: true, remaining: 1 })
  })
})

describe('RateBlocks', () => {
  it('blocks and unblocks by hand, and reports the block', async () => {
    const limiter = limiterWith()
    await limiter.block('wide', 'alice', { duration: '5m', reason: 'complaint' })
    expect(await limiter.isBlocked('wide', 'alice')).toBe(true)
    expect(await limiter.check('wide', 'alice')).toMatchObject({ blockedForMs: 5 * minute })
    expect(await limiter.findBlock('wide', 'alice')).toMatchObject({ reason: 'complaint' })
    expect(await limiter.unblock('wide', 'alice')).toBe(true)
    expect(await limiter.unblock('wide', 'alice')).toBe(false)
    expect(await limiter.isBlocked('wide', 'alice')).toBe(false)
    expect(events[0]).toMatchObject({ type: 'rate_limit_blocked', reason: 'complaint' })
  })

  it('blocks for good', async () => {
    const limiter = limiterWith()
    await limiter.block('wide', 'alice', { reason: 'complaint' })
    expect(await limiter.check('wide', 'alice')).toMatchObject({
      allowed: false,
      blockedForMs: -1,
      retryAfterMs: -1,
    })
    expect(events[0]).toMatchObject({ details: { blockedForMs: -1 } })
  })

  it('lists blocks, so that they can be found and lifted', async () => {
    const limiter = limiterWith()
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
    await expect(limiterWith().block('wide', 'alice', block)).rejects.toThrow('`duration`')
  })
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
    limiterWith({
      store: failing,
      instances,
      rules: {
        ...rules,
        tight: { ...rules.tight, onError },
        shadow: { ...rules.shadow, onError },
        failures: { ...rules.failures, onError },
      },
    })

  beforeEach(() => {
    isGone = true
    failing = {
      consume: guarded(store.consume),
      peek: guarded(store.peek),
      commit: guarded(store.commit),
      refund: guarded(store.refund),
      block: guarded(store.block),
      unblock: guarded(store.unblock),
      findBlock: guarded(store.findBlock),
      listBlocks: guarded(store.listBlocks),
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
    expect(events.map(({ type }) => type)).toEqual(['rate_limit_degraded'])
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
    const local = createMemoryCounters({ clock, maxKeys: 1 })
    const limiter = limiterWith({ store: failing, local })
    await limiter.check('wide', 'alice')
    expect(await limiter.check('wide', 'bob')).toMatchObject({
      allowed: false,
      reason: 'degraded-closed',
    })
    expect(await limiter.check('wide', 'alice')).toMatchObject({ allowed: true })
  })

  it('passes on what is no failure of the counters in this process', async () => {
    const local = { ...store, consume: () => Promise.reject(new RangeError('bug')) }
    await expect(limiterWith({ store: failing, local }).check('wide', 'a')).rejects.toThrow('bug')
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
    const limiter = limiterWith({
      store: { ...store, consume: refusing },
      rules: { ...rules, wide: { ...rules.wide, onError: 'open' } },
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
    expect(events).toEqual([report, report])
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
    expect(events.map(({ type }) => type)).toContain('rate_limit_degraded')
  })

  it('passes on what is no failure of the store when settling', async () => {
    isGone = false
    const bug = () => Promise.reject(new RangeError('bug'))
    const limiter = limiterWith({ store: { ...failing, refund: bug, unblock: bug } })
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
