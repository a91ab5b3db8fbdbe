import { createClient } from 'redis'
import { expect, it } from 'vitest'
import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { startRedis } from '../../../../../test/support/redis-server.ts'
import { createManualClock } from '../../core/clock.ts'
import { describeLockers } from '../../sessions/lockers.contract.ts'
import { createSessionManager } from '../../sessions/manager.ts'
import { alice, oldSecret } from '../../sessions/workbench.contract.ts'
import { connectRedisClient } from './driver-recognize.ts'
import { createKeys } from './keys.ts'
import { createRedisLockers } from './lockers.ts'
import { createScriptRunner } from './script.ts'
import { createRedisSessions } from './sessions.ts'

const keys = createKeys('cr:')

for (const { name, connect } of redisClients) {
  describeLockers({
    name,
    async open() {
      const server = await startRedis()
      const { client, close } = connect(server.url)
      await client.whenReady()
      const scripts = createScriptRunner(client)
      return {
        async createStores(clock) {
          await client.command(null, ['FLUSHALL'])
          return {
            store: createRedisSessions({ scripts, keys, clock }),
            lockers: createRedisLockers({ scripts, keys }),
          }
        },
        async dump() {
          const names = (await client.command(null, ['KEYS', 'cr:{???}v*'])) as Uint8Array[]
          const values = await Promise.all(
            names.map(key => client.command(null, ['HGETALL', Buffer.from(key).toString()])),
          )
          const parts = [...names, ...(values.flat() as Uint8Array[])]
          return parts.map(part => Buffer.from(part).toString('latin1')).join('\n')
        },
        async close() {
          close()
          await server.stop()
        },
      }
    },
  })
}

it('lets the locker of a session live in Redis as long as the session can', async () => {
  const server = await startRedis()
  const client = connectRedisClient(createClient({ url: server.url }))
  await client.whenReady()
  const scripts = createScriptRunner(client)
  const clock = createManualClock()
  const sessions = createSessionManager({
    store: createRedisSessions({ scripts, keys, clock }),
    lockers: createRedisLockers({ scripts, keys }),
    secret: oldSecret,
    session: { idle: '10m', absolute: '1h' },
    events: { emit: () => undefined },
    clock,
  })
  const { session } = await sessions.create(alice)
  clock.advance(60_000)
  await sessions.locker({ session: session.id }).set('a', 1)
  const left = await client.command(null, ['PTTL', keys.locker(session.id)])
  expect(Number(left)).toBeGreaterThan(58 * 60_000)
  expect(Number(left)).toBeLessThanOrEqual(59 * 60_000)
  sessions.close()
  client.close()
  await server.stop()
})
