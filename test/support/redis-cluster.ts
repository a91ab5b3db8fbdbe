import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { type RedisServer, startRedis } from './redis-server.ts'

/** A Redis Cluster of a test's own: masters only, each with its part of the slots. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  /** The first node's, from which clients find the others. */
  readonly url: string
  stop(): Promise<void>
}

/** Starts a Cluster of three masters. */
export async function startCluster(): Promise<RedisCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  // A lost master must not stop the others, as there are no replicas to take its place.
  args.push('--cluster-require-full-coverage', 'no')
  const nodes = await Promise.all([0, 1, 2].map(() => startRedis({ args })))
  const [first, ...others] = nodes.map(node => createClient({ url: node.url }))
  if (first === undefined) throw new Error('A Cluster needs nodes.')
  const clients = [first, ...others]
  await Promise.all(clients.map(client => client.connect()))
  await Promise.all(
    clients.map((client, index) => {
      const start = Math.floor((index * 16_384) / 3)
      const end = Math.floor(((index + 1) * 16_384) / 3) - 1
      return client.clusterAddSlotsRange({ start, end })
    }),
  )
  for (const node of nodes) await first.clusterMeet('127.0.0.1', node.port)
  await Promise.all(clients.map(untilWhole))
  for (const client of clients) client.destroy()
  return {
    nodes,
    url: nodes[0]?.url ?? '',
    async stop() {
      await Promise.all(nodes.map(node => node.stop()))
    },
  }
}

async function untilWhole(client: {
  sendCommand(args: string[]): Promise<unknown>
}): Promise<void> {
  for (;;) {
    const info = String(await client.sendCommand(['CLUSTER', 'INFO']))
    if (info.includes('cluster_state:ok') && info.includes('cluster_slots_assigned:16384')) return
    await delay(50)
  }
}
