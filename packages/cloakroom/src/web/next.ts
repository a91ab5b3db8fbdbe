import { readSetCookie } from '../http/set-cookie.ts'
import type { Exchange } from './exchange.ts'
import { createFetchHead, type FetchHead } from './fetch-head.ts'
import type { NextCookieOptions, NextCookies } from './next-types.ts'

/** Request headers as Next gives them. */
type HeaderReader = Pick<Headers, 'get'>

/** An {@link Exchange} for a server component: its headers have left, so nothing can be set. */
export function pageExchange(headers: HeaderReader): Exchange {
  return {
    method: 'GET',
    path: () => '',
    header: name => headers.get(name) ?? undefined,
    socketAddress: undefined,
    isEncrypted: false,
    body: () => undefined,
    response: { ...createFetchHead(), isSent: () => true },
  }
}

/** An {@link Exchange} for a server action, whose form is among the arguments. */
export function actionExchange(
  headers: HeaderReader,
  args: readonly unknown[],
  head: FetchHead,
): Exchange {
  return {
    ...pageExchange(headers),
    method: 'POST',
    body: () => args.find(each => each instanceof FormData),
    isOriginChecked: true,
    response: head,
  }
}

/** Hands the cookies of a head over to Next. */
export function giveCookies({ cookies }: FetchHead, jar: NextCookies): void {
  for (const line of cookies()) {
    const { name, value, attributes } = readSetCookie(line)
    jar.set(name, value, optionsOf(attributes))
  }
}

function optionsOf(attributes: ReadonlyMap<string, string>): NextCookieOptions {
  const domain = attributes.get('domain')
  const expires = attributes.get('expires')
  const maxAge = attributes.get('max-age')
  const sameSite = attributes.get('samesite')?.toLowerCase()
  return {
    path: attributes.get('path') ?? '/',
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    partitioned: attributes.has('partitioned'),
    ...(domain !== undefined && { domain }),
    ...(expires !== undefined && { expires: new Date(expires) }),
    ...(maxAge !== undefined && { maxAge: Number(maxAge) }),
    ...(sameSite !== undefined && { sameSite: sameSite as 'lax' }),
  }
}

const continuing = ['x-middleware-next', 'x-middleware-rewrite']
const policies = ['content-security-policy', 'content-security-policy-report-only']

/** Takes our policy off where a page of Next follows, whose scripts do not know its nonce. */
export function sparePage(head: FetchHead, response: Response): Response {
  if (continuing.some(name => response.headers.has(name))) policies.forEach(head.remove)
  return response
}
