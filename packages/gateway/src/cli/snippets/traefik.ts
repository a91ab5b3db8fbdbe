import type { GatewaySettings } from '../../config/settings.ts'
import { identityHeaders } from '../../identity/names.ts'
import { gatewayAddress } from './address.ts'

/** A dynamic configuration of Traefik that asks the gateway by ForwardAuth. */
export function traefikSnippet(settings: GatewaySettings): string {
  const gateway = gatewayAddress(settings)
  const { host } = new URL(settings.origins[0])
  const aliases = settings.apps.flatMap(app => Object.keys(app.aliases))
  const names = [...Object.values(identityHeaders), ...aliases, 'Cookie']
  const routers = settings.apps.map(
    ({ name, base }) => `    ${name}:
      rule: Host(\`${host}\`)${base === '' ? '' : ` && PathPrefix(\`${base}\`)`}
      middlewares: [cloakroom]
      service: ${name}`,
  )
  const services = settings.apps.map(
    ({ name, upstreams }) => `    ${name}:
      loadBalancer:
        servers: [${upstreams.map(({ origin }) => `{ url: '${origin}' }`).join(', ')}]`,
  )
  return `# Every header below is replaced in each request, or taken away when the answer has none.
http:
  middlewares:
    cloakroom:
      forwardAuth:
        address: ${gateway}/_cloakroom/forward-auth
        trustForwardHeader: false
        authResponseHeaders: [${names.join(', ')}]
  routers:
    cloakroom:
      # The endpoint that Traefik asks is not for clients.
      rule: Host(\`${host}\`) && PathPrefix(\`/_cloakroom/\`) && !PathPrefix(\`/_cloakroom/forward-auth\`)
      priority: 1000
      service: cloakroom
${routers.join('\n')}
  services:
    cloakroom:
      loadBalancer:
        servers: [{ url: '${gateway}' }]
${services.join('\n')}
`
}
