import type { IncomingHttpHeaders } from 'node:http'

/** Where a request may come from. */
export interface Site {
  /** Whether it was sent to the site at all, and not to another name of this machine. */
  isOwnHost(headers: IncomingHttpHeaders): boolean
  /** Whether a page of another site may have caused it. */
  isForeign(method: string, headers: IncomingHttpHeaders): boolean
  /** Whether an upgrade comes from a page of this site. Browsers always say; others must as well. */
  isOwnOrigin(headers: IncomingHttpHeaders): boolean
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Makes a {@link Site} of its origins, as browsers write them. */
export function createSite(origins: readonly string[]): Site {
  const allowed = new Set(origins)
  const hosts = new Set(origins.map(origin => new URL(origin).host))
  const defaultPort = origins.every(origin => origin.startsWith('https:')) ? /:443$/ : /:80$/
  return {
    isOwnHost: ({ host }) => hosts.has((host ?? '').toLowerCase().replace(defaultPort, '')),
    isOwnOrigin: ({ origin }) => origin !== undefined && allowed.has(origin),
    isForeign(method, { origin, 'sec-fetch-site': site }) {
      if (safeMethods.has(method)) return false
      if (origin !== undefined) return !allowed.has(origin)
      return site !== undefined && site !== 'same-origin' && site !== 'none'
    },
  }
}
