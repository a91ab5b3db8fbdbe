import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type * as PromClient from 'prom-client'
import { refuseUnknown, requireInteger } from '../core/options.ts'

/** Settings of {@link startMetricsServer}. */
export interface MetricsServerOptions {
  /** 0 for any that is free. */
  readonly port: number
  /** Metrics tell much about an application: keep them off the internet. @default '127.0.0.1' */
  readonly host?: string | undefined
  /** From {@link createMetrics}. */
  readonly register: Pick<PromClient.Registry, 'metrics' | 'contentType'>
}

/** Metrics on a port of their own. */
export interface MetricsServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves `/metrics` to Prometheus, on a port that the application does not have. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  refuseUnknown('startMetricsServer', options, ['port', 'host', 'register'])
  const { host = '127.0.0.1', register } = options
  const port = requireInteger('startMetricsServer.port', options.port, { min: 0, max: 65_535 })
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    register.metrics().then(
      text => response.writeHead(200, { 'content-type': register.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  server.listen(port, host)
  await once(server, 'listening')
  const { address, family, port: given } = server.address() as AddressInfo
  const name = family === 'IPv6' ? `[${address}]` : address
  return {
    url: `http://${name}:${given}/metrics`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
