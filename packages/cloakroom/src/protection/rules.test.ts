import { describe, expect, it } from 'vitest'
import { ConfigError } from '../core/errors.ts'
import { defaultRules } from './default-rules.ts'
import { type LimitRuleOptions, resolveRule, shareRule } from './rules.ts'

const minute = 60_000

function problemOf(options: object, name = 'rule'): string {
  try {
    resolveRule(name, { limit: 5, window: minute, ...options } as LimitRuleOptions)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('It was accepted.')
}

describe('resolveRule', () => {
  it('fills in the safe choices', () => {
    expect(resolveRule('rule', { limit: 5, window: '5m' })).toEqual({
      name: 'rule',
      version: expect.stringMatching(/^[\w-]{6}$/),
      strategy: 'sliding-window',
      limit: 5,
      windowUs: 300_000_000,
      buckets: 10,
      bucketUs: 30_000_000,
      refill: [0, 1],
      lifeUs: 330_000_000,
      block: null,
      onError: 'local',
      isShadow: false,
      isPublic: true,
      unit: 'requests',
    })
  })

  it('covers the window when it cannot be divided evenly', () => {
    const { bucketUs, lifeUs } = resolveRule('rule', { limit: 5, window: '1s', buckets: 7 })
    expect(bucketUs).toBe(142_858)
    expect(lifeUs).toBe(8 * 142_858)
  })

  it('describes a token bucket by its capacity and the time it takes to fill', () => {
    const options = { limit: 100, window: '60s', strategy: 'token-bucket' } as const
    expect(resolveRule('rule', options)).toMatchObject({
      limit: 100,
      windowUs: 60_000_000,
      refill: [600_000, 1],
    })
    expect(resolveRule('rule', { ...options, limit: 7, burst: 2 })).toMatchObject({
      limit: 2,
      windowUs: 17_142_858,
      refill: [60_000_000, 7],
    })
  })

  it('counts large limits exactly where it can', () => {
    const options = { limit: 1_000_000, window: '1d', strategy: 'token-bucket' } as const
    expect(resolveRule('rule', options).refill).toEqual([86_400, 1])
  })

  it('gives rules with other counts another version', () => {
    const base = { limit: 5, window: minute } as const
    const variants: LimitRuleOptions[] = [
      base,
      { ...base, limit: 6 },
      { ...base, window: 2 * minute },
      { ...base, buckets: 20 },
      { ...base, strategy: 'fixed-window' },
      { ...base, strategy: 'token-bucket' },
      { ...base, strategy: 'token-bucket', burst: 9 },
      { ...base, isShadow: true },
    ]
    const versions = variants.map(variant => resolveRule('rule', variant).version)
    expect(new Set(versions).size).toBe(variants.length)
  })

  it('keeps the version when only consequences change', () => {
    const base = { limit: 5, window: minute } as const
    const { version } = resolveRule('rule', base)
    expect(resolveRule('rule', { ...base, block: minute, onError: 'closed' }).version).toBe(version)
  })

  it('takes a limit of 0', () => {
    expect(resolveRule('rule', { limit: 0, window: minute })).toMatchObject({ limit: 0 })
    const bucket = resolveRule('rule', { limit: 0, window: minute, strategy: 'token-bucket' })
    expect(bucket).toMatchObject({ limit: 0, windowUs: 1 })
  })

  it.each([
    ['rules.rule.limit', { limit: -1 }],
    ['rules.rule.limit', { limit: 1.5 }],
    ['rules.rule.limit', { limit: '5' }],
    ['rules.rule.limit', { limit: undefined }],
    ['rules.rule.window', { window: undefined }],
    ['rules.rule.window', { window: '5 minutes' }],
    ['rules.rule.window', { window: '0ms' }],
    ['rules.rule.window', { window: '401d' }],
    ['rules.rule.strategy', { strategy: 'sliding' }],
    ['rules.rule.buckets', { buckets: 0 }],
    ['rules.rule.buckets', { buckets: 127 }],
    ['rules.rule.buckets', { buckets: 5, strategy: 'fixed-window' }],
    ['rules.rule.burst', { burst: 5 }],
    ['rules.rule.burst', { burst: 0, strategy: 'token-bucket' }],
    ['rules.rule.burst', { burst: 1, limit: 0, strategy: 'token-bucket' }],
    ['rules.rule.limit', { limit: 1001, strategy: 'sliding-log' }],
    ['rules.rule.onError', { onError: 'ignore' }],
    ['rules.rule.unit', { unit: 'request' }],
    ['rules.rule.block.duration', { block: 0 }],
    ['rules.rule.block.duration', { block: {} }],
    ['rules.rule.block.at', { block: { duration: minute, at: 'once' } }],
    ['rules.rule.block.violations', { block: { duration: minute, violations: 0 } }],
    ['rules.rule.block.period', { block: { duration: minute, period: 'soon' } }],
    ['rules.rule.block.factor', { block: { duration: minute, factor: 0.5 } }],
    ['rules.rule.block.factor', { block: { duration: minute, factor: Number.NaN } }],
    ['rules.rule.block.max', { block: { duration: minute, max: '30s' } }],
    ['rules.rule.block.decay', { block: { duration: minute, decay: -1 } }],
    ['rules.rule.block.jitter', { block: { duration: minute, jitter: 0.6 } }],
  ])('names %s in %j', (name, options) => {
    expect(problemOf(options)).toContain(`\`${name}\``)
  })

  it('names settings that are not known', () => {
    expect(problemOf({ windowMs: 5 })).toContain('`rules.rule.windowMs` is not a setting')
    expect(problemOf({ block: { durationMs: 5 } })).toContain('`rules.rule.block.durationMs`')
  })

  it('asks whether seconds are meant', () => {
    expect(problemOf({ window: 300 })).toContain("'300s'")
    expect(problemOf({ block: 900 })).toContain("'900s'")
    expect(resolveRule('rule', { limit: 5, window: '300ms' }).windowUs).toBe(300_000)
  })

  it('refuses what it could not count exactly', () => {
    const problem = problemOf({ limit: 10_000_000, window: '1d', strategy: 'sliding-counter' })
    expect(problem).toContain('too many units')
    const odd = { limit: 999_999_937, window: '1d', strategy: 'token-bucket' }
    expect(problemOf(odd)).toContain('too many units')
  })

  it.each(['', 'a b', '1a', 'a.b', 'a{b', 'x'.repeat(49)])('refuses the name %j', name => {
    expect(problemOf({}, name)).toContain('has a rule named')
  })
})

describe('shareRule', () => {
  it('gives each process its part, rounded up', () => {
    expect(shareRule({ limit: 5, window: minute }, 2)).toEqual({ limit: 3, window: minute })
    expect(shareRule({ limit: 5, window: minute, burst: 9 }, 2)).toMatchObject({ burst: 5 })
    expect(shareRule({ limit: 0, window: minute }, 2)).toMatchObject({ limit: 0 })
  })
})

describe('defaultRules', () => {
  it.each([
    ['auth_login', 'sliding-window', 5, 300, 900],
    ['auth_register', 'fixed-window', 3, 3600, 3600],
    ['password_reset', 'sliding-window', 3, 3600, 3600],
    ['api_call', 'token-bucket', 100, 60, 60],
    ['session_create', 'sliding-window', 10, 300, 600],
  ] as const)('has %s', (name, strategy, limit, windowSeconds, blockSeconds) => {
    expect(resolveRule(name, defaultRules[name])).toMatchObject({
      strategy,
      limit,
      windowUs: windowSeconds * 1_000_000,
      block: { durationUs: blockSeconds * 1_000_000, at: 'excess', factor: 1, violations: 1 },
    })
  })
})
