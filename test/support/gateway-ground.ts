import { type IncomingHttpHeaders, type RequestOptions, request as sendRequest } from 'node:http'
import { WebSocket } from 'ws'
import { newId } from '../../packages/accounts/src/account/secret.ts'
import type { AccountStores } from '../../packages/accounts/src/flows/accounts.ts'
import type { MailMessage } from '../../packages/accounts/src/mail/mailer.ts'
import { createMemoryAccounts } from '../../packages/accounts/src/memory/accounts.ts'
import { createMemoryFactors } from '../../packages/accounts/src/memory/factors.ts'
import { createMemoryIdentities } from '../../packages/accounts/src/memory/identities.ts'
import { createMemoryImpersonations } from '../../packages/accounts/src/memory/impersonations.ts'
import { createMemoryTokens } from '../../packages/accounts/src/memory/tokens.ts'
import { createPasswordHasher } from '../../packages/accounts/src/passwords/hasher.ts'
import { createManualClock, type ManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import { createGateway, type Gateway } from '../../packages/gateway/src/app/gateway.ts'
import type { GatewayConfig } from '../../packages/gateway/src/config/config.ts'
import { password } from './accounts.ts'
import { type EchoApp, startEchoApp } from './gateway-app.ts'
import { findFreePort } from './redis-server.ts'

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  json(): Record<string, unknown>
}

/** What is sent besides the address. */
export interface Sending {
  readonly method?: string
  readonly headers?: RequestOptions['headers']
  readonly body?: string | Buffer
}

/** A browser at the gateway, which keeps cookies and follows no redirects. */
export interface GatewayBrowser {
  readonly jar: Map<string, string>
  /** Sends the path as it is, to the letter. */
  send(path: string, sending?: Sending): Promise<Answer>
  /** Loads a page, as by its address bar. */
  load(path: string, headers?: RequestOptions['headers']): Promise<Answer>
  signIn(email?: string): Promise<void>
  /** Sends the form of one of the gateway's pages. */
  submit(page: string, path: string, fields: Readonly<Record<string, string>>): Promise<Answer>
  /** A WebSocket that is open; rejects with the status that it was refused with. */
  open(path: string, options?: OpenSocketOptions): Promise<WebSocket>
}

/** How a WebSocket is opened. */
export interface OpenSocketOptions {
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Null for none. @default that of the gateway */
  readonly origin?: string | null
}

/** A gateway in front of an app, on a clock that stands still. */
export interface GatewayGround {
  readonly gateway: Gateway
  readonly app: EchoApp
  readonly clock: ManualClock
  readonly origin: string
  readonly port: number
  readonly stores: AccountStores
  readonly mails: readonly MailMessage[]
  addAccount(given?: { email?: string; role?: string; name?: string }): Promise<string>
  openBrowser(): GatewayBrowser
  /** A browser in which an account, made by this, is signed in. */
  signIn(given?: { email?: string; role?: string; name?: string }): Promise<GatewayBrowser>
  close(): Promise<void>
}

/** What a gateway needs that is not for development, at https://app.example. */
export function productionConfig(redis: string): Partial<GatewayConfig> {
  return {
    dev: false,
    origin: 'https://app.example',
    redis,
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
    // The stores and the mailer of the test take their place.
    accounts: { url: 'postgres://127.0.0.1:1' },
    mail: { url: 'smtp://127.0.0.1:1', from: 'app@app.example' },
  }
}

/** Stores of accounts that several gateways may share. */
export function createMemoryStores(): AccountStores {
  return {
    accounts: createMemoryAccounts(),
    tokens: createMemoryTokens(),
    impersonations: createMemoryImpersonations(),
    identities: createMemoryIdentities(),
    factors: createMemoryFactors(),
  }
}

const hasher = createPasswordHasher({ memoryKib: 16, passes: 1 })

