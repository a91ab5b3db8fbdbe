import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { type RedisServer, startRedis } from './redis-server.ts'

/** A Redis Cluster of a test's own: masters, each with its part of the slots. */
export interface RedisCluster {
  /** The masters, in the order of their slots. */
  readonly nodes: readonly RedisServer[]
  /** Those that take the place of a master when it is lost; none unless asked for. */
  readonly replicas: readonly RedisServer[]
  /** The first node's, from which clients find the others. */
  readonly url: string
  stop(): Promise<void>
}

const masterCount = 3

interface Client {
  sendCommand(args: string[]): Promise<unknown>
}

/** Starts a Cluster of three masters. @param replicas how many each of them has */
export async function startCluster({ replicas: perMaster = 0 } = {}): Promise<RedisCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  // A lost master must not stop the others, as there may be no replica to take its place.
  args.push('--cluster-require-full-coverage', 'no', '--repl-diskless-sync-delay', '0')
  const count = masterCount * (1 + perMaster)
  const servers = await Promise.all(Array.from({ length: count }, () => startNode(args)))
  const clients = await Promise.all(servers.map(({ url }) => createClient({ url }).connect()))
  const [masters, others] = [clients.slice(0, masterCount), clients.slice(masterCount)]
  await Promise.all(masters.map(addSlots))
  await introduce(clients, servers)
  await Promise.all(clients.map(untilWhole))
  const ids = await Promise.all(
    masters.map(async master => String(await master.sendCommand(['CLUSTER', 'MYID']))),
  )
  await Promise.all(others.map((replica, index) => follow(replica, ids[index % masterCount] ?? '')))
  for (const client of clients) client.destroy()
  const nodes = servers.slice(0, masterCount)
  return {
    nodes,
    replicas: servers.slice(masterCount),
    url: nodes[0]?.url ?? '',
    async stop() {
      await Promise.all(servers.map(server => server.stop()))
    },
  }
}

/** Nodes also listen on a port of their own choice, 10,000 above the first, which may be taken. */
async function startNode(args: readonly string[], attempts = 4): Promise<RedisServer> {
  try {
    return await startRedis({ args })
  } catch (error) {
    if (attempts === 1) throw error
    return startNode(args, attempts - 1)
  }
}

async function addSlots(master: Client, index: number): Promise<void> {
  const start = Math.floor((index * 16_384) / masterCount)
  const end = Math.floor(((index + 1) * 16_384) / masterCount) - 1
  await master.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(start), String(end)])
}

/** On a busy machine a meeting may come to nothing, and is held again. */
async function introduce(clients: readonly Client[], servers: readonly RedisServer[]) {
  const known = `cluster_known_nodes:${servers.length}`
  for (let round = 0; !(await isToldByAll(clients, ['CLUSTER', 'INFO'], known)); round += 1) {
    if (round % 40 === 0) {
      for (const { port } of servers.slice(1)) {
        await clients[0]?.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(port)])
      }
    }
    await delay(50)
  }
}

async function isToldByAll(
  clients: readonly Client[],
  question: string[],
  answer: string,
): Promise<boolean> {
  const replies = await Promise.all(clients.map(client => client.sendCommand(question)))
  return replies.every(reply => String(reply).includes(answer))
}

async function follow(replica: Client, masterId: string): Promise<void> {
  await replica.sendCommand(['CLUSTER', 'REPLICATE', masterId])
  await untilTold(replica, ['INFO', 'replication'], 'master_link_status:up')
}

async function untilWhole(client: Client): Promise<void> {
  await untilTold(client, ['CLUSTER', 'INFO'], 'cluster_slots_assigned:16384')
  await untilTold(client, ['CLUSTER', 'INFO'], 'cluster_state:ok')
}

async function untilTold(client: Client, question: string[], answer: string): Promise<void> {
  while (!(await isToldByAll([client], question, answer))) await delay(50)
}
