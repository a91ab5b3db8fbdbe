import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addAmounts, readCounters } from '../../../../../test/fixtures/scripts.generated.ts'
import { type ConnectedClient, redisClients } from '../../../../../test/support/redis-clients.ts'
import {
  findFreePort,
  type RedisServer,
  startRedis,
} from '../../../../../test/support/redis-server.ts'
import { type Relay, startRelay } from '../../../../../test/support/relay.ts'
import type { GuardOptions } from './guard.ts'
import { createScriptRunner, type ScriptRunner } from './script.ts'

const counter = '{a}:counter'
const input = { counter, noteKey: '{a}:note', limit: 1e9, note: 'x', amounts: [1] }

describe.each(redisClients)('createGuard with $name', ({ connect }) => {
  let redis: RedisServer
  let relay: Relay
  let connected: ConnectedClient
  let runner: ScriptRunner
  let changes: boolean[]

  beforeEach(async () => {
    redis = await startRedis()
    relay = await startRelay(redis.port)
    changes = []
    use({})
  })
  afterEach(async () => {
    connected.close()
    await relay.stop()
    await redis.stop()
  })

  function use(options: GuardOptions, url = relay.url): void {
    connected?.close()
    connected = connect(url)
    const onUnavailable = (isUnavailable: boolean) => changes.push(isUnavailable)
    runner = createScriptRunner(connected.client, { deadline: 200, onUnavailable, ...options })
  }

  async function attempt(): Promise<string> {
    return runner.run(addAmounts, input).then(
      () => 'answered',
      error => error.code,
    )
  }

  function attempts(count: number): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, attempt))
  }

  /** How often the script has run, asked on a connection of its own. */
  async function countRuns(): Promise<number> {
    const other = connect(redis.url)
    const reply = await createScriptRunner(other.client).run(readCounters, { counters: [counter] })
    other.close()
    return Array.isArray(reply) ? Number(String(reply[0] ?? 0)) : Number.NaN
  }

  async function untilAnswered(): Promise<void> {
    await expect.poll(attempt, { timeout: 10_000, interval: 50 }).toBe('answered')
  }

  it('answers in time on a silent network, stops asking, and recovers by itself', async () => {
    expect(await attempt()).toBe('answered')
    relay.pause()
    const startedAt = performance.now()
    expect(await attempts(5)).toEqual(Array(5).fill('ERR_STORE_TIMEOUT'))
    expect(performance.now() - startedAt).toBeLessThan(400)
    expect(changes).toEqual([true])
    const refusedAt = performance.now()
    expect(await attempts(1000)).toEqual(Array(1000).fill('ERR_STORE_UNAVAILABLE'))
    expect(performance.now() - refusedAt).toBeLessThan(100)
    relay.resume()
    await untilAnswered()
    expect(changes).toEqual([true, false])
  })

  it('recovers when the silent connection never speaks again', async () => {
    expect(await attempt()).toBe('answered')
    relay.mute()
    expect(await attempts(5)).toEqual(Array(5).fill('ERR_STORE_TIMEOUT'))
    await untilAnswered()
  })

  it('fails at once what is under way when the connection breaks, and sends none of it again', async () => {
    use({ deadline: 5000 })
    expect(await attempt()).toBe('answered')
    relay.pause()
    const lost = attempts(20)
    await delay(50)
    const startedAt = performance.now()
    relay.cut()
    expect(await lost).toEqual(Array(20).fill('ERR_STORE_UNAVAILABLE'))
    expect(performance.now() - startedAt).toBeLessThan(500)
    relay.resume()
    await untilAnswered()
    await delay(300)
    expect(await countRuns()).toBe(2)
  })

  it('fails no call because of a restart once the server is back', async () => {
    expect(await attempt()).toBe('answered')
    await redis.kill()
    const during = await attempts(20)
    expect(during).not.toContain('answered')
    await redis.restart()
    await untilAnswered()
    expect(await attempts(200)).toEqual(Array(200).fill('answered'))
  })

  it('answers in time without a server, and begins when it comes', async () => {
    const port = await findFreePort()
    use({}, `redis://127.0.0.1:${port}`)
    const startedAt = performance.now()
    expect(await attempts(200)).toEqual(Array(200).fill('ERR_STORE_UNAVAILABLE'))
    expect(performance.now() - startedAt).toBeLessThan(400)
    const late = await startRedis({ port })
    await untilAnswered()
    await late.stop()
  })

  it('says why it cannot connect, without the password', async () => {
    const guarded = await startRedis({ args: ['--requirepass', 'right-secret'] })
    use({}, `redis://:wrong-secret@127.0.0.1:${guarded.port}`)
    const error = await runner.command(null, ['PING']).catch(thrown => thrown)
    expect(error.code).toBe('ERR_STORE_UNAVAILABLE')
    expect(error.message).toMatch(/not connected|cannot be reached/)
    expect(error.message).toContain('WRONGPASS')
    expect(inspect(error, { depth: 10 })).not.toContain('wrong-secret')
    await guarded.stop()
  })

  it('says that the client was closed', async () => {
    expect(await attempt()).toBe('answered')
    connected.close()
    await delay(20)
    await expect(runner.command(null, ['PING'])).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('has been closed'),
    })
  })

  it('keeps nothing of calls it could not make', async () => {
    use({ deadline: 50, failures: 1e6 }, `redis://127.0.0.1:${await findFreePort()}`)
    await attempts(500)
    const before = usedMemory()
    for (let round = 0; round < 40; round += 1) await attempts(500)
    expect(usedMemory() - before).toBeLessThan(2 * 1024 * 1024)
  })

  it('refuses more calls than may be under way', async () => {
    use({ maxInFlight: 10 })
    expect(await attempt()).toBe('answered')
    const results = await attempts(15)
    expect(results.filter(result => result === 'answered')).toHaveLength(10)
    expect(results.slice(10)).toEqual(Array(5).fill('ERR_STORE_UNAVAILABLE'))
    expect(await attempts(10)).toEqual(Array(10).fill('answered'))
  })

  it('leaves the breaker closed for what the server refuses', async () => {
    for (let count = 0; count < 10; count += 1) {
      await expect(runner.command(null, ['NOSUCH'])).rejects.toThrow(/unknown command/)
    }
    expect(await attempt()).toBe('answered')
    expect(changes).toEqual([])
  })

  it('says unavailable when the server cannot serve now', async () => {
    use({ deadline: 1000 })
    await runner.command(null, ['CONFIG', 'SET', 'maxmemory', '1'])
    const call = runner.run(addAmounts, input)
    await expect(call).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('OOM'),
    })
  })
})

describe('createScriptRunner', () => {
  it.each([
    [{ deadline: 5 }, '`deadline`'],
    [{ failures: 0 }, '`failures`'],
    [{ maxInFlight: 1.5 }, '`maxInFlight`'],
    [{ retryAfter: '5 seconds' as '5s' }, '`retryAfter`'],
    [{ maxRetryAfter: -1 }, '`maxRetryAfter`'],
  ])('refuses %j', (options, name) => {
    const { client } = redisClients[0]?.connect('redis://127.0.0.1') ?? expect.fail()
    expect(() => createScriptRunner(client, options)).toThrow(name)
  })
})

/** Bytes in use after everything unused was freed. */
function usedMemory(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
