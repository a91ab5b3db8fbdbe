import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ConnectedClient, redisClients } from '../../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../../test/support/redis-server.ts'
import { createManualClock, type ManualClock } from '../../core/clock.ts'
import { randomText } from '../../core/random.ts'
import type { CounterCheck, CounterStore, CounterVerdict } from '../../protection/counter-store.ts'
import { createRateLimiter } from '../../protection/rate-limiter.ts'
import {
  type LimitRule,
  type LimitRuleOptions,
  type LimitStrategy,
  resolveRule,
} from '../../protection/rules.ts'
import { createMemoryCounters } from '../memory/counters.ts'
import { textOf } from './counter-layout.ts'
import { createRedisCounters } from './counters.ts'
import { createScriptRunner, type ScriptRunner } from './script.ts'

const strategies: readonly LimitStrategy[] = [
  'fixed-window',
  'sliding-window',
  'sliding-counter',
  'sliding-log',
  'token-bucket',
]
const minute = 60_000

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

describe.each(redisClients)('createRedisCounters with $name', ({ connect }) => {
  let connected: ConnectedClient
  let scripts: ScriptRunner
  let prefix: string
  let clock: ManualClock
  let store: CounterStore

  const ruleOf = (options: Partial<LimitRuleOptions> = {}, name = 'rule'): LimitRule =>
    resolveRule(name, { limit: 2, window: minute, ...options })
  const checkOf = (rule: LimitRule, cost = 1, id = 'a'.repeat(22)): CounterCheck => ({
    rule,
    id,
    cost,
  })

  async function consume(
    rule: LimitRule,
    cost = 1,
    from: CounterStore = store,
  ): Promise<CounterVerdict> {
    const [verdict] = await from.consume([checkOf(rule, cost)], 'charge')
    if (verdict === undefined) throw new Error('There is no verdict.')
    return verdict
  }

  async function ttls(): Promise<Record<string, number>> {
    const { keys } = await scripts.scanKeys(`${prefix}*`, null, 1000)
    const entries = keys.map(async key => {
      const ttl = Number(await scripts.command(key, ['PTTL', key]))
      return [key.slice(key.lastIndexOf(':') + 1), ttl] as const
    })
    return Object.fromEntries(await Promise.all(entries))
  }

  async function keyOf(part: string): Promise<string> {
    const { keys } = await scripts.scanKeys(`${prefix}*:${part}`, null, 1000)
    return keys[0] ?? ''
  }

  beforeAll(async () => {
    connected = connect(server.url)
    scripts = createScriptRunner(connected.client)
    await scripts.command(null, ['PING'])
  })
  afterAll(() => connected.close())
  beforeEach(() => {
    prefix = `${randomText(8)}:`
    clock = createManualClock()
    store = createRedisCounters({ scripts, prefix, clock })
  })

  it.each(strategies)('gives the counter of a %s an end with each write', async strategy => {
    const rule = ruleOf({ strategy, limit: 4 })
    const life = rule.lifeUs / 1000
    const expectEnd = async () => {
      const { c } = await ttls()
      expect(c).toBeGreaterThan(0)
      expect(c).toBeLessThanOrEqual(life)
    }
    await consume(rule)
    await expectEnd()
    await consume(rule)
    await expectEnd()
    const [verdict] = await store.consume([checkOf(rule)], 'reserve')
    await store.refund(verdict?.charge ? [verdict.charge] : [])
    await expectEnd()
  })

  it('gives blocks, levels, violations and the list of blocks an end', async () => {
    const block = { duration: '10m', factor: 2, decay: '20m', violations: 2, period: '5m' } as const
    const rule = ruleOf({ limit: 1, block })
    await consume(rule)
    await consume(rule)
    const before = await ttls()
    expect(before['v']).toBeGreaterThan(4.9 * minute)
    expect(before['v']).toBeLessThanOrEqual(5 * minute)
    await consume(rule)
    const { b, l, blocks, ...others } = await ttls()
    expect(b).toBeGreaterThan(9.9 * minute)
    expect(b).toBeLessThanOrEqual(10 * minute)
    expect(l).toBeGreaterThan(29.9 * minute)
    expect(l).toBeLessThanOrEqual(30 * minute)
    expect(blocks).toBeGreaterThan(9.9 * minute)
    expect(blocks).toBeLessThanOrEqual(10 * minute)
    expect(others).toEqual({})
  })

  it('gives only blocks for good no end', async () => {
    const rule = ruleOf()
    await store.block(checkOf(rule), { durationMs: null, reason: 'complaint' })
    expect(await ttls()).toEqual({ b: -1, blocks: -1 })
  })

  it.each(strategies)('heals a %s that has lost its end', async strategy => {
    const rule = ruleOf({ strategy })
    await consume(rule, 2)
    const key = await keyOf('c')
    await scripts.command(key, ['PERSIST', key])
    expect((await consume(rule)).retryAfterMs).toBeGreaterThan(0)
    const { c } = await ttls()
    expect(c).toBeGreaterThan(0)
    expect(c).toBeLessThanOrEqual(rule.lifeUs / 1000)
  })

  it.each(strategies)('counts a %s with no life left as nothing', async strategy => {
    const rule = ruleOf({ strategy })
    const { resetAfterMs } = await consume(rule, 2)
    const key = await keyOf('c')
    await scripts.command(key, ['PERSIST', key])
    clock.advance(resetAfterMs)
    expect(await consume(rule)).toMatchObject({ retryAfterMs: 0, remaining: 1 })
    expect((await ttls())['c']).toBeGreaterThan(0)
  })

  it('ends a block that has lost its end', async () => {
    const rule = ruleOf({ limit: 1, block: minute })
    await consume(rule)
    await consume(rule)
    const key = await keyOf('b')
    await scripts.command(key, ['PERSIST', key])
    clock.advance(minute)
    expect(await consume(rule)).toMatchObject({ retryAfterMs: 0, blockedForMs: 0 })
  })

  it.each(strategies)(
    'waits no longer for a %s from the future than its window',
    async strategy => {
      const rule = ruleOf({ strategy })
      clock.advance(30 * 86_400_000)
      await consume(rule, 2)
      const key = await keyOf('c')
      await scripts.command(key, ['PEXPIRE', key, '100000000'])
      clock.advance(-30 * 86_400_000)
      const { retryAfterMs } = await consume(rule)
      expect(retryAfterMs).toBeGreaterThan(0)
      expect(retryAfterMs).toBeLessThanOrEqual(rule.lifeUs / 1000)
      expect((await ttls())['c']).toBeLessThanOrEqual(rule.lifeUs / 1000)
    },
  )

  it.each([...strategies, 'block'])('takes a %s that is damaged for none', async what => {
    const isBlock = what === 'block'
    const strategy = strategies.find(name => name === what) ?? 'fixed-window'
    const rule = ruleOf({ strategy, limit: 1, block: minute })
    await consume(rule)
    if (isBlock) await consume(rule)
    const key = await keyOf(isBlock ? 'b' : 'c')
    const isText = ['fixed-window', 'sliding-counter', 'token-bucket', 'block'].includes(what)
    await scripts.command(key, isText ? ['SET', key, 'rubbish'] : ['DEL', key])
    expect((await consume(rule)).retryAfterMs).toBe(0)
  })

  it('goes by the time of the server when it is given no clock', async () => {
    const rule = ruleOf({ limit: 1 })
    const real = createRedisCounters({ scripts, prefix })
    await consume(rule, 1, real)
    const { retryAfterMs } = await consume(rule, 1, real)
    expect(retryAfterMs).toBeGreaterThan(minute - 1000)
    expect(retryAfterMs).toBeLessThanOrEqual(rule.lifeUs / 1000)
    await real.block(checkOf(rule), { durationMs: minute, reason: 'complaint' })
    expect((await real.findBlock(checkOf(rule)))?.endsAfterMs).toBeGreaterThan(minute - 1000)
  })

  it('works on when the server forgets its scripts', async () => {
    const rule = ruleOf({ limit: 1000, block: minute })
    for (let round = 0; round < 5; round += 1) {
      const calls = Array.from({ length: 100 }, () => consume(rule))
      await Promise.all([...calls, scripts.command(null, ['SCRIPT', 'FLUSH'])])
    }
    expect((await consume(rule)).remaining).toBe(499)
    const flush = () => scripts.command(null, ['SCRIPT', 'FLUSH'])
    await flush()
    await store.block(checkOf(rule), { durationMs: minute, reason: 'complaint' })
    await flush()
    expect((await store.listBlocks(null, 10)).blocks).toHaveLength(1)
    await flush()
    expect(await store.unblock(checkOf(rule))).toBe(true)
  })

  it('judges what is asked at once in few scripts, each call by itself', async () => {
    await scripts.command(null, ['CONFIG', 'RESETSTAT'])
    const rule = ruleOf({ limit: 30 })
    const verdicts = await Promise.all(Array.from({ length: 48 }, () => consume(rule)))
    expect(verdicts.filter(({ retryAfterMs }) => retryAfterMs === 0)).toHaveLength(30)
    const stats = textOf(await scripts.command(null, ['INFO', 'commandstats']))
    expect(stats).toContain('cmdstat_evalsha:calls=2,')
  })

  it('asks Redis for little where something is counted already', async () => {
    const rules = [ruleOf({ strategy: 'fixed-window' }, 'fixed'), ruleOf({}, 'sliding')]
    const consumeAll = () => Promise.all(rules.map(rule => consume(rule)))
    await consumeAll()
    await scripts.command(null, ['CONFIG', 'RESETSTAT'])
    await consumeAll()
    const stats = textOf(await scripts.command(null, ['INFO', 'commandstats']))
    const calls = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name, count]) => [
      name,
      Number(count),
    ])
    expect(Object.fromEntries(calls)).toMatchObject({ get: 1, set: 1, hgetall: 1, hincrby: 1 })
    expect(stats).not.toContain('pexpire')
  })

  it('ends a fixed window when it was to end, however often it is charged', async () => {
    const real = createRedisCounters({ scripts, prefix })
    const rule = ruleOf({ strategy: 'fixed-window', limit: 9 })
    await consume(rule, 1, real)
    const key = await keyOf('c')
    await scripts.command(key, ['PEXPIRE', key, '1000'])
    await consume(rule, 1, real)
    expect((await ttls())['c']).toBeLessThanOrEqual(1000)
  })

  it('fails for a key of a wrong kind, and for nobody else', async () => {
    const rule = ruleOf()
    const other = { rule, id: 'b'.repeat(22), cost: 1 }
    await consume(rule)
    const key = await keyOf('c')
    await scripts.command(key, ['SET', key, 'text'])
    const [wrong, right] = await Promise.allSettled([
      store.consume([checkOf(rule)], 'charge'),
      store.consume([other], 'charge'),
    ])
    expect(wrong).toMatchObject({ status: 'rejected', reason: { code: 'ERR_STORE_REPLY' } })
    expect(right).toMatchObject({ status: 'fulfilled' })
  })

  it('names keys after digests, so that no text in them can do harm', async () => {
    const limiter = createRateLimiter({
      store,
      local: createMemoryCounters({ clock }),
      secret: randomBytes(32),
    })
    const keys = [
      '}x',
      '*',
      '{a}',
      'alice@example.test',
      '203.0.113.7',
      'a b\r\nc',
      'ü'.repeat(9999),
    ]
    for (const key of keys) {
      await limiter.check('auth_login', key)
      await limiter.check('auth_register', [key, key])
      await limiter.block('api_call', key, { reason: 'complaint' })
    }
    const found = await scripts.scanKeys(`${prefix}*`, null, 10_000)
    expect(found.keys).toHaveLength(keys.length * 3 + 1)
    for (const key of found.keys) {
      expect(key.slice(prefix.length)).toMatch(/^rl:(blocks|\{\w+\.[\w-]{6}\.[\w-]{22}\}:[cb])$/)
    }
    await limiter.unblock('api_call', '*')
    expect(await limiter.isBlocked('api_call', '}x')).toBe(true)
  })

  it('lists no block that is not in the list by a name it can read', async () => {
    await store.block(checkOf(ruleOf()), { durationMs: null, reason: 'complaint' })
    await scripts.command(`${prefix}rl:blocks`, ['ZADD', `${prefix}rl:blocks`, '+inf', 'rubbish'])
    expect((await store.listBlocks(null, 10)).blocks).toHaveLength(1)
  })

  it('keeps a block whose entry in the list fails', async () => {
    const rule = ruleOf({ limit: 1, block: minute })
    const list = `${prefix}rl:blocks`
    await scripts.command(list, ['SET', list, 'not a list'])
    await consume(rule)
    expect(await consume(rule)).toMatchObject({ blockedForMs: minute })
    const atLimit = ruleOf({ limit: 1, block: { duration: minute, at: 'limit' } }, 'other')
    const [verdict] = await store.consume([checkOf(atLimit)], 'reserve')
    expect(await store.commit(verdict?.charge ? [verdict.charge] : [])).toEqual([minute])
  })
})
