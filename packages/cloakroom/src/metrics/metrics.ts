import type * as PromClient from 'prom-client'
import { refuseUnknown } from '../core/options.ts'
import type { DatedEvent } from '../events/event.ts'
import { type EventCounterRule, eventCounters } from './event-counters.ts'
import { createLabelLimit } from './label-limit.ts'
import { countMeasures, watchLoop } from './measure-metrics.ts'
import type { MeasuredCloakroom } from './measured.ts'
import type { DefineMetric, PrometheusClient } from './prometheus-client.ts'
import { readCounts, readRedis, readSessions } from './reading-metrics.ts'

/** Settings of {@link createMetrics}. */
export interface MetricsOptions {
  /** What `import * as client from 'prom-client'` gives. */
  readonly client: PrometheusClient
  /** Where the metrics are entered. @default the registry of the client */
  readonly register?: PromClient.Registry | undefined
  /**
   * Counts living sessions in the background: a twentieth of the time at most goes into it.
   * @default true
   */
  readonly countSessions?: boolean | undefined
}

/** The metrics of one Cloakroom. */
export interface Metrics {
  readonly register: PromClient.Registry
  /** Takes the metrics out again, and listens no more. */
  close(): void
}

/**
 * Enters the metrics of a Cloakroom into a registry of `prom-client`.
 *
 * @example
 * const { register } = createMetrics(cloakroom, { client })
 * await startMetricsServer({ port: 9464, register })
 */
export function createMetrics(cloakroom: MeasuredCloakroom, options: MetricsOptions): Metrics {
  refuseUnknown('createMetrics', options, ['client', 'register', 'countSessions'])
  const { client, register = client.register, countSessions = true } = options
  const made: string[] = []
  const base: DefineMetric = (name, help) => {
    made.push(name)
    return { name, help, registers: [register] }
  }
  const ends = [
    ...eventCounters.map(rule => countEvents(cloakroom, client, { rule, base })),
    countMeasures(cloakroom, client, base),
    watchLoop(client, base),
  ]
  readCounts(cloakroom, client, base)
  readRedis(cloakroom, client, base)
  if (countSessions) readSessions(cloakroom, client, base)
  return {
    register,
    close() {
      for (const end of ends) end()
      for (const name of made) register.removeSingleMetric(name)
    },
  }
}

function countEvents(
  { events }: MeasuredCloakroom,
  client: PrometheusClient,
  { rule, base }: { readonly rule: EventCounterRule; readonly base: DefineMetric },
): () => void {
  const { name, help, types, labels, zeroes = [] } = rule
  const labelNames = Object.keys(labels)
  const counter = new client.Counter({ ...base(name, help), labelNames })
  for (const zero of zeroes) counter.inc(zero, 0)
  const limits = new Map(labelNames.map(label => [label, createLabelLimit()]))
  function count(event: DatedEvent): void {
    const values = Object.entries(labels).map(([label, read]) => {
      const value = read(event)
      return [label, limits.get(label)?.(value) ?? value]
    })
    counter.inc(Object.fromEntries(values))
  }
  if (types.length === 0) return events.on(count)
  const ends = types.map(type => events.on(type, count))
  return () => {
    for (const end of ends) end()
  }
}
