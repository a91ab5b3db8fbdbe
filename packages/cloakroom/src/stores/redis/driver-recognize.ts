import { ConfigError } from '../../core/errors.ts'
import type { RedisClient } from './client.ts'
import { createDriverClient, type Driver } from './driver-connection.ts'
import {
  createIoredisClusterDriver,
  createIoredisDriver,
  type IoredisClient,
  type IoredisCluster,
} from './driver-ioredis.ts'
import {
  createNodeRedisClusterDriver,
  createNodeRedisDriver,
  createNodeRedisSentinelDriver,
  type NodeRedisClient,
  type NodeRedisCluster,
  type NodeRedisSentinel,
} from './driver-node-redis.ts'

/** A client that was made by the user. */
export type UserRedisClient =
  | NodeRedisClient
  | NodeRedisCluster
  | NodeRedisSentinel
  | IoredisClient
  | IoredisCluster

/**
 * Makes a {@link RedisClient} from a client of `redis` (4 and later), `ioredis` or `iovalkey`.
 *
 * Clients are recognised by what they can do, so that any copy or version of a package will serve.
 * Nothing is sent yet: the first command connects.
 *
 * @throws {ConfigError} `ERR_CLIENT_UNSUPPORTED` when it is none of these.
 */
export function connectRedisClient(client: unknown): RedisClient {
  return createDriverClient(recognize(client))
}

const nodeRedis = ['connect', 'duplicate', 'on', 'sendCommand', 'subscribe']
const ioredis = ['callBuffer', 'connect', 'disconnect', 'duplicate', 'on', 'subscribe']

function recognize(client: unknown): Driver {
  if (isClient(client, ioredis)) {
    if (isClient(client, ['nodes'])) return createIoredisClusterDriver(client as IoredisCluster)
    return createIoredisDriver(client as IoredisClient)
  }
  if (!isClient(client, nodeRedis) || isLegacy(client)) throw unsupported(client)
  if (isClient(client, ['nodeClient'])) {
    return createNodeRedisClusterDriver(client as NodeRedisCluster)
  }
  if (isClient(client, ['getSentinelNode'])) {
    return createNodeRedisSentinelDriver(client as NodeRedisSentinel)
  }
  return createNodeRedisDriver(client as NodeRedisClient)
}

function isClient(client: unknown, methods: readonly string[]): boolean {
  if (typeof client !== 'object' || client === null) return false
  return methods.every(name => typeof Reflect.get(client, name) === 'function')
}

/** Version 4 can imitate version 3, and then takes callbacks. */
function isLegacy(client: unknown): boolean {
  return (client as NodeRedisClient).options?.legacyMode === true
}

function unsupported(client: unknown): ConfigError {
  return new ConfigError(
    'ERR_CLIENT_UNSUPPORTED',
    `\`client\` is ${describe(client)}. Pass a client of \`redis\` 4 or later (createClient, ` +
      'createCluster or createSentinel, not a pool), of `ioredis` or of `iovalkey` (Redis or Cluster).',
  )
}

function describe(client: unknown): string {
  if (typeof client === 'string') return 'a text; a connection string needs a client made with it'
  if (typeof client !== 'object' || client === null) return client === null ? 'null' : typeof client
  if (client instanceof Promise) return 'a promise; await it first'
  if (isClient(client, ['customCommand'])) return 'a client of `@valkey/valkey-glide`'
  if (isClient(client, ['execute', 'sendCommand'])) return 'a pool of `redis`'
  if (isClient(client, ['send_command']) || isLegacy(client)) {
    return 'a client of `redis` with callbacks (version 3 or `legacyMode`)'
  }
  const needed = isClient(client, ['sendCommand']) ? nodeRedis : ioredis
  const missing = needed.filter(name => !isClient(client, [name]))
  return `an object without ${missing.map(name => `\`${name}\``).join(', ')}`
}
