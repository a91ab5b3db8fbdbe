import { setTimeout as delay } from 'node:timers/promises'
import { asBuffer } from '../../core/bytes.ts'
import { startStopwatch } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import type { RedisArgument, RedisClient, RedisReply, SubscriptionListener } from './client.ts'
import { scanMasters } from './driver-scan.ts'
import { keepListening, type Listening } from './driver-subscription.ts'

/** What a driver knows about the client it was given. */
export interface Driver {
  readonly description: string
  /** What the client puts before every key it sends, though not before patterns. */
  readonly keyPrefix: string
  /** True once the user has closed the client, and not opened it again. */
  hasEnded(): boolean
  /** Calls `listener` when the user closes the client. */
  onEnd(listener: () => void): void
  /** Makes a connection from the client's settings. It connects when told to. */
  open(): Connection
}

/** A connection to a server, or to all servers of a Cluster. */
export interface Connection {
  readonly isReady: boolean
  /** True once it has stopped trying: a new one is needed. */
  readonly isDead: boolean
  /** See {@link RedisClient.problem}. */
  readonly problem: string | null
  start(): void
  send(key: string | null, args: readonly RedisArgument[]): Promise<RedisReply>
  /** The only server, or each master of a Cluster that can be asked. */
  masters(): readonly Master[]
  /** How many masters there are, the lost ones among them. */
  countMasters(): number
  close(): void
}

/** One server that takes writes. */
export interface Master {
  /** The same for as long as the server keeps its address. */
  readonly name: string
  send(args: readonly RedisArgument[]): Promise<RedisReply>
  /** Subscribes on a connection of its own, which does not reconnect. */
  listen(channels: readonly string[], onMessage: (message: Uint8Array) => void): Promise<Ear>
}

/** A subscribed connection. */
export interface Ear {
  /** Resolves when it is gone. Never rejects. */
  readonly lost: Promise<void>
  close(): void
}

/** How often a connection under way is looked at. */
const pollMs = 25

/** After this long a connection is made anew, perhaps to another server of the Cluster. */
const connectMs = 3000

/** How long another connection may take, and how long the one before it goes on with its calls. */
const renewal = { patienceMs: 5000, lingerMs: 1000 }

/**
 * A {@link RedisClient} on a connection made from the user's client.
 *
 * It is never the user's own connection: the queues of that one resend and hold back commands,
 * which must not happen to a script whose caller has been told that it failed.
 */
export function createDriverClient(driver: Driver): RedisClient {
  let connection: Connection | undefined
  let successor: Connection | undefined
  const subscriptions = new Set<Listening>()
  let problem: string | null = null
  let isClosed = false

  function unavailable(why: string): StoreError {
    const reason = connection?.problem ?? problem
    const because = reason === null ? '' : `: ${reason}`
    const message = `${driver.description} ${why}${because}. Retry later.`
    return new StoreError('ERR_STORE_UNAVAILABLE', message)
  }

  function drop(): void {
    problem = connection?.problem ?? problem
    connection?.close()
    connection = undefined
    successor?.close()
    successor = undefined
  }

  /** Whether a connection is ready in time. */
  async function isReadySoon(next: Connection): Promise<boolean> {
    const elapsedMs = startStopwatch()
    while (!next.isReady && !next.isDead && elapsedMs() < renewal.patienceMs) {
      await delay(pollMs, undefined, { ref: false })
    }
    return next.isReady
  }

  async function renew(): Promise<void> {
    if (connection === undefined || successor !== undefined) return
    const next = driver.open()
    successor = next
    next.start()
    const isReady = await isReadySoon(next)
    // It was closed meanwhile, with the one that it was to replace.
    if (successor !== next) return
    successor = undefined
    if (!isReady) return next.close()
    const former = connection
    connection = next
    await delay(renewal.lingerMs, undefined, { ref: false })
    former?.close()
  }

  function getReady(): Connection {
    if (connection?.isReady) return connection
    throw unavailable('is not connected')
  }

  async function whenReady(): Promise<void> {
    if (isClosed || driver.hasEnded()) throw unavailable('has been closed')
    if (connection === undefined || connection.isDead) {
      drop()
      connection = driver.open()
      connection.start()
    }
    const current = connection
    const elapsedMs = startStopwatch()
    while (!current.isReady) {
      // Some clients wait for ever for the first server they ask, be it lost or silent.
      if (elapsedMs() > connectMs && connection === current) drop()
      if (current.isDead || connection !== current) throw unavailable('cannot be reached')
      await delay(pollMs, undefined, { ref: false })
    }
  }

  async function listen(channels: readonly string[], listener: SubscriptionListener): Promise<Ear> {
    await whenReady()
    const masters = getReady().masters()
    const master = masters[Math.floor(Math.random() * masters.length)]
    if (master === undefined) throw unavailable('has no master')
    return master.listen(channels, message => listener.onMessage(message))
  }

  driver.onEnd(() => {
    drop()
    for (const subscription of subscriptions) subscription.drop()
  })

  return {
    description: driver.description,
    get isReady() {
      return connection?.isReady === true
    },
    get problem() {
      return connection?.problem ?? problem
    },
    whenReady,
    command(key, args) {
      if (connection?.isReady) return connection.send(key, args)
      return Promise.reject(unavailable('is not connected'))
    },
    async commandEach(args) {
      const current = getReady()
      const masters = current.masters()
      if (masters.length < current.countMasters()) throw unavailable('has lost a master')
      const replies: RedisReply[] = []
      for (const master of masters) replies.push(await master.send(args))
      return replies
    },
    async scanKeys(pattern, cursor, count) {
      return scanMasters(getReady().masters(), { pattern, cursor, count, prefix: driver.keyPrefix })
    },
    subscribe(channels, listener) {
      const subscription = keepListening(() => listen(channels, listener), listener)
      subscriptions.add(subscription)
      return {
        close() {
          subscriptions.delete(subscription)
          subscription.close()
        },
      }
    },
    reconnect: drop,
    renew: () => void renew(),
    close() {
      isClosed = true
      drop()
      for (const subscription of subscriptions) subscription.close()
    },
  }
}

/** The arguments as every client takes them: texts and Buffers. Most often they are that already. */
export function toClientArguments(args: readonly RedisArgument[]): ClientArguments {
  if (args.every(isClientArgument)) return args
  return args.map(arg => (isClientArgument(arg) ? arg : asBuffer(arg)))
}

/** What {@link toClientArguments} makes. */
export type ClientArguments = readonly (string | Buffer)[]

function isClientArgument(arg: RedisArgument): arg is string | Buffer {
  return typeof arg === 'string' || Buffer.isBuffer(arg)
}

/** The words of an error. What clients hang on it besides may hold a password. */
export function describeProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Node.js gives no message when a name has several addresses and none answers.
  return error.message || String(Reflect.get(error, 'code') ?? error.name)
}
