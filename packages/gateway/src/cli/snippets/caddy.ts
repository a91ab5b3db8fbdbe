import type { GatewaySettings } from '../../config/settings.ts'
import { identityHeaders } from '../../identity/names.ts'
import { gatewayAddress } from './address.ts'

/** A Caddyfile that asks the gateway by `forward_auth`. */
export function caddySnippet(settings: GatewaySettings): string {
  const gateway = gatewayAddress(settings).replace('http://', '')
  const aliases = settings.apps.flatMap(app => Object.keys(app.aliases))
  const names = [...Object.values(identityHeaders), ...aliases]
  const apps = settings.apps.map(
    ({
      base,
      isStripped,
      upstreams,
    }) => `  ${isStripped && base !== '' ? 'handle_path' : 'handle'} ${base}/* {
${names.map(name => `    request_header -${name}`).join('\n')}
    forward_auth ${gateway} {
      uri /_cloakroom/forward-auth
      copy_headers ${names.join(' ')} Cookie
    }
    reverse_proxy ${upstreams.map(({ host }) => host).join(' ')}
  }`,
  )
  return `${new URL(settings.origins[0]).host} {
  # The endpoint that Caddy asks is not for clients.
  handle /_cloakroom/forward-auth* {
    respond 404
  }
  handle /_cloakroom/* {
    reverse_proxy ${gateway}
  }
${apps.join('\n')}
}
`
}
