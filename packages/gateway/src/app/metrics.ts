import type { Cloakroom } from 'cloakroom'
import { createMetrics, startMetricsServer } from 'cloakroom/prometheus'
import * as client from 'prom-client'
import type { GatewaySettings } from '../config/settings.ts'

/** Figures for Prometheus, on a port of their own. */
export interface MetricsEndpoint {
  /** Resolves with the address, or null where there are to be none. */
  listen(): Promise<string | null>
  close(): Promise<void>
}

/** Makes a {@link MetricsEndpoint}, where the settings say so. */
export function createMetricsEndpoint(
  cloakroom: Cloakroom,
  address: GatewaySettings['metrics'],
): MetricsEndpoint {
  let close = async (): Promise<void> => undefined
  return {
    async listen() {
      if (address === null) return null
      const register = new client.Registry()
      client.collectDefaultMetrics({ register })
      const metrics = createMetrics(cloakroom, { client, register })
      const server = await startMetricsServer({ ...address, register })
      close = async () => {
        metrics.close()
        await server.close()
      }
      return server.url
    },
    close: () => close(),
  }
}
