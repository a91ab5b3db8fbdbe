import type { ResponseHead } from './exchange.ts'

/** The head of a Response that the handler has not made yet. */
export interface FetchHead extends ResponseHead {
  /** Goes on with the response of the handler. What that sets itself takes the place of ours. */
  adopt(response: Response): Response
}

/** Makes a {@link FetchHead}. */
export function createFetchHead(): FetchHead {
  let headers = new Headers()
  let status = 200
  return {
    isSent: () => false,
    status: () => status,
    get: name => headers.get(name) ?? undefined,
    set: (name, value) => headers.set(name, value),
    remove: name => headers.delete(name),
    cookies: () => headers.getSetCookie(),
    setCookies(lines) {
      headers.delete('set-cookie')
      for (const line of lines) headers.append('set-cookie', line)
    },
    adopt(response) {
      const own = asMutable(response)
      for (const [name, value] of headers) {
        if (!own.headers.has(name)) own.headers.set(name, value)
      }
      headers = own.headers
      status = own.status
      return own
    },
  }
}

/** Responses of `fetch` and `Response.redirect` refuse changes. */
function asMutable(response: Response): Response {
  try {
    response.headers.delete('x-cloakroom')
    return response
  } catch {
    return new Response(response.body, response)
  }
}