/** Makes a {@link GatewayGround}. */
export async function createGatewayGround(
  config: Partial<GatewayConfig> = {},
  shared: {
    readonly stores?: AccountStores
    readonly clock?: ManualClock
    readonly app?: EchoApp
  } = {},
): Promise<GatewayGround> {
  const app = shared.app ?? (await startEchoApp())
  const clock = shared.clock ?? createManualClock()
  const stores = shared.stores ?? createMemoryStores()
  const port = config.listen?.port ?? (await findFreePort())
  const mails: MailMessage[] = []
  const where = config.apps === undefined ? { to: app.url } : {}
  const gateway = await createGateway(
    { ...where, dev: true, listen: { port }, ...config },
    { clock, stores, audit: false, mailer: { send: async message => void mails.push(message) } },
  )
  await gateway.listen()
  const origin = config.origin ?? `http://localhost:${port}`
  const ground = { gateway, app, clock, origin, port, stores, mails }

  async function addAccount({ email = 'ada@example.org', role = 'user', name = 'Ada' } = {}) {
    const id = newId()
    const login = stores.accounts.loginOf(email) ?? email
    const passwordHash = await hasher.hash(password)
    const fixed = { status: 'active', passwordExpiresAt: null, createdAt: clock.now() } as const
    await stores.accounts.create({ id, login, email, name, role, passwordHash, ...fixed })
    return id
  }

  const openBrowser = (): GatewayBrowser => createBrowserAt(port, origin)
  return {
    ...ground,
    addAccount,
    openBrowser,
    async signIn(given = {}) {
      await addAccount(given)
      const browser = openBrowser()
      await browser.signIn(given.email)
      return browser
    },
    async close() {
      await gateway.close()
      if (shared.app === undefined) await app.close()
    },
  }
}

/** A browser that connects to a port, at which a site is found by its origin. */
export function createBrowserAt(port: number, origin: string): GatewayBrowser {
  const jar = new Map<string, string>()
  const { host, protocol } = new URL(origin)
  // As from the proxy that ends TLS.
  const proxied = protocol === 'https:' ? { 'x-forwarded-proto': 'https' } : {}
  const cookies = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

  async function send(path: string, { method = 'GET', headers, body }: Sending = {}) {
    const cookie = jar.size > 0 ? { cookie: cookies() } : {}
    const answer = await sendRaw(port, path, {
      method,
      headers: { host, ...proxied, ...cookie, ...(headers as object) },
      ...(body !== undefined && { body }),
    })
    for (const line of answer.headers['set-cookie'] ?? []) keep(jar, line)
    return answer
  }

  const load = (path: string, headers: RequestOptions['headers'] = {}): Promise<Answer> =>
    send(path, { headers: { accept: 'text/html', ...navigation, ...(headers as object) } })

  async function submit(page: string, path: string, fields: Readonly<Record<string, string>>) {
    const { text } = await load(page)
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const headers = {
      origin,
      accept: 'text/html',
      ...navigation,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const body = new URLSearchParams({ _csrf, ...fields }).toString()
    return send(path, { method: 'POST', headers, body })
  }

  return {
    jar,
    send,
    load,
    submit,
    async signIn(email = 'ada@example.org') {
      const answer = await submit('/_cloakroom/login', '/_cloakroom/login', { email, password })
      if (answer.status !== 303) throw new Error(`The sign-in is answered by ${answer.status}.`)
    },
    async open(path, { protocols = [], headers = {}, origin: from = origin } = {}) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], {
        headers: { host, ...proxied, cookie: cookies(), ...headers },
        ...(from !== null && { origin: from }),
      })
      const status = await new Promise<number>((resolve, reject) => {
        socket.once('open', () => resolve(101))
        socket.once('unexpected-response', (_request, response) => {
          resolve(response.statusCode ?? 0)
          response.resume()
          socket.terminate()
        })
        socket.once('error', reject)
      })
      socket.on('error', () => undefined)
      if (status !== 101) throw new Error(`Refused with ${status}`)
      return socket
    },
  }
}

const navigation = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-origin',
}

/** Sends a request whose path no library has looked at. */
export function sendRaw(port: number, path: string, sending: Sending = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = sending
  const host = '127.0.0.1'
  return new Promise((resolve, reject) => {
    const options = { host, port, path, method, headers, agent: false }
    const outgoing = sendRequest(options, async answer => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of answer) chunks.push(chunk)
      } catch (error) {
        return reject(error)
      }
      const text = Buffer.concat(chunks).toString()
      const { statusCode: status = 0 } = answer
      resolve({ status, headers: answer.headers, text, json: () => JSON.parse(text) })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const [name = '', value = ''] = pair.split('=')
  if (/max-age=0/i.test(line)) jar.delete(name)
  else jar.set(name, value)
}
