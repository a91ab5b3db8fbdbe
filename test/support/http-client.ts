/** A browser as far as HTTP goes: keeps cookies, follows no redirects, and sends what browsers send. */
export interface HttpClient {
  readonly jar: Map<string, string>
  send(path: string, init?: RequestInit): Promise<Response>
  /** Posts JSON, with the CSRF token that `GET /form` gives. */
  post(path: string, body?: object): Promise<Response>
}

/** Makes an {@link HttpClient} for a server. */
export function createHttpClient(origin: string): HttpClient {
  const jar = new Map<string, string>()

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const sent = { 'sec-fetch-site': 'same-origin', ...(init.headers as object), cookie }
    const response = await fetch(origin + path, { redirect: 'manual', ...init, headers: sent })
    for (const line of response.headers.getSetCookie()) keep(jar, line)
    return response
  }

  async function post(path: string, body: object = {}): Promise<Response> {
    const token = await (await send('/form')).text()
    const headers = { 'content-type': 'application/json', 'x-csrf-token': token }
    return send(path, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  return { jar, send, post }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const [name = '', value = ''] = pair.split('=')
  if (/max-age=0/i.test(line)) jar.delete(name)
  else jar.set(name, value)
}
