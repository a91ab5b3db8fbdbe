import { beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import { createMemoryCounters } from '../stores/memory/counters.ts'
import { checkRateLimit } from './rate-limit-check.ts'
import { rateLimitHeaders, rateLimitProblem } from './rate-limit-headers.ts'
import { createRateLimiter } from './rate-limiter.ts'
import type { LimitRuleOptions } from './rules.ts'

const minute = 60_000
const problemTypes = 'https://iana.org/assignments/http-problem-types'

const rules = {
  fixed: { limit: 5, window: '60s', strategy: 'fixed-window' },
  sliding: { limit: 5, window: '60s' },
  bucket: { limit: 6, window: '60s', strategy: 'token-bucket' },
  bytes: { limit: 1000, window: '500ms', strategy: 'fixed-window', unit: 'content-bytes' },
  blocking: { limit: 1, window: '60s', strategy: 'fixed-window', block: '15m' },
  failing: { limit: 1, window: '60s', block: { duration: '15m', at: 'limit' } },
  hidden: { limit: 5, window: '60s', isPublic: false },
  shadow: { limit: 1, window: '60s', isShadow: true },
  closed: { limit: 5, window: '60s', onError: 'closed' },
} as const satisfies Record<string, LimitRuleOptions>

let clock: ManualClock
let limiter: ReturnType<typeof makeLimiter>

function makeLimiter() {
  const store = createMemoryCounters({ clock })
  return createRateLimiter({ store, local: store, secret: new Uint8Array(16), rules })
}

beforeEach(() => {
  clock = createManualClock()
  limiter = makeLimiter()
})

async function headersOf(rule: keyof typeof rules, times = 1, cost = 1) {
  const checks = [{ rule, key: 'alice', cost }] as const
  for (let count = 1; count < times; count += 1) await limiter.checkAll(checks)
  return rateLimitHeaders(await limiter.checkAll(checks), limiter.rules)
}

describe('rateLimitHeaders', () => {
  it('tells policy and state of a fixed window', async () => {
    expect(await headersOf('fixed', 2)).toEqual({
      'RateLimit-Policy': '"fixed";q=5;w=60;qu="requests"',
      RateLimit: '"fixed";r=3;t=60',
    })
  })

  it('tells when there will be one more token, not when the bucket is full', async () => {
    expect((await headersOf('bucket', 3))['RateLimit']).toBe('"bucket";r=3;t=10')
    clock.advance(4000)
    const outcome = await limiter.checkAll([{ rule: 'bucket', key: 'alice', cost: 0 }])
    expect(rateLimitHeaders(outcome, limiter.rules)['RateLimit']).toBe('"bucket";r=3;t=6')
  })

  it('says nothing of the time that it does not know', async () => {
    expect((await headersOf('sliding'))['RateLimit']).toBe('"sliding";r=4')
    expect((await headersOf('fixed', 1, 0))['RateLimit']).toBe('"fixed";r=5')
  })

  it('tells when to come back, never earlier than the state does', async () => {
    clock.advance(500)
    await headersOf('fixed', 5)
    clock.advance(58_700)
    expect(await headersOf('fixed')).toMatchObject({
      RateLimit: '"fixed";r=0;t=2',
      'Retry-After': '2',
    })
    clock.advance(1299)
    expect((await headersOf('fixed'))['Retry-After']).toBe('1')
  })

  it('says nothing of coming back when that is of no use', async () => {
    const headers = await headersOf('fixed', 1, 6)
    expect(headers['Retry-After']).toBeUndefined()
    expect(headers['RateLimit']).toBe('"fixed";r=5')
  })

  it('tells of a block that a passing call has begun', async () => {
    expect((await headersOf('failing'))['RateLimit']).toBe('"failing";r=0;t=900')
  })

  it('names other units and leaves out a window of less than a second', async () => {
    expect((await headersOf('bytes'))['RateLimit-Policy']).toBe('"bytes";q=1000;qu="content-bytes"')
  })

  it('puts several rules into one list', async () => {
    const outcome = await limiter.checkAll([
      { rule: 'fixed', key: 'alice' },
      { rule: 'bucket', key: 'alice' },
    ])
    expect(rateLimitHeaders(outcome, limiter.rules)).toEqual({
      'RateLimit-Policy': '"fixed";q=5;w=60;qu="requests", "bucket";q=6;w=60;qu="requests"',
      RateLimit: '"fixed";r=4;t=60, "bucket";r=5;t=10',
    })
  })

  it('leaves out rules that are in shadow or not public', async () => {
    expect(await headersOf('shadow', 2)).toEqual({})
    expect(await headersOf('hidden', 6)).toEqual({ 'Retry-After': '66' })
    expect(rateLimitHeaders(await limiter.checkAll([]), new Map())).toEqual({})
  })

  it('names the partition in base64', async () => {
    const outcome = await limiter.checkAll([{ rule: 'fixed', key: 'alice' }])
    const partitions = new Map([['fixed', Uint8Array.of(251, 255, 1)]])
    expect(rateLimitHeaders(outcome, limiter.rules, { partitions })).toEqual({
      'RateLimit-Policy': '"fixed";q=5;w=60;qu="requests";pk=:+/8B:',
      RateLimit: '"fixed";r=4;t=60;pk=:+/8B:',
    })
  })

  it('adds jitter to long waits only, and never takes away', async () => {
    await limiter.check('blocking', 'alice')
    const blocked = await limiter.checkAll([{ rule: 'blocking', key: 'alice' }])
    const retryAfter = (jitterMs: () => number) =>
      rateLimitHeaders(blocked, limiter.rules, { jitterMs })['Retry-After']
    expect(retryAfter(() => 10_000)).toBe('910')
    expect(retryAfter(() => -10_000)).toBe('900')
    await limiter.check('fixed', 'alice', { cost: 5 })
    const limited = await limiter.checkAll([{ rule: 'fixed', key: 'alice' }])
    const headers = rateLimitHeaders(limited, limiter.rules, { jitterMs: () => 10_000 })
    expect(headers['Retry-After']).toBe('60')
  })
})

describe('rateLimitProblem', () => {
  async function problemOf(...names: (keyof typeof rules)[]) {
    const checks = names.map(rule => ({ rule, key: 'alice' }))
    return rateLimitProblem(await limiter.checkAll(checks))
  }

  it('is null for a call that is allowed', async () => {
    expect(await problemOf('fixed')).toBeNull()
  })

  it('is a quota exceeded for a limit', async () => {
    await limiter.check('fixed', 'alice', { cost: 5 })
    expect(await problemOf('fixed', 'sliding')).toEqual({
      type: `${problemTypes}#quota-exceeded`,
      title: 'Too many requests.',
      status: 429,
      'violated-policies': ['fixed'],
    })
  })

  it('is abnormal usage for a block', async () => {
    await limiter.check('blocking', 'alice')
    await limiter.check('fixed', 'alice', { cost: 5 })
    expect(await problemOf('fixed', 'blocking')).toMatchObject({
      type: `${problemTypes}#abnormal-usage-detected`,
      status: 429,
      'violated-policies': ['fixed', 'blocking'],
    })
  })

  it('is forbidden for a block for good', async () => {
    await limiter.block('fixed', 'alice', { reason: 'complaint' })
    expect(await problemOf('fixed')).toMatchObject({ status: 403 })
  })

  it('is a reduced capacity when nobody could count', () => {
    const closed = {
      allowed: false,
      limit: 5,
      remaining: 0,
      cost: 1,
      retryAfterMs: 1000,
      resetAfterMs: 0,
      blockedForMs: 0,
      rule: 'closed',
      reason: 'degraded-closed',
      degraded: true,
    } as const
    const outcome = {
      allowed: false,
      retryAfterMs: 1000,
      degraded: true,
      results: [closed],
      violated: ['closed'],
    }
    expect(rateLimitProblem(outcome)).toMatchObject({
      type: `${problemTypes}#temporary-reduced-capacity`,
      status: 503,
    })
    expect(rateLimitHeaders(outcome, limiter.rules)).toEqual({
      'RateLimit-Policy': '"closed";q=5;w=60;qu="requests"',
      'Retry-After': '1',
    })
  })
})

describe('checkRateLimit', () => {
  it('prepares the answer to a call that is allowed', async () => {
    const answer = await checkRateLimit(limiter, { rule: 'fixed', key: 'alice' })
    expect(answer).toMatchObject({ allowed: true, status: 200, body: null })
    expect(Object.keys(answer.headers)).toEqual(['RateLimit-Policy', 'RateLimit'])
  })

  it('prepares the answer to a call that is refused', async () => {
    const checks = [
      { rule: 'blocking', key: 'alice' },
      { rule: 'fixed', key: 'alice' },
    ] as const
    await checkRateLimit(limiter, checks)
    const answer = await checkRateLimit(limiter, checks, { source: { ip: '203.0.113.7' } })
    expect(answer).toMatchObject({
      allowed: false,
      status: 429,
      headers: {
        'Retry-After': String((15 * minute) / 1000),
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
      },
      outcome: { violated: ['blocking'] },
    })
    expect(JSON.parse(answer.body ?? '')).toEqual(rateLimitProblem(answer.outcome))
  })
})
