import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectRedisClient } from '../../packages/cloakroom/src/stores/redis/driver-recognize.ts'
import { createScriptRunner } from '../../packages/cloakroom/src/stores/redis/script.ts'
import { drivers, openNative } from '../support/redis-addresses.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'

describe.each(drivers)('a Cluster whose master is lost, through %s', driver => {
  const closers: (() => void)[] = []
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startCluster({ replicas: 1 })
  })
  afterEach(() => {
    for (const close of closers.splice(0)) close()
  })
  afterAll(() => cluster.stop())

  it('is served by its replica as soon as that has taken over', async () => {
    const urls = [...cluster.nodes, ...cluster.replicas].map(({ url }) => url)
    const client = connectRedisClient(openNative(driver, { kind: 'cluster', urls }))
    closers.push(client.close)
    const runner = createScriptRunner(client)
    const keys = Array.from({ length: 20 }, (_, index) => `key:${index}`)
    // Those of the other masters are answered all the time, so that nothing is taken to be down.
    const write = async (): Promise<string[]> => {
      const replies = keys.map(key => runner.command(key, ['SET', key, '1']).then(String, String))
      return [...new Set(await Promise.all(replies))]
    }
    expect(await write()).toEqual(['OK'])
    await cluster.nodes[0]?.kill()
    expect((await write()).length).toBeGreaterThan(1)
    await expect.poll(write, { timeout: 15_000, interval: 50 }).toEqual(['OK'])
  })
})
