import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Measure } from '../events/meter.ts'
import { createLabelLimit } from './label-limit.ts'
import type { MeasuredCloakroom } from './measured.ts'
import type { DefineMetric, PrometheusClient } from './prometheus-client.ts'

/** A local Redis answers in a tenth of a millisecond, and commands end after a second. */
const latencyBuckets = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]

/** Counts and times what the meter tells. The result ends it. */
export function countMeasures(
  { meter, sessions }: MeasuredCloakroom,
  client: PrometheusClient,
  base: DefineMetric,
): () => void {
  let hitsBefore = sessions.nearCache?.stats().hits ?? 0
  const validations = new client.Counter({
    ...base(
      'cloakroom_session_validations_total',
      'Sessions asked for, by answer; the reason says why there is none, or `memory`.',
    ),
    labelNames: ['result', 'reason'],
    // Counted where they happen, at no cost for each.
    collect() {
      const hits = sessions.nearCache?.stats().hits ?? 0
      validations.inc({ result: 'valid', reason: 'memory' }, hits - hitsBefore)
      hitsBefore = hits
    },
  })
  const conflicts = new client.Counter(
    base(
      'cloakroom_session_conflicts_total',
      'Writes done again because another request was faster.',
    ),
  )
  const openFailures = new client.Counter({
    ...base('cloakroom_open_failures_total', 'Stored values that their key could not open.'),
    labelNames: ['reason', 'key_id'],
  })
  const commands = new client.Histogram({
    ...base('cloakroom_redis_command_seconds', 'How long Redis took, the wait for it included.'),
    labelNames: ['outcome'],
    buckets: latencyBuckets,
  })
  const breaker = new client.Gauge(
    base('cloakroom_redis_breaker_open', '1 while Redis is not asked because it did not answer.'),
  )
  const limitKeyId = createLabelLimit()

  const counts: { [Kind in Measure['kind']]: (of: Extract<Measure, { kind: Kind }>) => void } = {
    validation: ({ result, reason }) => validations.inc({ result, reason: reason || 'none' }),
    conflict: () => conflicts.inc(),
    'open-failure': ({ reason, keyId }) => openFailures.inc({ reason, key_id: limitKeyId(keyId) }),
    command: ({ outcome, seconds }) => commands.observe({ outcome }, seconds),
    breaker: ({ isOpen }) => breaker.set(isOpen ? 1 : 0),
  }
  return meter.on(measure => counts[measure.kind](measure as never))
}

/** Watches how late the event loop is. The result ends it. */
export function watchLoop(client: PrometheusClient, base: DefineMetric): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const gauge = new client.Gauge({
    ...base('cloakroom_event_loop_lag_seconds', 'How late the event loop was since the last look.'),
    labelNames: ['quantile'],
    collect() {
      for (const percent of [50, 99, 100]) {
        const quantile = String(percent / 100)
        gauge.set({ quantile }, delay.percentile(percent) / 1e9)
      }
      delay.reset()
    },
  })
  return () => delay.disable()
}
