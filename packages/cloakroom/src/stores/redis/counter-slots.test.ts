import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ConnectedClient, clusterClients } from '../../../../../test/support/redis-clients.ts'
import { type RedisCluster, startCluster } from '../../../../../test/support/redis-cluster.ts'
import { StoreError } from '../../core/errors.ts'
import { randomText } from '../../core/random.ts'
import type { CounterCheck, CounterStore, CounterVerdict } from '../../protection/counter-store.ts'
import { describeCounters } from '../../protection/counters.contract.ts'
import { type LimitRuleOptions, resolveRule } from '../../protection/rules.ts'
import { createSlotGuard } from './counter-slots.ts'
import { createRedisCounters } from './counters.ts'
import { createScriptRunner } from './script.ts'

const minute = 60_000

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.stop())

describeCounters({
  name: 'a Cluster',
  async open() {
    const [client] = clusterClients
    if (client === undefined) throw new Error('There is no client to test with.')
    const connected = client.connect(cluster.url)
    const scripts = createScriptRunner(connected.client)
    return {
      createStore: clock => createRedisCounters({ scripts, prefix: `${randomText(8)}:`, clock }),
      close: async () => connected.close(),
    }
  },
})

describe.each(clusterClients)('createRedisCounters on a Cluster with $name', ({ connect }) => {
  let connected: ConnectedClient
  let store: CounterStore

  const checkOf = (name: string, options: Partial<LimitRuleOptions> = {}): CounterCheck => ({
    rule: resolveRule(name, { limit: 2, window: minute, ...options }),
    id: 'a'.repeat(22),
    cost: 1,
  })

  beforeAll(() => {
    connected = connect(cluster.url)
  })
  afterAll(() => connected.close())
  beforeEach(() => {
    const scripts = createScriptRunner(connected.client)
    store = createRedisCounters({ scripts, prefix: `${randomText(8)}:` })
  })

  it('charges rules in different places all or none', async () => {
    const checks = [checkOf('one', { limit: 9 }), checkOf('two'), checkOf('three', { limit: 9 })]
    const remaining = async (ask: Promise<readonly CounterVerdict[]>) =>
      (await ask).map(verdict => verdict.remaining)
    expect(await remaining(store.consume(checks, 'charge'))).toEqual([8, 1, 8])
    expect(await remaining(store.consume(checks, 'charge'))).toEqual([7, 0, 7])
    const refused = await store.consume(checks, 'charge')
    expect(refused.map(({ retryAfterMs }) => retryAfterMs > 0)).toEqual([false, true, false])
    expect(refused.map(({ charge }) => charge)).toEqual([null, null, null])
    expect(await remaining(store.peek(checks))).toEqual([7, 0, 7])
  })

  it('blocks at the limit only when all rules pass', async () => {
    const atLimit = checkOf('one', { limit: 1, block: { duration: minute, at: 'limit' } })
    const empty = checkOf('two', { limit: 0 })
    await store.consume([atLimit, empty], 'charge')
    expect(await store.peek([atLimit])).toMatchObject([{ remaining: 1, blockedForMs: 0 }])
    const verdicts = await store.consume([atLimit, checkOf('three')], 'charge')
    expect(verdicts).toMatchObject([
      { isBlockStart: true, blockedForMs: minute, retryAfterMs: 0 },
      { isBlockStart: false, remaining: 1 },
    ])
  })

  it('never passes more than the limit, however many call at once', async () => {
    const checks = [checkOf('one', { limit: 5 }), checkOf('two', { limit: 9 })]
    const calls = Array.from({ length: 200 }, () => store.consume(checks, 'charge'))
    const passed = (await Promise.all(calls)).filter(verdicts =>
      verdicts.every(({ retryAfterMs }) => retryAfterMs === 0),
    )
    expect(passed.length).toBeLessThanOrEqual(5)
    expect(passed.length).toBeGreaterThan(0)
  })

  it('judges calls of many keys at once', async () => {
    const rule = resolveRule('rule', { limit: 1, window: minute })
    const calls = Array.from({ length: 100 }, (_, index) =>
      store.consume([{ rule, id: `key-${index}`, cost: 1 }], 'charge'),
    )
    expect((await Promise.all(calls)).flat().map(verdict => verdict.retryAfterMs)).toEqual(
      Array.from({ length: 100 }, () => 0),
    )
  })
})

describe('createSlotGuard', () => {
  const gone = new StoreError('ERR_STORE_UNAVAILABLE', 'gone')
  const crossSlot = new StoreError('ERR_STORE_REPLY', 'Redis refused a command: CROSSSLOT Keys …')
  const check: CounterCheck = {
    rule: resolveRule('rule', { limit: 2, window: minute }),
    id: 'a',
    cost: 1,
  }
  const charge = { ...check, run: 1, slot: 1 }
  const passing: CounterVerdict = {
    check,
    remaining: 1,
    retryAfterMs: 0,
    resetAfterMs: minute,
    blockedForMs: 0,
    isBlockStart: false,
    charge,
  }

  it('gives back what it has charged when the store is lost on the way', async () => {
    const refunded: unknown[] = []
    const guard = createSlotGuard()
    let judged = 0
    const steps = {
      judge: async (checks: readonly CounterCheck[]) => {
        judged += 1
        if (checks.length > 1) throw crossSlot
        if (judged > 2) throw gone
        return [passing]
      },
      commit: async () => [],
      refund: async (charges: readonly unknown[]) => {
        refunded.push(...charges)
        throw gone
      },
    }
    await expect(guard.consume([check, check], 'charge', steps)).rejects.toBe(gone)
    expect(refunded).toEqual([charge])
  })

  it('passes errors on that have nothing to do with slots', async () => {
    const guard = createSlotGuard()
    await expect(guard.spread([1, 2], () => Promise.reject(gone))).rejects.toBe(gone)
    const asked: (readonly number[])[] = []
    await guard.spread([1, 2], async items => {
      asked.push(items)
      return items
    })
    expect(asked).toEqual([[1, 2]])
  })
})
