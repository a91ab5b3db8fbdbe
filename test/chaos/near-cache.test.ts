import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { systemClock } from '../../packages/cloakroom/src/core/clock.ts'
import {
  createSessionManager,
  type SessionManager,
} from '../../packages/cloakroom/src/sessions/manager.ts'
import { createKeys } from '../../packages/cloakroom/src/stores/redis/keys.ts'
import {
  createScriptRunner,
  type ScriptRunner,
} from '../../packages/cloakroom/src/stores/redis/script.ts'
import { createRedisSessions } from '../../packages/cloakroom/src/stores/redis/sessions.ts'
import { type ClientFactory, redisClients } from '../support/redis-clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Relay, startRelay } from '../support/relay.ts'

const boundMs = 2000

describe('a near cache that is not told of changes any more', () => {
  const closers: (() => void)[] = []
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    for (const close of closers) close()
    await server.stop()
  })

  async function runnerOn(factory: ClientFactory, url: string): Promise<ScriptRunner> {
    const { client, close } = factory.connect(url)
    closers.push(close)
    await client.whenReady()
    return createScriptRunner(client)
  }

  function managerOn(scripts: ScriptRunner, nearCache: boolean): SessionManager {
    const manager = createSessionManager({
      store: createRedisSessions({ scripts, keys: createKeys('cr:') }),
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      clock: systemClock,
      events: { emit: () => undefined },
      nearCache,
    })
    closers.push(manager.close)
    return manager
  }

  const isAlive = (near: SessionManager): boolean => near.nearCache?.stats().isAlive === true
  const hitsOf = (near: SessionManager): number => near.nearCache?.stats().hits ?? 0

  /** Reads a session until it comes from memory. */
  async function untilNear(near: SessionManager, token: string): Promise<void> {
    const before = hitsOf(near)
    while (hitsOf(near) === before) {
      await near.validate(token)
      await delay(10)
    }
  }

  /** Asks for a session for three seconds, and notes how long which answers came. */
  async function watch(near: SessionManager, token: string) {
    const startedAt = performance.now()
    const passed = (): number => performance.now() - startedAt
    const states = new Set<string>()
    let validUntil = 0
    let offAt = Number.POSITIVE_INFINITY
    const looking = setInterval(() => {
      if (!isAlive(near)) offAt = Math.min(offAt, passed())
    }, 5)
    while (passed() < boundMs + 1000) {
      const { state } = await near.validate(token)
      states.add(state)
      if (state === 'valid') validUntil = passed()
      await delay(5)
    }
    clearInterval(looking)
    return { states, validUntil, offAt }
  }

  const disturbances: [string, (relay: Relay) => void][] = [
    ['has fallen silent', relay => relay.pause()],
    ['has lost all connections without a word', relay => relay.mute()],
    ['is cut', relay => relay.cut()],
    ['takes ten seconds for each message', relay => relay.delay(10_000)],
  ]
  const cases = redisClients.flatMap(factory =>
    disturbances.map(([what, disturb]) => ({ driver: factory.name, what, factory, disturb })),
  )

  it.concurrent.for(cases)(
    'is off within two seconds, and stale no longer, when the network $what: $driver',
    async ({ factory, disturb }, { expect }) => {
      const relay = await startRelay(server.port)
      const direct = await runnerOn(factory, server.url)
      // Commands go straight to Redis; what is listened to comes through the relay.
      const { subscribe } = await runnerOn(factory, relay.url)
      const near = managerOn({ ...direct, subscribe }, true)
      const writer = managerOn(direct, false)
      const { token, session } = await near.create({ id: 'alice' })
      await untilNear(near, token)
      disturb(relay)
      await writer.revoke(session.id)
      const { validUntil, offAt } = await watch(near, token)
      expect(validUntil).toBeLessThan(boundMs)
      expect(offAt).toBeLessThan(boundMs)
      expect(await near.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
      near.close()
      await relay.stop()
    },
  )

  it.concurrent.for(redisClients)(
    'knows nothing rather than something stale when Redis is out of reach: $name',
    async (factory, { expect }) => {
      const relay = await startRelay(server.port)
      const near = managerOn(await runnerOn(factory, relay.url), true)
      const writer = managerOn(await runnerOn(factory, server.url), false)
      const { token, session } = await near.create({ id: 'bob' })
      const kept = await near.create({ id: 'carol' })
      await untilNear(near, token)
      relay.pause()
      await writer.revoke(session.id)
      const { states, validUntil, offAt } = await watch(near, token)
      expect(validUntil).toBeLessThan(boundMs)
      expect(offAt).toBeLessThan(boundMs)
      // Valid as well, unless the machine was too busy to ask in time.
      states.delete('valid')
      expect(states).toEqual(new Set(['unavailable']))
      relay.resume()
      const stateOf = async (asked: string): Promise<string> => (await near.validate(asked)).state
      await expect.poll(() => stateOf(token), { timeout: 8000 }).toBe('absent')
      expect(await stateOf(kept.token)).toBe('valid')
      await untilNear(near, kept.token)
      near.close()
      await relay.stop()
    },
  )
})
