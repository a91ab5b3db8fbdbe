import type { ConnectSigner } from '../../crypto/connect-signature.ts'
import { parseCookies } from '../../http/cookie.ts'
import type { SessionRequest } from './request.ts'
import { deprecate } from './warning.ts'

/** Marks a signed value, as cookie-parser knows it. */
const mark = 's:'

/**
 * The session id that came with a request, or undefined when none was signed.
 *
 * Of several cookies of the name, the first with a good signature counts: another host of the domain
 * can put a worthless one in front.
 */
export function readSessionId(
  request: SessionRequest,
  name: string,
  signer: ConnectSigner,
): string | undefined {
  for (const cookie of parseCookies(request.headers.cookie ?? '')) {
    const id = cookie.name === name ? unsign(unquote(cookie.value), signer) : undefined
    if (id !== undefined) return id
  }
  return readParsedId(request, name, signer)
}

/** The cookie's value for a session id. */
export function writeSessionId(id: string, signer: ConnectSigner): string {
  return mark + signer.sign(id)
}

/** Some hosts put parsed cookies on the request and no header. */
function readParsedId(
  { cookies, signedCookies }: SessionRequest,
  name: string,
  signer: ConnectSigner,
): string | undefined {
  const signed = signedCookies?.[name]
  const value = cookies?.[name]
  const id = typeof signed === 'string' && signed !== '' ? signed : unsign(value, signer)
  if (id !== undefined) {
    deprecate('COOKIES', 'The session cookie was not in `req.headers.cookie`. Leave it there.')
  }
  return id
}

function unsign(value: unknown, signer: ConnectSigner): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(mark)) return undefined
  return signer.unsign(value.slice(mark.length)) || undefined
}

/** RFC 6265, section 4.1.1: a value may stand in quotes. */
function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value
}
