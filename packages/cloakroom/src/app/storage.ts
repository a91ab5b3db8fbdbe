import type { AuditStore } from '../audit/store.ts'
import type { Clock } from '../core/clock.ts'
import { systemClock } from '../core/clock.ts'
import { ConfigError } from '../core/errors.ts'
import type { EventSink } from '../events/event.ts'
import type { Meter } from '../events/meter.ts'
import type { CounterStore } from '../protection/counter-store.ts'
import type { LockerStore } from '../sessions/locker-store.ts'
import type { SessionStore } from '../sessions/store.ts'
import { createMemoryAudit } from '../stores/memory/audit.ts'
import { createMemoryCounters } from '../stores/memory/counters.ts'
import { createMemoryLockers } from '../stores/memory/lockers.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { createRedisAudit } from '../stores/redis/audit.ts'
import { createRedisCounters } from '../stores/redis/counters.ts'
import { connectRedisClient } from '../stores/redis/driver-recognize.ts'
import { checkHealth, type RedisHealth } from '../stores/redis/health.ts'
import { createKeys } from '../stores/redis/keys.ts'
import { createRedisLockers } from '../stores/redis/lockers.ts'
import { createScriptRunner } from '../stores/redis/script.ts'
import { createRedisSessions } from '../stores/redis/sessions.ts'
import type { CloakroomOptions } from './options.ts'

/** Where everything is kept. */
export interface Storage {
  /** For messages: `memory`, or the client and topology. */
  readonly description: string
  readonly sessions: SessionStore
  readonly counters: CounterStore
  readonly audit: AuditStore
  readonly lockers: LockerStore
  /** Whether Redis can be reached and is set up well; null for memory. */
  checkHealth(): Promise<RedisHealth | null>
  /** Closes what was opened here. Your own client stays open. */
  close(): void
}

/** Opens the storage that the options name. @throws {ConfigError} naming the setting at fault. */
export function openStorage(
  options: Pick<CloakroomOptions, 'redis' | 'memory' | 'redisGuard' | 'prefix' | 'clock'>,
  { events, meter, isProduction }: { events: EventSink; meter: Meter; isProduction: boolean },
): Storage {
  const prefix = requirePrefix(options.prefix ?? 'cr:')
  if (options.redis !== undefined) return openRedis(options, prefix, { events, meter })
  if (isProduction && options.memory !== true) {
    throw new ConfigError(
      'ERR_OPTION_INVALID',
      '`redis` is missing. Pass a client, or set `memory: true` if this is the only process and its sessions may be lost.',
    )
  }
  const clock = options.clock ?? systemClock
  return {
    description: 'memory',
    sessions: createMemorySessions({ clock }),
    counters: createMemoryCounters({ clock }),
    audit: createMemoryAudit({ clock }),
    lockers: createMemoryLockers({ clock }),
    checkHealth: async () => null,
    close: () => undefined,
  }
}

function openRedis(
  options: Pick<CloakroomOptions, 'redis' | 'redisGuard' | 'clock'>,
  prefix: string,
  { events, meter }: { events: EventSink; meter: Meter },
): Storage {
  const client = connectRedisClient(options.redis)
  const scripts = createScriptRunner(client, {
    ...options.redisGuard,
    meter,
    onUnavailable: isUnavailable => {
      meter.tell({ kind: 'breaker', isOpen: isUnavailable })
      if (isUnavailable) events.emit({ type: 'store_unavailable', reason: 'unreachable' })
    },
  })
  const clock: { clock?: Clock } = options.clock === undefined ? {} : { clock: options.clock }
  const keys = createKeys(prefix)
  return {
    description: client.description,
    sessions: createRedisSessions({ scripts, keys, ...clock }),
    counters: createRedisCounters({ scripts, prefix, ...clock }),
    audit: createRedisAudit({ scripts, prefix }),
    lockers: createRedisLockers({ scripts, keys }),
    checkHealth: () => checkHealth(scripts),
    close: () => client.close(),
  }
}

/** @throws {ConfigError} when Redis would misread it. */
export function requirePrefix(prefix: string): string {
  if (/^[\w:.-]*$/.test(prefix)) return prefix
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    '`prefix` may hold letters, digits and `:`, `-`, `_`, `.` only: braces and wildcards mean something to Redis.',
  )
}
