import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ClientFactory, redisClients } from '../../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../../test/support/redis-server.ts'
import { type Relay, startRelay } from '../../../../../test/support/relay.ts'
import { systemClock } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import { isProven, type SessionChange, type Watch } from '../../sessions/changes.ts'
import { createSessionManager } from '../../sessions/manager.ts'
import type { SessionStore } from '../../sessions/store.ts'
import { createKeys } from './keys.ts'
import { createScriptRunner, type ScriptRunner } from './script.ts'
import { createRedisSessions } from './sessions.ts'
import { watchRedis } from './watch.ts'

const keys = createKeys('cr:')

describe.each(redisClients)('watchRedis on $name', ({ connect }) => {
  const closers: (() => void)[] = []
  let server: RedisServer
  let relay: Relay
  let direct: ScriptRunner
  /** Commands go straight to Redis; what is listened to comes through the relay. */
  let scripts: ScriptRunner
  let changes: SessionChange[]
  let gaps: number
  let watch: Watch

  beforeAll(async () => {
    server = await startRedis()
    direct = await runnerOn(connect, server.url)
  })
  afterAll(async () => {
    for (const close of closers) close()
    await server.stop()
  })
  beforeEach(async () => {
    relay = await startRelay(server.port)
    const { subscribe } = await runnerOn(connect, relay.url)
    scripts = { ...direct, subscribe }
    changes = []
    gaps = 0
    watch = watchRedis(
      { scripts, keys, clock: systemClock },
      {
        onChange: change => changes.push(change),
        onGap() {
          gaps += 1
        },
      },
    )
    await untilProven()
  })
  afterEach(async () => {
    watch.close()
    await relay.stop()
  })

  async function runnerOn(factory: ClientFactory['connect'], url: string): Promise<ScriptRunner> {
    const { client, close } = factory(url)
    closers.push(close)
    await client.whenReady()
    return createScriptRunner(client)
  }

  const hears = (): boolean => isProven(watch, systemClock.now())
  const untilProven = (isIt = true): Promise<void> =>
    expect.poll(hears, { interval: 5, timeout: 8000 }).toBe(isIt)
  const storeOn = (runner: ScriptRunner): SessionStore =>
    createRedisSessions({ scripts: runner, keys })

  it('proves again and again that it hears', async () => {
    const before = watch.provenAt
    await expect.poll(() => watch.provenAt, { interval: 20 }).toBeGreaterThan(before)
    expect(gaps).toBe(1)
  })

  it('says at once when the connection is lost, and listens again', async () => {
    relay.cut()
    await untilProven(false)
    expect(watch.provenAt).toBe(Number.NEGATIVE_INFINITY)
    await untilProven()
    expect(gaps).toBe(3)
    await storeOn(direct).raiseEpoch('all')
    await expect.poll(() => changes).toHaveLength(1)
  })

  it('has nothing proven while the network is silent, and misses nothing of what was held', async () => {
    relay.pause()
    await storeOn(direct).raiseEpoch('all')
    const startedAt = performance.now()
    await untilProven(false)
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(changes).toEqual([])
    relay.resume()
    await untilProven()
    expect(changes).toHaveLength(1)
  })

  it('gives a connection up that stays silent', async () => {
    relay.mute()
    await untilProven(false)
    await untilProven()
    expect(gaps).toBe(3)
    await storeOn(direct).raiseEpoch('all')
    await expect.poll(() => changes).toHaveLength(1)
  })

  it('lets messages pass that another version understands', async () => {
    await direct.command(null, ['PUBLISH', keys.changes(), 'z?'])
    await storeOn(direct).raiseEpoch('all')
    await expect.poll(() => changes).toHaveLength(1)
  })

  it('is proven by nobody else’s heartbeats', async () => {
    relay.pause()
    const other = watchRedis(
      { scripts: direct, keys, clock: systemClock },
      { onChange: () => undefined, onGap: () => undefined },
    )
    await expect.poll(() => isProven(other, systemClock.now())).toBe(true)
    await untilProven(false)
    expect(isProven(other, systemClock.now())).toBe(true)
    other.close()
  })

  it('tries again when a heartbeat could not be sent', async () => {
    let failures = 3
    const faulty: ScriptRunner = {
      ...direct,
      async commandEach(args) {
        failures -= 1
        if (failures >= 0) throw new StoreError('ERR_STORE_TIMEOUT', 'It did not answer.')
        return direct.commandEach(args)
      },
    }
    const other = watchRedis(
      { scripts: faulty, keys, clock: systemClock },
      { onChange: () => undefined, onGap: () => undefined },
    )
    await expect.poll(() => isProven(other, systemClock.now()), { timeout: 5000 }).toBe(true)
    expect(failures).toBeLessThan(0)
    other.close()
  })

  it('works without rights to publish, and proves nothing then', async () => {
    await direct.command(null, [
      ...['ACL', 'SETUSER', 'mute', 'on', '>password', '~*', '+@all', 'resetchannels'],
    ])
    const muted = await runnerOn(connect, server.url.replace('//', '//mute:password@'))
    const near = createSessionManager({
      store: storeOn(muted),
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      clock: systemClock,
      events: { emit: () => undefined },
      nearCache: true,
    })
    const { token, session } = await near.create({ id: 'alice' })
    await near.validate(token)
    expect(await near.revoke(session.id)).toBe(true)
    expect((await near.validate(token)).state).toBe('absent')
    await delay(600)
    expect(near.nearCache?.stats()).toMatchObject({ hits: 0, isAlive: false })
    near.close()
  })
})
