import type { IncomingMessage } from 'node:http'
import type { Site } from '../routing/site.ts'
import type { Target } from '../routing/target.ts'
import { ownBase } from './engine.ts'
import type { Visitors } from './visitors.ts'

const signInPage = `${ownBase}/login`

/**
 * Finds sign-ins that come late: with ten tabs open, whoever signs in by one is signed in by all.
 *
 * The form of another tab is of no more use then, and would be refused as outdated. Its page is loaded
 * again instead, which leads on to where that tab was to go.
 */
export function createLateSignIns({ site, visitors }: { site: Site; visitors: Visitors }) {
  return async (request: IncomingMessage, { path }: Target): Promise<string | null> => {
    const { method = 'GET', headers } = request
    if (method !== 'POST' || path !== signInPage || site.isForeign(method, headers)) return null
    const options = { isPassive: true, isSensitive: false }
    const { session } = await visitors.read(request, visitors.locate(request), options)
    return session === null ? null : pageOf(headers.referer)
  }
}

/** The page that the form stands on, as far as it is the one for signing in. */
function pageOf(referer: string | undefined): string {
  const page = referer !== undefined && URL.canParse(referer) ? new URL(referer) : null
  return page?.pathname === signInPage ? `${page.pathname}${page.search}` : signInPage
}
