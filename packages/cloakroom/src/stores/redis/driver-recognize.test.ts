import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/errors.ts'
import { connectRedisClient } from './driver-recognize.ts'

describe('connectRedisClient', () => {
  it.each([
    ['a client of redis', createClient(), 'Redis (node-redis)'],
    [
      'a Cluster client of redis',
      createCluster({ rootNodes: [{ url: 'redis://127.0.0.1' }] }),
      'Redis Cluster (node-redis)',
    ],
    [
      'a Sentinel client of redis',
      createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: 26379 }] }),
      'Redis Sentinel (node-redis)',
    ],
    ['a Redis of ioredis', new Redis({ lazyConnect: true }), 'Redis (ioredis)'],
    [
      'a Cluster of ioredis',
      new Cluster(['redis://127.0.0.1'], { lazyConnect: true }),
      'Redis Cluster (ioredis)',
    ],
  ])('takes %s', (_what, client, description) => {
    expect(connectRedisClient(client).description).toBe(description)
  })

  const callable = { connect() {}, on() {}, duplicate() {}, subscribe() {} }

  it.each([
    ['nothing', undefined, '`client` is undefined.'],
    ['null', null, '`client` is null.'],
    ['a connection string', 'redis://localhost', 'a text; a connection string'],
    ['options', { url: 'redis://localhost' }, 'an object without `callBuffer`'],
    ['a promise of a client', Promise.resolve(createClient()), 'a promise; await it first'],
    ['a constructor', Redis, '`client` is function.'],
    ['a pool', createClientPool(), 'a pool of `redis`'],
    ['a mock with get and set', { get() {}, set() {}, on() {} }, 'an object without `callBuffer`'],
    ['a mock without duplicate', { sendCommand() {}, connect() {}, on() {} }, '`duplicate`'],
    ['a client of version 3', { send_command() {}, ...callable }, 'with callbacks'],
    [
      'a client in legacy mode',
      { sendCommand() {}, ...callable, options: { legacyMode: true } },
      'with callbacks',
    ],
    ['a client of glide', { customCommand() {} }, '@valkey/valkey-glide'],
  ])('refuses %s by name, and says what it takes', (_what, client, named) => {
    expect(() => connectRedisClient(client)).toThrow(named)
    expect(() => connectRedisClient(client)).toThrow(/Pass a client of `redis` 4 or later/)
    expect(() => connectRedisClient(client)).toThrow(ConfigError)
    expect(() => connectRedisClient(client)).toThrow(
      expect.objectContaining({ code: 'ERR_CLIENT_UNSUPPORTED' }),
    )
  })
})
