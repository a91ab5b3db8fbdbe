import type { HeaderList } from './headers.ts'

/** What a response has done with cookies, and the headers it carries so far. */
export interface CachedResponse {
  /** Whether the session was read, so that the content may be about one person. */
  readonly sessionRead: boolean
  /** Whether a Set-Cookie line of ours is on it. */
  readonly cookieWritten: boolean
  readonly existing: {
    readonly cacheControl?: string | undefined
    readonly vary?: string | undefined
  }
}

/** What to change so that no cache gives one person's response to another. */
export interface CacheChanges {
  readonly set: HeaderList
  readonly remove: readonly string[]
}

/**
 * Headers that caches in front of the server put above Cache-Control, and those by which a browser
 * would be told that the response, and with it the Set-Cookie, is nothing new.
 */
const overriding = [
  'cdn-cache-control',
  'surrogate-control',
  'cloudflare-cdn-cache-control',
  'vercel-cdn-cache-control',
  'expires',
  'etag',
  'last-modified',
]

const unchanged: CacheChanges = { set: [], remove: [] }

/**
 * Decides how a response may be cached.
 *
 * One that writes a cookie is never stored: a cache that kept the Set-Cookie would sign the next
 * visitor in as the last one. One that only read the session is not stored either, unless the
 * application itself said `private` or `no-store`; then that stays, with `Vary: Cookie`.
 */
export function cacheHeadersFor(response: CachedResponse): CacheChanges {
  const { sessionRead, cookieWritten, existing } = response
  if (!sessionRead && !cookieWritten) return unchanged
  if (!cookieWritten && isPrivate(existing.cacheControl)) {
    return { set: [['vary', appendVary(existing.vary, ['Cookie'])]], remove: [] }
  }
  return { set: [['cache-control', 'private, no-store']], remove: overriding }
}

/** Adds names to a Vary header, each once. `*` stays alone. */
export function appendVary(existing: string | undefined, names: readonly string[]): string {
  const present = (existing ?? '').split(',').flatMap(name => name.trim() || [])
  if (present.includes('*')) return '*'
  const lower = new Set(present.map(name => name.toLowerCase()))
  return [...present, ...names.filter(name => !lower.has(name.toLowerCase()))].join(', ')
}

function isPrivate(cacheControl: string | undefined): boolean {
  if (cacheControl === undefined) return false
  const directives = cacheControl.toLowerCase().split(',')
  const names = directives.map(directive => directive.trim())
  if (names.some(name => name === 'public' || name.startsWith('s-maxage'))) return false
  return names.includes('private') || names.includes('no-store')
}
