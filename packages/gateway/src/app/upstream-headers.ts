import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { withoutOwnCookies } from '../identity/cookies.ts'
import type { Person } from '../identity/person.ts'
import type { App } from './apps.ts'
import type { Client } from './visitors.ts'

/** Without these it would be another request, whatever Connection says. */
const essential = new Set(['host', 'content-length', 'transfer-encoding'])

/**
 * The headers that an app is asked with: those of the client that are the client's to say, and what
 * the gateway knows about it. Host and Origin stay as they are.
 */
export async function upstreamHeaders(
  { headers }: IncomingMessage,
  { screen, identity, settings }: App,
  { client, person }: { readonly client: Client; readonly person: Person | null },
): Promise<IncomingHttpHeaders> {
  const passed: IncomingHttpHeaders = {}
  const ofConnection = new Set((headers.connection ?? '').toLowerCase().split(/\s*,\s*/))
  for (const [name, value] of Object.entries(headers)) {
    const isEssential = essential.has(name)
    if (isEssential || !(screen.isRefused(name) || ofConnection.has(name))) passed[name] = value
  }
  const cookie = withoutOwnCookies(headers.cookie)
  if (cookie === undefined) delete passed.cookie
  else passed.cookie = cookie
  const host = headers.host ?? ''
  passed['x-forwarded-for'] = client.ip
  passed['x-real-ip'] = client.ip
  passed['x-forwarded-proto'] = client.isSecure ? 'https' : 'http'
  passed['x-forwarded-host'] = host
  if (settings.isStripped && settings.base !== '') passed['x-forwarded-prefix'] = settings.base
  // Nobody is better told by no header than by an empty one.
  return person === null ? passed : Object.assign(passed, await identity.headersFor(person))
}
