import {
  type Answered,
  findDeviation,
} from '../../packages/accounts/src/api/conformance.contract.ts'
import { password } from './accounts.ts'
import { type AccountsSite, createAccountsSite } from './accounts-site.ts'

/** An answer of the API. */
export interface ApiAnswer extends Answered {
  readonly headers: Headers
}

/** What a request has otherwise than usual. */
export interface ApiRequest {
  readonly body?: unknown
  /** Sent as it is, instead of `body`. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A browser whose page talks to the API. Every answer is held against the description. */
export interface ApiBrowser {
  readonly jar: Map<string, string>
  /** Method and path below the root, as in `POST /sign-in`. */
  send(asked: string, request?: ApiRequest): Promise<ApiAnswer>
  /** Signs in to an account that is there. */
  signIn(email?: string): Promise<ApiAnswer>
}

const origin = 'https://shop.example'

/** The API of accounts on stores in memory, on a clock that stands still. */
export interface ApiSite {
  readonly site: AccountsSite
  openBrowser(): ApiBrowser
  /** A browser in which an account, made by this, is signed in. */
  signIn(given?: { email?: string; role?: string; name?: string }): Promise<ApiBrowser>
}

/** Makes an {@link ApiSite}. */
export async function createApiSite(
  options: Parameters<typeof createAccountsSite>[0] = {},
): Promise<ApiSite> {
  const site = await createAccountsSite(options)
  const root = `${options.base ?? ''}/api/auth`
  let addresses = 0

  function openBrowser(): ApiBrowser {
    addresses += 1
    const connection = { incoming: { socket: { remoteAddress: `203.0.113.${addresses % 250}` } } }
    const jar = new Map<string, string>()
    let token: string | null = null

    async function send(asked: string, request: ApiRequest = {}): Promise<ApiAnswer> {
      const [method = 'GET', address = ''] = asked.split(' ')
      const isChange = method !== 'GET'
      if (isChange && token === null) await send('GET /session')
      const { body, text = body === undefined ? undefined : JSON.stringify(body) } = request
      const headers = {
        'sec-fetch-site': 'same-origin',
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(isChange && token !== null && { 'x-csrf-token': token }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...request.headers,
      }
      const init = { method, headers, ...(text !== undefined && { body: text }) }
      const response = await site.accounts.fetch(
        new Request(origin + root + address, init),
        connection,
      )
      if (response === null) throw new Error(`${address} is not answered by the API.`)
      for (const line of response.headers.getSetCookie()) keep(jar, line)
      const answer = await readAnswer(response, { method, path: address.split('?')[0] ?? '' })
      const deviation = findDeviation(answer)
      if (deviation !== null) throw new Error(deviation)
      token = tokenIn(answer.body) ?? response.headers.get('x-csrf-token') ?? token
      return answer
    }

    return {
      jar,
      send,
      signIn: (login = 'ada@example.org') => send('POST /sign-in', { body: { login, password } }),
    }
  }

  return {
    site,
    openBrowser,
    async signIn(given = {}) {
      await site.addAccount(given)
      const browser = openBrowser()
      const { status } = await browser.signIn(given.email)
      if (status !== 200) throw new Error(`The sign-in is answered by ${status}.`)
      return browser
    },
  }
}

async function readAnswer(
  response: Response,
  asked: Pick<Answered, 'method' | 'path'>,
): Promise<ApiAnswer> {
  const { status, headers } = response
  const text = await response.text()
  const type = headers.get('content-type')?.split(';')[0] ?? null
  const body: unknown = type?.endsWith('json') === true ? JSON.parse(text) : text
  return { ...asked, status, headers, type, body: type === null ? null : body }
}

function tokenIn(body: unknown): string | null {
  const isObject = typeof body === 'object' && body !== null
  return isObject && 'csrfToken' in body ? String(body.csrfToken) : null
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const [name = '', value = ''] = pair.split('=')
  if (/max-age=0/i.test(line)) jar.delete(name)
  else jar.set(name, value)
}
