import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectRedisClient } from '../../packages/cloakroom/src/stores/redis/driver-recognize.ts'
import { createScriptRunner } from '../../packages/cloakroom/src/stores/redis/script.ts'
import { drivers, openNative } from '../support/redis-addresses.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'
import type { RedisServer } from '../support/redis-server.ts'

const losses: [string, (master: RedisServer) => unknown][] = [
  ['is lost', master => master.kill()],
  ['hangs', master => master.freeze()],
]

describe.each(drivers)('a Cluster, through %s', driver => {
  const closers: (() => void)[] = []
  let cluster: RedisCluster
  beforeEach(async () => {
    cluster = await startCluster({ replicas: 1 })
  })
  afterEach(async () => {
    for (const close of closers.splice(0)) close()
    await cluster.stop()
  })

  it.each(losses)('goes on with the replica of a master that %s', async (_how, lose) => {
    const [master] = cluster.nodes as [RedisServer]
    const urls = [...cluster.nodes, ...cluster.replicas].map(({ url }) => url)
    const client = connectRedisClient(openNative(driver, { kind: 'cluster', urls }))
    closers.push(client.close)
    const runner = createScriptRunner(client)
    const keys = Array.from({ length: 20 }, (_, index) => `key:${index}`)
    const replies = new Map<string, string>()
    // Those of the other masters are answered all the time, so that Redis is not taken to be down.
    const asking = setInterval(() => {
      for (const key of keys) {
        const reply = runner.command(key, ['SET', key, '1']).then(String, String)
        void reply.then(text => replies.set(key, text))
      }
    }, 50)
    closers.push(() => clearInterval(asking))
    const kinds = (): number => new Set(replies.values()).size
    const areAllSet = (): boolean => kinds() === 1 && replies.get('key:0') === 'OK'
    await expect.poll(areAllSet).toBe(true)
    await lose(master)
    await expect.poll(kinds, { timeout: 5000 }).toBeGreaterThan(1)
    await expect.poll(areAllSet, { timeout: 15_000 }).toBe(true)
  })
})
