import { ConfigError } from '../core/errors.ts'
import type { ClientAddress } from './address.ts'

/**
 * Checks a list of origins, such as `https://app.example.org`.
 *
 * Each must be written exactly as browsers send it, since it is compared as a text: parsing what a
 * client sends and comparing hosts would take `https://evil@app.example.org` for the site.
 *
 * @param name the setting, for the message.
 * @throws {ConfigError} saying how to spell the origin at fault.
 */
export function parseOrigins(
  setting: string | readonly string[] | undefined,
  name: string = 'origins',
): readonly string[] {
  const origins = typeof setting === 'string' ? [setting] : (setting ?? [])
  for (const origin of origins) requireOrigin(origin, name)
  return [...new Set(origins)]
}

/**
 * The origin that a request was sent to, or null when its host is missing or malformed.
 *
 * Only for when no origin is configured: behind a proxy that ends TLS and is not trusted, this is
 * `http://…` while browsers speak of `https://…`.
 */
export function ownOrigin(client: Pick<ClientAddress, 'isSecure' | 'host'>): string | null {
  if (client.host === null) return null
  const defaultPort = client.isSecure ? /:443$/ : /:80$/
  return `${client.isSecure ? 'https' : 'http'}://${client.host.replace(defaultPort, '')}`
}

function requireOrigin(origin: unknown, name: string): void {
  const canonical = typeof origin === 'string' ? canonicalOrigin(origin) : null
  if (canonical !== null && canonical === origin) return
  const advice =
    canonical === null
      ? 'Write scheme and host, such as `https://app.example.org`; wildcards are not possible.'
      : `Write \`${canonical}\`.`
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` holds ${JSON.stringify(origin)}, which is no origin as browsers send it. ${advice}`,
  )
}

function canonicalOrigin(text: string): string | null {
  if (!URL.canParse(text) || text.includes('*')) return null
  const { protocol, origin } = new URL(text)
  return protocol === 'https:' || protocol === 'http:' ? origin : null
}
