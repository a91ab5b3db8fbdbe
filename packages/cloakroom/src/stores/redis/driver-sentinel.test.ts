import { once } from 'node:events'
import { Redis as Ioredis } from 'ioredis'
import { Redis as Iovalkey } from 'iovalkey'
import { createSentinel } from 'redis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCounters } from '../../../../../test/fixtures/scripts.generated.ts'
import { type RedisSentinel, startSentinel } from '../../../../../test/support/redis-sentinel.ts'
import type { RedisClient } from './client.ts'
import { connectRedisClient } from './driver-recognize.ts'
import { createScriptRunner } from './script.ts'

const host = '127.0.0.1'

const natives: [string, (group: RedisSentinel) => unknown][] = [
  [
    'node-redis',
    ({ name, sentinelPort }) =>
      createSentinel({ name, sentinelRootNodes: [{ host, port: sentinelPort }] }),
  ],
  [
    'ioredis',
    ({ name, sentinelPort }) =>
      new Ioredis({ name, sentinels: [{ host, port: sentinelPort }], lazyConnect: true }),
  ],
  [
    'iovalkey',
    ({ name, sentinelPort }) =>
      new Iovalkey({ name, sentinels: [{ host, port: sentinelPort }], lazyConnect: true }),
  ],
]

describe.each(natives)('connectRedisClient with Sentinel and %s', (_name, createNative) => {
  let group: RedisSentinel
  let client: RedisClient
  beforeEach(async () => {
    group = await startSentinel()
    client = connectRedisClient(createNative(group))
  })
  afterEach(async () => {
    client.close()
    await group.stop()
  })

  it('asks the master, and the new one after a fail-over', async () => {
    const runner = createScriptRunner(client)
    await runner.command('key', ['SET', 'key', '1'])
    await runner.command('key', ['WAIT', '1', '1000'])
    await group.master.kill()
    await expect
      .poll(() => runner.command('key', ['SET', 'key', '2']).then(String, () => 'refused'), {
        timeout: 15_000,
        interval: 100,
      })
      .toBe('OK')
    expect(await runner.run(readCounters, { counters: ['key'] })).toEqual([Buffer.from('2')])
    expect((await client.scanKeys('*', null, 10)).keys).toEqual(['key'])
  })

  it('hears a channel', async () => {
    const changes = new EventTarget()
    client.subscribe(['news'], {
      onMessage: message =>
        changes.dispatchEvent(new CustomEvent('message', { detail: String(message) })),
      onLost: () => undefined,
      onHeard: () => changes.dispatchEvent(new Event('heard')),
    })
    await once(changes, 'heard')
    const arrived = once(changes, 'message')
    await client.command(null, ['PUBLISH', 'news', 'x'])
    const [event] = await arrived
    expect(event.detail).toBe('x')
  })
})
