import type { GatewaySettings } from '../../config/settings.ts'
import { identityHeaders } from '../../identity/names.ts'
import { gatewayAddress } from './address.ts'

/** What apps may take for the word of a proxy, and nginx passes on as clients wrote it. */
const clearing = [
  'Forwarded',
  'X-Real-IP',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Uri',
  'X-Original-URI',
  'X-Original-URL',
  'X-Original-Method',
  'X-Rewrite-URL',
  'X-HTTP-Method-Override',
]
  .map(name => `    proxy_set_header ${name} '';`)
  .join('\n')

/** A server of nginx that asks the gateway by `auth_request`. */
export function nginxSnippet(settings: GatewaySettings): string {
  const gateway = gatewayAddress(settings)
  const { host } = new URL(settings.origins[0])
  const names = [
    ...Object.values(identityHeaders),
    ...settings.apps.flatMap(({ aliases }) => Object.keys(aliases)),
  ]
  const variable = (name: string): string => `$cloakroom_${name.toLowerCase().replaceAll('-', '_')}`
  const upstream = (name: string): string =>
    `$upstream_http_${name.toLowerCase().replaceAll('-', '_')}`
  const apps = settings.apps.map(
    ({ base, isStripped, upstreams }) => `
  location ${base}/ {
    auth_request /_cloakroom/auth-request;
${names.map(name => `    auth_request_set ${variable(name)} ${upstream(name)};`).join('\n')}
    auth_request_set $cloakroom_cookie $upstream_http_cookie;
    auth_request_set $cloakroom_sign_in $upstream_http_x_cloakroom_sign_in;
    error_page 401 = @cloakroom_sign_in;

    # Whatever the client sent by these names is replaced, by nothing if need be.
${names.map(name => `    proxy_set_header ${name} ${variable(name)};`).join('\n')}
    proxy_set_header Cookie $cloakroom_cookie;
    proxy_set_header Host $http_host;
${clearing}
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $cloakroom_connection;
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_request_buffering off;
    client_max_body_size 0;
    proxy_pass ${upstreams[0]?.origin}${isStripped ? '/' : ''};
  }`,
  )
  return `# Within http { }. In this mode nginx passes WebSockets on itself: they are checked when they are
# opened, and not closed when their session ends. Put the gateway in between for that.
map $http_upgrade $cloakroom_connection {
  default upgrade;
  '' '';
}

server {
  listen 443 ssl;
  server_name ${host};

  location /_cloakroom/ {
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Host '';
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $cloakroom_connection;
    proxy_http_version 1.1;
    proxy_pass ${gateway};
  }

  location = /_cloakroom/auth-request {
    internal;
    proxy_pass_request_body off;
    proxy_set_header Content-Length '';
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host '';
    proxy_set_header X-Original-URI $request_uri;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Original-Upgrade $http_upgrade;
    proxy_pass ${gateway};
  }

  location @cloakroom_sign_in {
    default_type application/problem+json;
    add_header Cache-Control no-store always;
    if ($cloakroom_sign_in) {
      return 302 $cloakroom_sign_in;
    }
    return 401 '{"status":401,"code":"ERR_UNAUTHENTICATED","message":"You are not signed in. Load the page to sign in."}';
  }
${apps.join('\n')}
}
`
}
