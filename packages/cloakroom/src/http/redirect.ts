/** Options of {@link safeRedirectPath}. */
export interface RedirectOptions {
  /** Origins that may also be gone to, checked by `parseOrigins`. @default none */
  readonly origins?: readonly string[] | undefined
  /** Where to go instead of a target that is refused. @default '/' */
  readonly fallback?: string | undefined
}

const base = 'https://cloakroom.invalid'
const maxLength = 2048

/**
 * Where to send a browser that asked to go to `target`, which anybody may have written.
 *
 * Answers a path on this site, a URL of one of the allowed origins, or the fallback. The target is
 * parsed the way a browser does it, and what comes back is what the parser made of it: a filter on
 * texts misses that browsers skip tabs and line breaks, take `\` for `/`, and read `/.//evil.test`
 * as a path that itself begins with `//`.
 */
export function safeRedirectPath(target: unknown, options: RedirectOptions = {}): string {
  const { origins = [], fallback = '/' } = options
  if (typeof target !== 'string' || target.length > maxLength) return fallback
  if (hasTraps(target) || !URL.canParse(target, base)) return fallback
  const url = new URL(target, base)
  if (target.startsWith('/')) {
    const path = `${url.pathname}${url.search}${url.hash}`
    return url.origin === base && !path.startsWith('//') ? path : fallback
  }
  const isPlain = url.username === '' && url.password === '' && /^https?:\/\//i.test(target)
  return isPlain && origins.includes(url.origin) ? url.href : fallback
}

// Backslashes, and the control characters that URL parsers skip. No honest target holds one.
function hasTraps(target: string): boolean {
  for (let index = 0; index < target.length; index += 1) {
    const code = target.charCodeAt(index)
    if (code <= 0x1f || code === 0x7f || code === 0x5c) return true
  }
  return false
}
