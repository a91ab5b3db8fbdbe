import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addAmounts, readCounters } from '../../../../../test/fixtures/scripts.generated.ts'
import { type ConnectedClient, clusterClients } from '../../../../../test/support/redis-clients.ts'
import { type RedisCluster, startCluster } from '../../../../../test/support/redis-cluster.ts'
import type { RedisClient } from './client.ts'
import { keySlot } from './driver-slot.ts'
import { createScriptRunner } from './script.ts'

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.stop())

describe.each(clusterClients)('connectRedisClient with a Cluster of $name', ({ connect }) => {
  let connected: ConnectedClient
  let client: RedisClient
  beforeEach(async () => {
    connected = connect(cluster.url)
    client = connected.client
    await client.whenReady()
  })
  afterEach(() => connected.close())

  it('runs a script on the server that holds its keys', async () => {
    const runner = createScriptRunner(client)
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const keys = { counter: `{${name}}:counter`, noteKey: `{${name}}:note` }
      await runner.command(keys.counter, ['DEL', keys.counter])
      const reply = await runner.run(addAmounts, { ...keys, limit: 9, note: name, amounts: [1, 2] })
      expect(reply).toEqual([3, Buffer.from(name)])
    }
  })

  it('asks the right server at once', async () => {
    const runner = createScriptRunner(client)
    await client.commandEach(['CONFIG', 'RESETSTAT'])
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await runner.run(readCounters, { counters: [key] })
      await runner.command(key, ['GET', key])
    }
    expect((await client.commandEach(['INFO', 'errorstats'])).join()).not.toContain('MOVED')
  })

  it('reads the keys of all masters page by page', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `scan:${index}`)
    await Promise.all(names.map(name => client.command(name, ['SET', name, '1'])))
    const found = new Set<string>()
    let cursor: string | null = null
    do {
      const page = await client.scanKeys('scan:*', cursor, 50)
      for (const key of page.keys) found.add(key)
      cursor = page.cursor
    } while (cursor !== null)
    expect([...found].sort()).toEqual(names.sort())
  })

  it('asks each master', async () => {
    const replies = await client.commandEach(['CLUSTER', 'MYID'])
    expect(new Set(replies.map(String)).size).toBe(3)
  })

  it('hears what is published to any server', async () => {
    const messages: string[] = []
    const changes = new EventTarget()
    const subscription = client.subscribe(['news'], {
      onMessage(message) {
        messages.push(Buffer.from(message).toString())
        changes.dispatchEvent(new Event('message'))
      },
      onLost: () => undefined,
      onHeard: () => changes.dispatchEvent(new Event('heard')),
    })
    await once(changes, 'heard')
    for (const message of ['1', '2', '3', '4']) {
      const arrived = once(changes, 'message')
      await client.command(null, ['PUBLISH', 'news', message])
      await arrived
    }
    expect(messages).toEqual(['1', '2', '3', '4'])
    subscription.close()
  })

  it('serves the other masters while one is down, and that one when it is back', async () => {
    const runner = createScriptRunner(client)
    const lost = cluster.nodes[0]
    const set = (key: string) => runner.command(key, ['SET', key, '1'])
    const keys = Array.from({ length: 30 }, (_, index) => `key:${index}`)
    await Promise.all(keys.map(set))
    await lost?.kill()
    const startedAt = performance.now()
    const results = await Promise.allSettled(keys.map(set))
    expect(performance.now() - startedAt).toBeLessThan(1500)
    for (const [index, result] of results.entries()) {
      const isOnLost = keySlot(keys[index] ?? '') < 5461
      expect(result.status).toBe(isOnLost ? 'rejected' : 'fulfilled')
    }
    await lost?.restart()
    await expect
      .poll(async () => (await Promise.allSettled(keys.map(set))).map(result => result.status), {
        timeout: 15_000,
        interval: 200,
      })
      .not.toContain('rejected')
  })
})
