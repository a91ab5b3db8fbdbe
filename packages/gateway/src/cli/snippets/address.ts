import type { GatewaySettings } from '../../config/settings.ts'

/** Where other programs reach the gateway. */
export function gatewayAddress({ host, port }: GatewaySettings): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
