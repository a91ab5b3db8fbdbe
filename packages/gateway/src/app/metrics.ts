import type { Cloakroom } from 'cloakroom'
import { createMetrics, startMetricsServer } from 'cloakroom/prometheus'
import * as client from 'prom-client'
import type { GatewaySettings } from '../config/settings.ts'
import type { App } from './apps.ts'

/** Figures for Prometheus, on a port of their own. */
export interface MetricsEndpoint {
  /** Resolves with the address, or null where there are to be none. */
  listen(): Promise<string | null>
  close(): Promise<void>
}

/** Makes a {@link MetricsEndpoint}, where the settings say so. */
export function createMetricsEndpoint(
  { cloakroom, apps }: { readonly cloakroom: Cloakroom; readonly apps: readonly App[] },
  address: GatewaySettings['metrics'],
): MetricsEndpoint {
  let close = async (): Promise<void> => undefined
  return {
    async listen() {
      if (address === null) return null
      const register = new client.Registry()
      client.collectDefaultMetrics({ register })
      const metrics = createMetrics(cloakroom, { client, register })
      addAppGauges(apps, register)
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

function addAppGauges(apps: readonly App[], register: client.Registry): void {
  const addGauge = (name: string, help: string, read: (app: App) => number): void => {
    new client.Gauge({
      name: `cloakroom_gateway_${name}`,
      help,
      labelNames: ['app'],
      registers: [register],
      collect() {
        for (const app of apps) this.set({ app: app.settings.name }, read(app))
      },
    })
  }
  addGauge('websockets', 'WebSockets that are open.', ({ connections }) => connections.size)
  addGauge('app_up', 'Whether one replica at least is well.', ({ upstreams }) =>
    upstreams.isWell() ? 1 : 0,
  )
}
