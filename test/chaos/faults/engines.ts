import { createClient } from 'redis'
import type { RedisAddress } from '../../support/redis-addresses.ts'
import { startCluster } from '../../support/redis-cluster.ts'
import { startSentinel } from '../../support/redis-sentinel.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { type Relay, startRelay } from '../../support/relay.ts'

/** Redis as the site finds it, and what a fault can take hold of. */
export interface Engine {
  /** For the site, on its network. */
  readonly address: RedisAddress
  /** For what looks on, past the network of the site. */
  readonly directAddress: RedisAddress
  /** The only server, or the master that is to be struck. */
  readonly server: RedisServer
  readonly servers: readonly RedisServer[]
  /** The network of the site, where it has one of its own. */
  readonly relay: Relay | null
  stop(): Promise<void>
}

/** Sends one command to a server, past all clients. */
export async function command({ url }: Pick<RedisServer, 'url'>, ...args: string[]) {
  const client = await createClient({ url }).connect()
  try {
    return (await client.sendCommand(args)) as unknown
  } finally {
    client.destroy()
  }
}

/** The ways to run Redis. */
export const engines = {
  /** One server that keeps its writes in a file. */
  single: async (): Promise<Engine> => {
    const args = ['--key-load-delay', '0', '--loading-process-events-interval-bytes', '1024']
    const server = await startRedis({ appendOnly: true, args })
    return { ...engineOf(server, { kind: 'single', url: server.url }), stop: server.stop }
  },

  /** The same behind a network that can be disturbed. */
  relayed: async (): Promise<Engine> => {
    const single = await engines.single()
    const relay = await startRelay(single.server.port)
    return {
      ...single,
      address: { kind: 'single', url: relay.url },
      relay,
      async stop() {
        await relay.stop()
        await single.stop()
      },
    }
  },

  /** Three masters, each with a replica. */
  cluster: async (): Promise<Engine> => {
    const { nodes, replicas, stop } = await startCluster({ replicas: 1 })
    const [server] = nodes
    if (server === undefined) throw new Error('The Cluster has no masters.')
    const servers = [...nodes, ...replicas]
    const address: RedisAddress = { kind: 'cluster', urls: servers.map(({ url }) => url) }
    return { ...engineOf(server, address), servers, stop }
  },

  /** One master, two replicas and three Sentinels. */
  sentinel: async (): Promise<Engine> => {
    const { name, sentinelPorts, master, stop } = await startSentinel({ replicas: 2, sentinels: 3 })
    return { ...engineOf(master, { kind: 'sentinel', name, ports: sentinelPorts }), stop }
  },
}

/** The name of an engine. */
export type EngineName = keyof typeof engines

function engineOf(server: RedisServer, address: RedisAddress): Omit<Engine, 'stop'> {
  return { server, servers: [server], address, directAddress: address, relay: null }
}
