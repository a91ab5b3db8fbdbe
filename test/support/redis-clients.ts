import { Redis as Ioredis, Cluster as IoredisCluster } from 'ioredis'
import { Redis as Iovalkey, Cluster as IovalkeyCluster } from 'iovalkey'
import { createClient, createCluster } from 'redis'
import type { RedisClient } from '../../packages/cloakroom/src/stores/redis/client.ts'
import { connectRedisClient } from '../../packages/cloakroom/src/stores/redis/driver-recognize.ts'

/** A client as its users make it, and what Cloakroom makes of it. */
export interface ConnectedClient {
  readonly client: RedisClient
  /** The user's own client. */
  readonly native: unknown
  /** Closes the user's client, and with it what Cloakroom opened. */
  close(): void
}

/** A way of making a client. */
export interface ClientFactory {
  readonly name: string
  connect(url: string): ConnectedClient
}

/** Every supported client of a single server, for suites that run on each. */
export const redisClients: readonly ClientFactory[] = [
  {
    name: 'node-redis',
    connect(url) {
      const native = createClient({ url })
      return connected(native, () => native.destroy())
    },
  },
  {
    name: 'ioredis',
    connect(url) {
      const native = new Ioredis(url, { lazyConnect: true })
      return connected(native, () => native.disconnect())
    },
  },
  {
    name: 'iovalkey',
    connect(url) {
      const native = new Iovalkey(url, { lazyConnect: true })
      return connected(native, () => native.disconnect())
    },
  },
]

/** Every supported client of a Cluster; the URL is that of any node. */
export const clusterClients: readonly ClientFactory[] = [
  {
    name: 'node-redis',
    connect(url) {
      const native = createCluster({ rootNodes: [{ url }] })
      return connected(native, () => native.destroy())
    },
  },
  {
    name: 'ioredis',
    connect(url) {
      const native = new IoredisCluster([url], { lazyConnect: true })
      return connected(native, () => native.disconnect())
    },
  },
  {
    name: 'iovalkey',
    connect(url) {
      const native = new IovalkeyCluster([url], { lazyConnect: true })
      return connected(native, () => native.disconnect())
    },
  },
]

function connected(native: unknown, closeNative: () => void): ConnectedClient {
  const client = connectRedisClient(native)
  const close = () => {
    closeNative()
    client.close()
  }
  return { client, native, close }
}
