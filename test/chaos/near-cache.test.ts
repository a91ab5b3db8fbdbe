import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
import { redisClients } from '../support/redis-clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Relay, startRelay } from '../support/relay.ts'

describe('a near cache that is not told of changes any more', () => {
  const closers: (() => void)[] = []
  let server: RedisServer
  let writer: SessionManager
  beforeAll(async () => {
    server = await startRedis()
    writer = managerOn(await runnerOn(server.url), false)
  })
  afterAll(async () => {
    for (const close of closers) close()
    await server.stop()
  })

  async function runnerOn(url: string): Promise<ScriptRunner> {
    const [factory] = redisClients
    if (factory === undefined) throw new Error('There is no Redis client.')
    const { client, close } = factory.connect(url)
    closers.push(close)
    await client.whenReady()
    return createScriptRunner(client)
  }

  function managerOn(scripts: ScriptRunner, nearCache: boolean): SessionManager {
    return createSessionManager({
      store: createRedisSessions({ scripts, keys: createKeys('cr:') }),
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      clock: systemClock,
      events: { emit: () => undefined },
      nearCache,
    })
  }

  const disturbances: [string, (relay: Relay) => void][] = [
    ['has fallen silent', relay => relay.pause()],
    ['has lost all connections without a word', relay => relay.mute()],
    ['is cut', relay => relay.cut()],
    ['takes ten seconds for each message', relay => relay.delay(10_000)],
  ]

  it.concurrent.each(disturbances)(
    'answers nothing stale beyond two seconds when the network %s',
    async (_what, disturb) => {
      const relay = await startRelay(server.port)
      // Commands go straight to Redis; what is listened to comes through the relay.
      const { subscribe } = await runnerOn(relay.url)
      const near = managerOn({ ...(await runnerOn(server.url)), subscribe }, true)
      const { token, session } = await near.create({ id: 'alice' })
      await expect
        .poll(async () => {
          await near.validate(token)
          return near.nearCache?.stats().hits
        })
        .toBeGreaterThan(0)
      disturb(relay)
      const revokedAt = performance.now()
      await writer.revoke(session.id)
      let lastValidAt = revokedAt
      while (performance.now() - revokedAt < 3000) {
        if ((await near.validate(token)).state === 'valid') lastValidAt = performance.now()
        await delay(5)
      }
      expect(lastValidAt - revokedAt).toBeLessThan(2000)
      expect(await near.validate(token)).toEqual({ state: 'absent', reason: 'unknown' })
      near.close()
      await relay.stop()
    },
  )
})
