import type { GatewaySettings } from '../../config/settings.ts'
import { gatewayAddress } from './address.ts'

/** Settings of Streamlit that let an app know who is signed in. */
export function streamlitSnippet(settings: GatewaySettings): string {
  const app = settings.apps[0]
  const base = app !== undefined && !app.isStripped ? app.base.slice(1) : ''
  return `# .streamlit/config.toml: only the gateway may reach the app, and what it says is believed.
[server]
address = "127.0.0.1"
headless = true${base === '' ? '' : `\nbaseUrlPath = "${base}"`}

[server.trustedUserHeaders]
X-Cloakroom-User = "id"
X-Cloakroom-Email = "email"
X-Cloakroom-Name = "name"
X-Cloakroom-Roles = "roles"

# In the script: st.user.email, st.user.roles. To sign out: st.link_button("Account", "/_cloakroom/account")
`
}

/** Settings of Grafana that let it know who is signed in. */
export function grafanaSnippet(settings: GatewaySettings): string {
  const { host } = new URL(gatewayAddress(settings))
  return `# grafana.ini
[server]
root_url = ${settings.origins[0]}${settings.apps[0]?.base ?? ''}/
http_addr = 127.0.0.1

[auth.proxy]
enabled = true
header_name = X-WEBAUTH-USER
header_property = email
headers = Name:X-WEBAUTH-NAME
auto_sign_up = true
# The gateway listens at ${host}; nothing else may reach Grafana.
whitelist = 127.0.0.1
`
}
