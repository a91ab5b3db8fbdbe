import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { startRedis } from '../../../../../test/support/redis-server.ts'
import { systemClock } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import { createRateLimiter } from '../../protection/rate-limiter.ts'
import { resolveRule } from '../../protection/rules.ts'
import { createMemoryCounters } from '../memory/counters.ts'
import { createRedisCounters } from './counters.ts'
import { createScriptRunner } from './script.ts'

const minute = 60_000

describe('createRedisCounters without its server', () => {
  it('fails for all that is asked at once when the server is gone', async () => {
    const [client] = redisClients
    const gone = await startRedis()
    const connected = client?.connect(gone.url)
    if (connected === undefined) throw new Error('There is no client to test with.')
    const scripts = createScriptRunner(connected.client, { deadline: 200 })
    const store = createRedisCounters({ scripts, prefix: 'gone:' })
    const check = { rule: resolveRule('rule', { limit: 1, window: minute }), id: 'a', cost: 1 }
    await store.consume([check], 'charge')
    await gone.stop()
    const calls = Array.from({ length: 30 }, () => store.consume([check], 'charge'))
    for (const call of await Promise.allSettled(calls)) {
      expect(call.status).toBe('rejected')
      if (call.status === 'rejected') expect(call.reason).toBeInstanceOf(StoreError)
    }
    connected.close()
  })

  it('lets each rule decide for itself while the server is gone, and counts again after', async () => {
    const [client] = redisClients
    const killed = await startRedis()
    const connected = client?.connect(killed.url)
    if (connected === undefined) throw new Error('There is no client to test with.')
    const scripts = createScriptRunner(connected.client, { deadline: 300, retryAfter: 50 })
    const base = { limit: 2, window: minute, strategy: 'fixed-window' } as const
    const limiter = createRateLimiter({
      store: createRedisCounters({ scripts, prefix: 'killed:' }),
      local: createMemoryCounters({ clock: systemClock }),
      secret: randomBytes(32),
      rules: {
        open: { ...base, onError: 'open' },
        closed: { ...base, onError: 'closed' },
        local: { ...base, onError: 'local' },
      },
    })
    const reasons = async () => {
      const results = [1, 2, 3].flatMap(() =>
        (['open', 'closed', 'local'] as const).map(rule => limiter.check(rule, 'alice')),
      )
      return (await Promise.all(results)).map(({ reason }) => reason)
    }

    expect((await reasons()).slice(0, 6)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok'])
    await killed.kill()
    expect(await reasons()).toEqual([
      ...['degraded-open', 'degraded-closed', 'degraded-local'],
      ...['degraded-open', 'degraded-closed', 'degraded-local'],
      ...['degraded-open', 'degraded-closed', 'limited'],
    ])
    await killed.restart()
    await expect
      .poll(() => limiter.check('closed', 'bob'), { timeout: 10_000 })
      .toMatchObject({ allowed: true, degraded: false })
    connected.close()
    await killed.stop()
  })
})
