import { createManualClock, type ManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import type { SecurityEvent } from '../../packages/cloakroom/src/events/event.ts'
import {
  createSessionManager,
  type SessionManager,
  type SessionManagerOptions,
} from '../../packages/cloakroom/src/sessions/manager.ts'
import type { SessionState } from '../../packages/cloakroom/src/sessions/state.ts'
import type { SessionStore } from '../../packages/cloakroom/src/sessions/store.ts'
import type { RedisArgument, RedisReply } from '../../packages/cloakroom/src/stores/redis/client.ts'
import { createKeys, type Keys } from '../../packages/cloakroom/src/stores/redis/keys.ts'
import { createScriptRunner } from '../../packages/cloakroom/src/stores/redis/script.ts'
import { createRedisSessions } from '../../packages/cloakroom/src/stores/redis/sessions.ts'
import { redisClients } from './redis-clients.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

export interface GroundData {
  [key: string]: unknown
}

/** How a manager of the ground is made, and on which store. */
export type GroundOptions = Partial<SessionManagerOptions<GroundData>>

/** A redis-server with sessions in it, for tests that look at both sides. */
export interface SessionGround {
  readonly server: RedisServer
  readonly keys: Keys
  /** Goes for every manager; Redis' own time has no say. */
  readonly clock: ManualClock
  /** Every event since the last {@link SessionGround.clear}. */
  readonly events: SecurityEvent[]
  /** A store on a connection of its own, as another process would have it. */
  connect(options?: { readonly isOnRedisTime?: boolean }): Promise<SessionStore>
  /** A manager; without a store in the options, on a connection that is shared. */
  managerWith(options?: GroundOptions): SessionManager<GroundData>
  /** Sends a command as somebody would who got hold of Redis. */
  command(...args: RedisArgument[]): Promise<RedisReply>
  /** Empties Redis and forgets events. */
  clear(): Promise<void>
  close(): Promise<void>
}

export const groundSecret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'

/** Makes a {@link SessionGround}. */
export async function createSessionGround(): Promise<SessionGround> {
  const server = await startRedis()
  const clock = createManualClock()
  const keys = createKeys('cr:')
  const events: SecurityEvent[] = []
  const closers: (() => void)[] = []

  async function open() {
    const [factory] = redisClients
    if (factory === undefined) throw new Error('There is no Redis client.')
    const { client, close } = factory.connect(server.url)
    closers.push(close)
    await client.whenReady()
    return client
  }

  async function connect({ isOnRedisTime = false } = {}): Promise<SessionStore> {
    const scripts = createScriptRunner(await open())
    return createRedisSessions({ scripts, keys, ...(isOnRedisTime ? {} : { clock }) })
  }

  const client = await open()
  const shared = await connect()
  return {
    server,
    keys,
    clock,
    events,
    connect,
    managerWith: (options = {}) =>
      createSessionManager<GroundData>({
        store: shared,
        secret: groundSecret,
        clock,
        events: { emit: event => events.push(event) },
        ...options,
      }),
    command: (...args) => client.command(null, args),
    async clear() {
      await client.command(null, ['FLUSHALL'])
      events.length = 0
    },
    async close() {
      for (const close of closers) close()
      await server.stop()
    },
  }
}

/** The session of a token that must be good for one. */
export async function requireSession(
  sessions: SessionManager<GroundData>,
  token: string,
): Promise<SessionState<GroundData>> {
  const read = await sessions.validate(token)
  if (read.state === 'valid') return read.session
  throw new Error(`The session is ${JSON.stringify(read)}.`)
}
