import type { RedisArgument, RedisReply } from './client.ts'
import {
  type ClientArguments,
  type Connection,
  type Driver,
  describeProblem,
  type Ear,
  type Master,
  toClientArguments,
} from './driver-connection.ts'
import { keySlot } from './driver-slot.ts'

/** What clients of all topologies have in common. */
interface Connectable {
  readonly isOpen: boolean
  readonly isReady?: boolean
  connect(): Promise<unknown>
  /** Since version 5. */
  destroy?(): unknown
  /** Until version 4, and deprecated since. */
  disconnect?(): Promise<unknown>
  subscribe(channels: string[], listener: MessageListener, bufferMode: true): Promise<unknown>
  on(event: string, listener: (error?: unknown) => void): unknown
}

type MessageListener = (message: Uint8Array) => void

/** What is used of a client of `redis`. */
export interface NodeRedisClient extends Connectable {
  readonly options?: { readonly socket?: object | undefined; readonly legacyMode?: boolean }
  duplicate(override: object): NodeRedisClient
  sendCommand(args: ClientArguments, options: object): Promise<unknown>
}

/** What is used of a Sentinel client of `redis`. */
export interface NodeRedisSentinel extends Connectable {
  duplicate(): NodeRedisSentinel
  sendCommand(isReadonly: boolean, args: ClientArguments, options: object): Promise<unknown>
}

/** What is used of a Cluster client of `redis`. */
export interface NodeRedisCluster extends Connectable {
  readonly masters: readonly ClusterNode[]
  readonly slots: readonly { readonly master: ClusterNode }[]
  duplicate(override?: object): NodeRedisCluster
  nodeClient(node: ClusterNode): NodeRedisClient | Promise<NodeRedisClient>
  sendCommand(
    key: string | undefined,
    isReadonly: boolean,
    args: ClientArguments,
    options: object,
  ): Promise<unknown>
}

interface ClusterNode {
  readonly address: string
  readonly client?: NodeRedisClient
}

/**
 * Asks for bytes in place of every kind of text, and for lists in place of maps and sets.
 *
 * The numbers are the type bytes of RESP: `$ + = % ~`. Version 4 knows the flag only. Deadlines are
 * kept by the caller; the client's own would cost half as much again as the command.
 */
const asBytes = {
  timeout: 0,
  returnBuffers: true,
  typeMapping: { 36: Buffer, 43: Buffer, 61: Buffer, 37: Array, 126: Array },
}

/** Settings of a connection that holds nothing back and keeps no cache of its own. */
const ownConnection = {
  disableOfflineQueue: true,
  clientSideCache: undefined,
  emitInvalidate: undefined,
}

/** Has a Cluster ask for its masters this soon after one is lost, and again: the default is 5 s. */
const followingTopology = { topologyRefreshOnReconnectionAttemptStrategy: 250 }

/** Makes a {@link Driver} for a single server. */
export function createNodeRedisDriver(client: NodeRedisClient): Driver {
  return driverOf(client, 'Redis (node-redis)', () => {
    const own = client.duplicate(ownConnection)
    const master = masterOf('', own)
    return connectionOf(
      own,
      (_key, args) => master.send(args),
      () => [master],
    )
  })
}

/** Makes a {@link Driver} for Sentinel. Its calls take a flag first. */
export function createNodeRedisSentinelDriver(sentinel: NodeRedisSentinel): Driver {
  return driverOf(sentinel, 'Redis Sentinel (node-redis)', () => {
    const own = sentinel.duplicate()
    const master: Master = {
      name: '',
      send: args => own.sendCommand(false, toClientArguments(args), asBytes) as Promise<RedisReply>,
      listen: (channels, onMessage) => listen(sentinel.duplicate(), channels, onMessage),
    }
    return connectionOf(
      own,
      (_key, args) => master.send(args),
      () => [master],
    )
  })
}

/** Makes a {@link Driver} for a Cluster. */
export function createNodeRedisClusterDriver(cluster: NodeRedisCluster): Driver {
  return driverOf(cluster, 'Redis Cluster (node-redis)', () => {
    const own = cluster.duplicate(followingTopology)
    const masters = () => own.masters.map(node => clusterMasterOf(own, node))
    async function send(key: string | null, args: readonly RedisArgument[]): Promise<RedisReply> {
      const node = key === null ? randomOf(own.masters) : own.slots[keySlot(key)]?.master
      // The client of a lost node would hold the command back until it returns, be that in an hour.
      if (node === undefined || node.client?.isReady === false) throw new Error('No node to ask')
      if (key === null) return clusterMasterOf(own, node).send(args)
      const reply = own.sendCommand(key, false, toClientArguments(args), asBytes)
      return reply as Promise<RedisReply>
    }
    return connectionOf(own, send, masters)
  })
}

function driverOf(client: Connectable, description: string, open: () => Connection): Driver {
  let hasEnded = false
  // A client without a listener for errors ends the process when its connection is lost.
  client.on('error', ignore)
  return {
    description,
    keyPrefix: '',
    hasEnded: () => hasEnded && !client.isOpen,
    onEnd(listener) {
      const end = () => {
        hasEnded = true
        listener()
      }
      client.on('end', end)
      client.on('disconnect', end)
    },
    open,
  }
}

function connectionOf(
  client: Connectable,
  send: Connection['send'],
  masters: Connection['masters'],
): Connection {
  let state: 'connecting' | 'connected' | 'failed' = 'connecting'
  let problem: string | null = null
  const note = (error: unknown) => {
    problem = describeProblem(error)
  }
  client.on('error', note)
  return {
    get isReady() {
      return state === 'connected' && client.isReady !== false && client.isOpen
    },
    get isDead() {
      return state === 'failed' || (state === 'connected' && !client.isOpen)
    },
    get problem() {
      return problem
    },
    start() {
      client.connect().then(
        () => {
          state = 'connected'
        },
        error => {
          state = 'failed'
          note(error)
        },
      )
    },
    send,
    masters,
    countMasters: () => masters().length,
    close: () => shut(client),
  }
}

function masterOf(name: string, client: NodeRedisClient): Master {
  return {
    name,
    send: args => client.sendCommand(toClientArguments(args), asBytes) as Promise<RedisReply>,
    listen(channels, onMessage) {
      const socket = { ...client.options?.socket, reconnectStrategy: false }
      return listen(client.duplicate({ ...ownConnection, socket }), channels, onMessage)
    },
  }
}

function clusterMasterOf(cluster: NodeRedisCluster, node: ClusterNode): Master {
  const find = async () => masterOf(node.address, await cluster.nodeClient(node))
  return {
    name: node.address,
    send: async args => (await find()).send(args),
    listen: async (channels, onMessage) => (await find()).listen(channels, onMessage),
  }
}

async function listen(
  own: Connectable,
  channels: readonly string[],
  onMessage: MessageListener,
): Promise<Ear> {
  const lost = new Promise<void>(resolve => {
    own.on('error', () => resolve())
    own.on('end', () => resolve())
  })
  try {
    await own.connect()
    await own.subscribe([...channels], onMessage, true)
  } catch (error) {
    shut(own)
    throw error
  }
  return { lost, close: () => shut(own) }
}

/** Closes without waiting for commands under way. */
function shut(client: Connectable): void {
  try {
    const done = client.destroy === undefined ? client.disconnect?.() : client.destroy()
    Promise.resolve(done).catch(ignore)
  } catch {
    // It was closed before, or never opened.
  }
}

function randomOf(nodes: readonly ClusterNode[]): ClusterNode | undefined {
  return nodes[Math.floor(Math.random() * nodes.length)]
}

function ignore(): void {}
