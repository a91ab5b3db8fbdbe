import type * as PromClient from 'prom-client'

/** The package `prom-client`, as it is imported. */
export type PrometheusClient = Pick<
  typeof PromClient,
  'Counter' | 'Gauge' | 'Histogram' | 'register'
>

/** Begins the definition of a metric, and remembers its name. */
export type DefineMetric = (
  name: string,
  help: string,
) => {
  readonly name: string
  readonly help: string
  readonly registers: PromClient.Registry[]
}
