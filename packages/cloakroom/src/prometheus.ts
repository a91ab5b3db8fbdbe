export type { MeasuredCloakroom } from './metrics/measured.ts'
export {
  createMetrics,
  type Metrics,
  type MetricsOptions,
} from './metrics/metrics.ts'
export type { PrometheusClient } from './metrics/prometheus-client.ts'
export {
  type MetricsServer,
  type MetricsServerOptions,
  startMetricsServer,
} from './metrics/server.ts'
