import type { OldRecordsOptions } from '../adapters/express-session/old-records.ts'
import type { SessionDataOptions } from '../adapters/express-session/session-data.ts'
import type { Duration } from '../core/duration.ts'
import type { EventListener } from '../events/event.ts'
import type { UserRedisClient } from '../stores/redis/driver-recognize.ts'
import type { CloakroomOptions } from './options.ts'

/** Where sessions were kept before, and how. */
export interface MigrationOptions extends OldRecordsOptions {
  /** A client of the Redis that connect-redis wrote to; may be the very same. */
  readonly client: UserRedisClient
}

/** Options of `createExpressSessionStore`. */
export interface ExpressSessionStoreOptions
  extends SessionDataOptions,
    Pick<CloakroomOptions, 'redisGuard' | 'cipher' | 'env' | 'clock'> {
  /** A client of `redis`, `ioredis` or `iovalkey`: single server, Sentinel or Cluster. */
  readonly redis: UserRedisClient
  /**
   * Seals sessions: 32 characters or more; several, newest first. Take another one for cookies.
   *
   * @default SESSION_SECRET_KEY
   */
  readonly secret?: string | readonly string[] | undefined
  /** Begins every key in Redis. @default 'cr:express:' */
  readonly prefix?: string | undefined
  /** Ends sessions this long after they began, whatever happens. @default '400d' */
  readonly absolute?: Duration | undefined
  /** Notes activity at most this often, to spare writes; idle sessions end earlier by it. @default '1s' */
  readonly touchEvery?: Duration | undefined
  /** Never notes activity, as connect-redis has it. @default false */
  readonly disableTouch?: boolean | undefined
  /** `'ticket'` seals data under a key that is made from the session id too. @default 'server' */
  readonly seal?: 'server' | 'ticket' | undefined
  /**
   * Takes sessions of connect-redis over, each when its cookie comes next. Remove the option when
   * the longest of them has expired.
   */
  readonly migrateFrom?: MigrationOptions | undefined
  /** Told of sessions that begin and end. */
  readonly onEvent?: EventListener | undefined
}

/** The names of all options, for the check against misspelt ones. */
export const storeOptionNames: readonly (keyof ExpressSessionStoreOptions)[] = [
  'redis',
  'redisGuard',
  'secret',
  'prefix',
  'cipher',
  'ttl',
  'absolute',
  'touchEvery',
  'disableTouch',
  'seal',
  'userOf',
  'typed',
  'migrateFrom',
  'onEvent',
  'env',
  'clock',
]
