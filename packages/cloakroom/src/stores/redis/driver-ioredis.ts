import { utf8 } from '../../core/bytes.ts'
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

/** What is used of a `Redis` of `ioredis` or `iovalkey`. */
export interface IoredisClient {
  readonly status: string
  /** The socket, while there is one. */
  readonly stream?: { cork?(): void; uncork?(): void } | undefined
  readonly isCluster?: boolean
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly host?: string | undefined
    readonly port?: number | undefined
    readonly redisOptions?: { readonly keyPrefix?: string | undefined } | undefined
  }
  connect(): Promise<void>
  disconnect(): void
  duplicate(override: object): IoredisClient
  callBuffer(command: string, ...args: ClientArguments): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  on(event: string, listener: (...args: unknown[]) => void): unknown
  once(event: string, listener: (...args: unknown[]) => void): unknown
}

/** What is used of a `Cluster` of `ioredis` or `iovalkey`. */
export interface IoredisCluster extends Omit<IoredisClient, 'duplicate' | 'stream'> {
  nodes(role: 'master'): IoredisClient[]
  /** For each slot its nodes by name, the master first. */
  readonly slots: readonly (readonly string[])[]
  duplicate(startupNodes: [], override: object): IoredisCluster
  refreshSlotsCache(): void
}

/**
 * Never send a command twice, and end those under way when the connection is lost.
 *
 * Without `maxRetriesPerRequest: 0` the client would do neither: lost commands stay in its queue.
 */
const atMostOnce = { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 }

/** The masters of a Cluster are asked for at most this often. */
const refreshMs = 100

/** How a connection of ours is made from the settings of the user. */
const ownConnection = {
  ...atMostOnce,
  // A server that is loading is asked again this soon: its own guess may be off by minutes.
  maxLoadingRetryTime: 250,
}

/** Makes a {@link Driver} for a single server or for Sentinel. */
export function createIoredisDriver(client: IoredisClient): Driver {
  return {
    description: 'Redis (ioredis)',
    keyPrefix: client.options.keyPrefix ?? '',
    hasEnded: () => client.status === 'end',
    onEnd: listener => client.on('end', listener),
    open() {
      const own = client.duplicate({
        lazyConnect: true,
        enableOfflineQueue: false,
        ...ownConnection,
      })
      return connectionOf(own, () => [own], oneMaster)
    },
  }
}

/** Makes a {@link Driver} for a Cluster. */
export function createIoredisClusterDriver(cluster: IoredisCluster): Driver {
  const { options } = cluster
  return {
    description: 'Redis Cluster (ioredis)',
    keyPrefix: options.keyPrefix ?? options.redisOptions?.keyPrefix ?? '',
    hasEnded: () => cluster.status === 'end',
    onEnd: listener => cluster.on('end', listener),
    open() {
      // Without a delay for fail-over, commands of a lost node fail rather than being sent again.
      const own = cluster.duplicate([], {
        lazyConnect: true,
        retryDelayOnFailover: 0,
        redisOptions: { ...options.redisOptions, ...ownConnection },
      })
      followTopology(own)
      return connectionOf(
        own,
        () => own.nodes('master'),
        // A node that cannot be reached is not among the nodes for a while.
        () => new Set(own.slots.map(([master]) => master)).size,
      )
    },
  }
}

function connectionOf(
  client: IoredisClient | IoredisCluster,
  masters: () => readonly IoredisClient[],
  countMasters: () => number,
): Connection {
  let problem: string | null = null
  const gather = gatherWrites(masters)
  client.on('error', (error: unknown) => {
    problem = describeProblem(error)
  })
  return {
    get isReady() {
      return client.status === 'ready'
    },
    get isDead() {
      return client.status === 'end'
    },
    get problem() {
      return problem
    },
    start: () => void client.connect().catch(ignore),
    send(_key, args) {
      gather()
      return send(client, args)
    },
    masters: () => masters().map(masterOf),
    countMasters,
    close: () => client.disconnect(),
  }
}

/**
 * Asks for the masters anew whenever one is lost, and again while it stays so. By themselves, some
 * versions do so only when a server redirects them, which a lost one does not.
 */
function followTopology(cluster: IoredisCluster): void {
  let isDue = false
  cluster.on('-node', () => {
    if (isDue) return
    isDue = true
    setTimeout(() => {
      isDue = false
      if (cluster.status === 'ready') cluster.refreshSlotsCache()
    }, refreshMs).unref()
  })
}

/**
 * Holds back what is written in one turn of the event loop, so that it leaves in one piece. Each
 * piece is a system call, and takes longer than all else the client does for a command.
 */
function gatherWrites(clients: () => readonly IoredisClient[]): () => void {
  let isGathering = false
  return () => {
    if (isGathering) return
    isGathering = true
    const streams = clients().map(({ stream }) => stream)
    for (const stream of streams) stream?.cork?.()
    setImmediate(() => {
      isGathering = false
      for (const stream of streams) stream?.uncork?.()
    })
  }
}

function masterOf(client: IoredisClient): Master {
  return {
    name: `${client.options.host}:${client.options.port}`,
    send: args => send(client, args),
    listen: (channels, onMessage) => listen(client, channels, onMessage),
  }
}

async function listen(
  client: IoredisClient,
  channels: readonly string[],
  onMessage: (message: Uint8Array) => void,
): Promise<Ear> {
  const own = client.duplicate({ lazyConnect: true, retryStrategy: null, readOnly: false })
  own.on('error', ignore)
  const lost = new Promise<void>(resolve => own.once('end', () => resolve()))
  own.on('messageBuffer', (_channel, message) => {
    if (message instanceof Uint8Array) onMessage(message)
  })
  try {
    await own.connect()
    await own.subscribe(...channels)
  } catch (error) {
    own.disconnect()
    throw error
  }
  return { lost, close: () => own.disconnect() }
}

function send(
  client: IoredisClient | IoredisCluster,
  args: readonly RedisArgument[],
): Promise<RedisReply> {
  const [command, ...rest] = toClientArguments(args)
  // In capitals, most versions do not know where the keys are: they would neither prefix them nor
  // choose the right node of a Cluster.
  const name = String(command).toLowerCase()
  const reply = client.callBuffer(name, ...rest) as Promise<RedisReply>
  return name === 'hgetall' ? reply.then(toList) : reply
}

/** The one answer that the clients turn into an object, as the list that Redis sent. */
function toList(reply: RedisReply): RedisReply {
  if (typeof reply !== 'object' || reply === null || Array.isArray(reply)) return reply
  return Object.entries(reply).flatMap(([field, value]) => [utf8(field), value as RedisReply])
}

function oneMaster(): number {
  return 1
}

function ignore(): void {}
