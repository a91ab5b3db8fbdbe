import {
  createCloakroomStore,
  type ExpressSessionStore,
} from '../adapters/express-session/cloakroom-store.ts'
import { createOldRecords, type OldRecords } from '../adapters/express-session/old-records.ts'
import {
  createDataRules,
  type SessionDataRules,
  type StoredSession,
} from '../adapters/express-session/session-data.ts'
import { asBuffer } from '../core/bytes.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { parseDuration } from '../core/duration.ts'
import { ConfigError } from '../core/errors.ts'
import { refuseUnknown } from '../core/options.ts'
import type { EventSink } from '../events/event.ts'
import { createEventHub } from '../events/hub.ts'
import { type AdoptedSessions, createAdoptedSessions } from '../sessions/adopted.ts'
import { createRedisAdoption } from '../stores/redis/adoption.ts'
import type { RedisClient } from '../stores/redis/client.ts'
import { connectRedisClient, type UserRedisClient } from '../stores/redis/driver-recognize.ts'
import type { GuardOptions } from '../stores/redis/guard.ts'
import { createKeys } from '../stores/redis/keys.ts'
import { createScriptRunner, type ScriptRunner } from '../stores/redis/script.ts'
import { createRedisSessions } from '../stores/redis/sessions.ts'
import { readEnvironment } from '../web/environment.ts'
import { type ExpressSessionStoreOptions, storeOptionNames } from './express-session-options.ts'
import { requirePrefix } from './storage.ts'

/**
 * Makes a store for express-session, for its stand-in here, or for `@fastify/session`.
 *
 * @example
 * const store = createExpressSessionStore({
 *   redis: createClient({ url: process.env.REDIS_URL }),
 *   userOf: session => session.passport?.user,
 * })
 * app.use(session({ store, secret, resave: false, saveUninitialized: false }))
 *
 * @throws {ConfigError} naming the option that is missing, unknown or unsafe.
 */
export function createExpressSessionStore(
  options: ExpressSessionStoreOptions,
): ExpressSessionStore {
  refuseUnknown('createExpressSessionStore', options, storeOptionNames)
  const { clock = systemClock, disableTouch = false, touchEvery = '1s' } = options
  const events = createEventHub({ clock })
  if (options.onEvent !== undefined) events.on(options.onEvent)
  const rules = createDataRules(options, clock.now)
  const touchEveryMs = disableTouch ? null : parseDuration(touchEvery, 'touchEvery', { min: 0 })
  const { sessions, close } = openSessions(options, { clock, events, rules, touchEveryMs })
  const old = openOldRecords(options, clock)
  return createCloakroomStore({
    sessions,
    rules,
    oldRecords: old?.records ?? null,
    now: clock.now,
    touchEveryMs,
    close() {
      close()
      old?.close()
    },
  })
}

interface SessionParts {
  readonly clock: Clock
  readonly events: EventSink
  readonly rules: SessionDataRules
  readonly touchEveryMs: number | null
}

function openSessions(
  options: ExpressSessionStoreOptions,
  { clock, events, rules, touchEveryMs }: SessionParts,
): { sessions: AdoptedSessions<StoredSession>; close: () => void } {
  const secret = requireSecret(options)
  const prefix = requirePrefix(options.prefix ?? 'cr:express:')
  const absolute = options.absolute ?? '400d'
  const { client, scripts } = connect(options.redis, {
    ...options.redisGuard,
    onUnavailable: isUnavailable => {
      if (isUnavailable) events.emit({ type: 'store_unavailable', reason: 'unreachable' })
    },
  })
  const sessions = createAdoptedSessions<StoredSession>({
    store: createRedisSessions({ scripts, keys: createKeys(prefix), clock: options.clock }),
    adoption: createRedisAdoption({ scripts, prefix }),
    secret,
    cipher: options.cipher,
    seal: options.seal,
    absoluteMs: Math.ceil(parseDuration(absolute, 'absolute', { min: 60_000 }) / 1000) * 1000,
    touchEveryMs,
    events,
    clock,
    describe: rules.describe,
  })
  return { sessions, close: () => client.close() }
}

function openOldRecords(
  { migrateFrom, redisGuard }: ExpressSessionStoreOptions,
  clock: Clock,
): { records: OldRecords; close: () => void } | null {
  if (migrateFrom === undefined) return null
  const { client, ...options } = migrateFrom
  const { client: own, scripts } = connect(client, redisGuard)
  const texts = {
    async get(key: string) {
      const reply = await scripts.command(key, ['GET', key])
      return reply instanceof Uint8Array ? asBuffer(reply).toString() : null
    },
    async remove(key: string) {
      await scripts.command(key, ['DEL', key])
    },
  }
  return { records: createOldRecords(texts, options, clock.now), close: () => own.close() }
}

function connect(
  native: UserRedisClient,
  guard: GuardOptions | undefined,
): { client: RedisClient; scripts: ScriptRunner } {
  const client = connectRedisClient(native)
  return { client, scripts: createScriptRunner(client, guard) }
}

function requireSecret(options: ExpressSessionStoreOptions): string | readonly string[] {
  const secret = options.secret ?? readEnvironment(options.env ?? process.env).sessionSecrets
  if (secret !== undefined) return secret
  throw new ConfigError(
    'ERR_SECRET_WEAK',
    '`secret` is missing. Set `SESSION_SECRET_KEY` or the option: 32 characters or more, such as `openssl rand -base64 33` makes.',
  )
}
