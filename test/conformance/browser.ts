import { once } from 'node:events'
import { Agent, type IncomingMessage, request as send } from 'node:http'
import { Readable } from 'node:stream'

/** What a browser sends besides its cookies. */
export interface Sending {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

/** Something like a browser: it keeps cookies, follows nothing, and counts as the site's own page. */
export interface Browser {
  readonly jar: Map<string, string>
  /** Resolves when the headers have arrived. */
  send(path: string, sending?: Sending): Promise<Response>
  post(path: string, body?: Record<string, string>): Promise<Response>
  /** Gets JSON. */
  read(path: string): Promise<unknown>
  /** Another window with the same cookies, which go separate ways from here on. */
  clone(): Browser
}

const agent = new Agent({ keepAlive: true })

/** Makes a {@link Browser}. `fetch` would not do: it says itself what kind of request it sends. */
export function createBrowser(origin: string, cookies: Iterable<[string, string]> = []): Browser {
  const jar = new Map(cookies)

  async function sendOne(path: string, sending: Sending = {}): Promise<Response> {
    const { method = 'GET', body, signal } = sending
    const cookie = [...jar].map(pair => pair.join('=')).join('; ')
    const headers = {
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
      accept: 'application/json',
      ...(cookie !== '' && { cookie }),
      ...sending.headers,
    }
    const options = { agent, method, headers, ...(signal !== undefined && { signal }) }
    const request = send(origin + path, options).end(body)
    const [message] = (await once(request, 'response')) as [IncomingMessage]
    const response = toResponse(message)
    for (const line of response.headers.getSetCookie()) keep(line)
    return response
  }

  function keep(line: string): void {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    if (/max-age=0/i.test(line)) jar.delete(pair.slice(0, at))
    else jar.set(pair.slice(0, at), pair.slice(at + 1))
  }

  return {
    jar,
    send: sendOne,
    post: (path, body = {}) =>
      sendOne(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    read: async path => (await sendOne(path)).json(),
    clone: () => createBrowser(origin, jar),
  }
}

/** The names of the cookies that an answer sets, line by line and without prefixes. */
export function cookieNames(response: Response): string[] {
  const names = response.headers.getSetCookie().map(line => line.split('=', 1)[0] ?? '')
  return names.map(name => name.replace(/^__Host-(Http-)?/, ''))
}

function toResponse(message: IncomingMessage): Response {
  const { statusCode: status = 0, rawHeaders } = message
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  }
  const isEmpty = status === 204 || status === 304
  if (isEmpty) message.resume()
  return new Response(isEmpty ? null : (Readable.toWeb(message) as ReadableStream), {
    status,
    headers,
  })
}
