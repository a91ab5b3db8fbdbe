import type { MeasuredCloakroom } from './measured.ts'
import type { DefineMetric, PrometheusClient } from './prometheus-client.ts'
import { createSessionCensus } from './session-census.ts'

/** Metrics that are counted elsewhere, and read when somebody asks. */
export function readCounts(
  cloakroom: MeasuredCloakroom,
  client: PrometheusClient,
  base: DefineMetric,
): void {
  const cache = cloakroom.sessions.nearCache
  const trail = cloakroom.auditTrail
  const counters: [string, string, () => number][] = [
    [
      'cloakroom_listener_failures_total',
      'Listeners of events that failed, such as an audit log that cannot be written.',
      () => cloakroom.events.failureCount(),
    ],
  ]
  const gauges: [string, string, () => number][] = []
  if (cache !== null) {
    counters.push(
      ['cloakroom_near_cache_hits_total', 'Sessions from memory.', () => cache.stats().hits],
      ['cloakroom_near_cache_misses_total', 'Not in memory.', () => cache.stats().misses],
      [
        'cloakroom_near_cache_invalidations_total',
        'Changes that were heard.',
        () => cache.stats().invalidations,
      ],
    )
    gauges.push(
      ['cloakroom_near_cache_entries', 'Sessions in memory now.', () => cache.stats().size],
      [
        'cloakroom_near_cache_alive',
        '1 while every change is proven to be heard.',
        () => Number(cache.stats().isAlive),
      ],
    )
  }
  if (trail !== null) {
    counters.push([
      'cloakroom_audit_dropped_total',
      'Events that the audit trail lost because too many waited.',
      () => trail.counts().dropped,
    ])
    gauges.push([
      'cloakroom_audit_pending',
      'Events that wait for the audit trail.',
      () => trail.counts().pending,
    ])
  }
  for (const [name, help, read] of counters) {
    const counter = new client.Counter({
      ...base(name, help),
      collect() {
        counter.reset()
        counter.inc(read())
      },
    })
  }
  for (const [name, help, read] of gauges) {
    const gauge = new client.Gauge({
      ...base(name, help),
      collect() {
        gauge.set(read())
      },
    })
  }
}

/** How Redis is; one question to it for each look. */
export function readRedis(
  cloakroom: MeasuredCloakroom,
  client: PrometheusClient,
  base: DefineMetric,
): void {
  const used = new client.Gauge(base('cloakroom_redis_memory_used_bytes', 'Memory Redis takes.'))
  const most = new client.Gauge(
    base('cloakroom_redis_memory_max_bytes', 'Memory Redis may take; 0 for all there is.'),
  )
  const evicted = new client.Gauge(
    base('cloakroom_redis_evicted_keys', 'Keys Redis gave up for want of memory.'),
  )
  const up = new client.Gauge({
    ...base('cloakroom_redis_up', '1 while Redis answers and takes writes.'),
    async collect() {
      const health = await cloakroom.checkHealth()
      if (health === null) return
      up.set(Number(health.ok))
      used.set(health.usedMemoryBytes ?? 0)
      most.set(health.maxMemoryBytes ?? 0)
      evicted.set(health.evictedKeys ?? 0)
    },
  })
}

/** How many sessions are alive. */
export function readSessions(
  cloakroom: MeasuredCloakroom,
  client: PrometheusClient,
  base: DefineMetric,
): void {
  const census = createSessionCensus(cloakroom.sessions)
  const gauge = new client.Gauge({
    ...base('cloakroom_active_sessions', 'Living sessions, by the key that sealed them.'),
    labelNames: ['key_id'],
    collect() {
      gauge.reset()
      for (const [key_id, count] of census.latest()) gauge.set({ key_id }, count)
    },
  })
}
