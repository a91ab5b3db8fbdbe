import type { IdentityField } from '../config/config.ts'

/** The headers that tell the app who somebody is. */
export const identityHeaders: Readonly<Record<IdentityField, string>> = {
  user: 'x-cloakroom-user',
  email: 'x-cloakroom-email',
  name: 'x-cloakroom-name',
  roles: 'x-cloakroom-roles',
  session: 'x-cloakroom-session',
  jwt: 'x-cloakroom-jwt',
}

/** What proxies say about a request, and some apps believe: only the gateway may say it. */
const forwardedHeaders = new Set([
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-original-url',
  'x-original-uri',
  'x-original-host',
  'x-original-method',
  'x-rewrite-url',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
])

/** About the connection alone (RFC 9110, section 7.6.1): the next one has its own. */
const connectionHeaders = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'proxy-authorization',
])

/** Which headers of a client an app must never see. */
export interface HeaderScreen {
  isRefused(name: string): boolean
}

/**
 * Makes a {@link HeaderScreen}.
 *
 * Servers that hand headers on as variables take `X_Cloakroom_User`, and some `X.Cloakroom.User`, for
 * `X-Cloakroom-User`: names are compared as such servers see them.
 */
export function createHeaderScreen(aliases: readonly string[] = []): HeaderScreen {
  const own = new Set(aliases.map(foldName))
  const known = new Map<string, boolean>()

  function judge(name: string): boolean {
    const folded = foldName(name)
    return (
      folded.startsWith('x-cloakroom-') ||
      folded.startsWith('x-forwarded-') ||
      own.has(folded) ||
      forwardedHeaders.has(folded) ||
      connectionHeaders.has(folded)
    )
  }

  return {
    isRefused(name) {
      const found = known.get(name)
      if (found !== undefined) return found
      const isRefused = judge(name)
      if (known.size < maxKnown) known.set(name, isRefused)
      return isRefused
    },
  }
}

/** Browsers send the same few names with each request. Whoever makes names up has them judged anew. */
const maxKnown = 500

function foldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}
