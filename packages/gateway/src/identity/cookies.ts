/** Every cookie of Cloakroom begins with this, after the prefix that browsers look at. */
const ownCookie = /^(?:__(?:Host-Http|Host|Http|Secure)-)?cloakroom(?:-[\w-]+)?$/i

/**
 * Takes our cookies out of a Cookie header, and leaves the others as they are, byte for byte;
 * undefined when nothing is left.
 */
export function withoutOwnCookies(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const pairs = header.split(';').filter(pair => !isOwn(pair))
  const left = pairs.join(';').trim()
  return left === '' ? undefined : left
}

/** Whether an app tries to set one of our cookies. */
export function setsOwnCookie(line: string): boolean {
  return isOwn(line.split(';', 1)[0] ?? '')
}

function isOwn(pair: string): boolean {
  return ownCookie.test((pair.split('=', 1)[0] ?? '').trim())
}
