import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Visit } from '../../packages/accounts/src/account/ports.ts'
import { newId } from '../../packages/accounts/src/account/secret.ts'
import type { AccountStores } from '../../packages/accounts/src/flows/accounts.ts'
import type { MailMessage } from '../../packages/accounts/src/mail/mailer.ts'
import { createPasswordHasher } from '../../packages/accounts/src/passwords/hasher.ts'
import { createGateway, type Gateway } from '../../packages/gateway/src/app/gateway.ts'
import type { AppConfig, GatewayConfig } from '../../packages/gateway/src/config/config.ts'
import { type Browsing, openBrowser } from '../browser/browsing.ts'
import { password } from '../support/accounts.ts'
import { createMemoryStores } from '../support/gateway-ground.ts'
import { findFreePort, type RedisServer, startRedis } from '../support/redis-server.ts'
import {
  type StreamlitOptions,
  type StreamlitServer,
  startStreamlit,
} from '../support/streamlit-server.ts'

const here = fileURLToPath(new URL('./', import.meta.url))
const client = fileURLToPath(new URL('../../examples/streamlit/', import.meta.url))
const secret = 'jP8xQv2LmZ4pRt9wKb3nYc6hFs8gTa1e'

/** Real Streamlit behind a real gateway on a real Redis, and a real browser in front. */
export interface StreamlitGround {
  readonly redis: RedisServer
  readonly stores: AccountStores
  readonly apps: readonly StreamlitServer[]
  /** All on one Redis. Browsers are at the first. */
  readonly gateways: readonly Gateway[]
  readonly origin: string
  readonly browsing: Browsing
  readonly mails: readonly MailMessage[]
  addAccount(email: string, role?: string): Promise<string>
  /** Somebody who just signed in, as flows see them. */
  visitAs(email: string): Promise<Visit>
  close(): Promise<void>
}

export interface StreamlitGroundOptions {
  readonly config?: Partial<GatewayConfig>
  /** Several apps, in the place of the one at the root. */
  readonly apps?: (started: readonly StreamlitServer[]) => readonly AppConfig[]
  /** Of Streamlit. */
  readonly settings?: Readonly<Record<string, string>>
  /** @default 1 */
  readonly replicas?: number
  /** @default 1 */
  readonly workers?: number
}

/** The tests' app, which takes our headers for `st.user`. */
export const appOptions: Required<StreamlitOptions> = {
  app: `${here}app/app.py`,
  settings: {
    'server.trustedUserHeaders': JSON.stringify({
      'X-Cloakroom-Email': 'email',
      'X-Cloakroom-Roles': 'roles',
    }),
    'server.enableStaticServing': 'true',
  },
  env: { CLOAKROOM_CLIENT: client },
}

/** Makes a {@link StreamlitGround}. */
export async function createStreamlitGround(
  options: StreamlitGroundOptions = {},
): Promise<StreamlitGround> {
  const { config = {}, replicas = 1, workers = 1 } = options
  const redis = await startRedis()
  const stores = createMemoryStores()
  const mails: MailMessage[] = []
  const ports = await Promise.all(Array.from({ length: workers }, findFreePort))
  const [port = 0] = ports
  const origin = `http://localhost:${port}`
  const apps = await Promise.all(
    Array.from({ length: replicas }, (_, index) =>
      startStreamlit({
        ...appOptions,
        settings: { ...appOptions.settings, ...options.settings },
        env: { ...appOptions.env, CLOAKROOM_URL: origin, REPLICA: String(index) },
      }),
    ),
  )
  const gateways = await Promise.all(
    ports.map(async own => {
      const gateway = await createGateway(
        {
          ...(options.apps === undefined
            ? { to: apps.map(({ url }) => url), preset: 'streamlit' as const }
            : { apps: options.apps(apps) }),
          dev: true,
          origin,
          listen: { port: own },
          redis: redis.url,
          secret,
          cookieSecret: `${secret}2`,
          ...config,
        },
        { stores, mailer: { send: async mail => void mails.push(mail) } },
      )
      await gateway.listen()
      return gateway
    }),
  )
  const opened = await openBrowser(origin)
  const browsing: Browsing = {
    ...opened,
    async newVisitor(given) {
      const page = await opened.newVisitor(given)
      await page.context().addInitScript(rememberSockets)
      return page
    },
  }
  return {
    redis,
    stores,
    apps,
    gateways,
    origin,
    browsing,
    mails,
    async addAccount(email, role = 'user') {
      const id = newId()
      const passwordHash = await createPasswordHasher({ memoryKib: 16, passes: 1 }).hash(password)
      const fixed = { status: 'active', passwordExpiresAt: null, createdAt: Date.now() } as const
      const account = { id, login: email, email, name: email, role, passwordHash, ...fixed }
      await stores.accounts.create(account)
      return id
    },
    async visitAs(email) {
      const account = await stores.accounts.findByLogin(email)
      if (account === null) throw new Error(`There is no account ${email}.`)
      const user = { id: account.id, role: account.role, actor: null }
      const info = { methods: { pwd: Date.now() }, isLimited: false }
      const session = { id: 'of a test', user, info }
      return { session, source: { ip: '127.0.0.1' }, address: '127.0.0.1' } as unknown as Visit
    },
    async close() {
      await browsing.close()
      await Promise.all(gateways.map(gateway => gateway.close()))
      await Promise.all(apps.map(app => app.stop()))
      await redis.stop()
    },
  }
}

const patient = { waitUntil: 'commit', timeout: 30_000 } as const

/** Fills the sign-in form that the browser was led to. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.waitForURL(/\/_cloakroom\/login/, patient)
  await page.fill('input[name=email]', email)
  await page.fill('input[name=password]', password)
  await page.click('main button[type=submit]')
  await page.waitForURL(url => !url.pathname.startsWith('/_cloakroom/'), patient)
}

/** A tab in which somebody is signed in, and the app has run. */
export async function openTab(
  { browsing }: StreamlitGround,
  { email = 'ada@example.org', path = '/' } = {},
): Promise<Page> {
  const page = await browsing.newVisitor()
  await page.goto(path)
  await signIn(page, email)
  await untilRun(page)
  return page
}

/** Waits until the app shows a value, as it says `name=value`. */
export async function expectValue(
  page: Page,
  name: string,
  value: unknown,
  timeout = 20_000,
): Promise<void> {
  const line = `${name}=${JSON.stringify(value)}`
  await expect.poll(() => valueLine(page, name), { timeout, interval: 50 }).toBe(line)
}

/** The line in which the app shows a value; empty while it does not. */
export async function valueLine(page: Page, name: string): Promise<string> {
  const lines = await page
    .getByTestId('stText')
    .allInnerTexts()
    .catch(() => [])
  return lines.find(line => line.startsWith(`${name}=`)) ?? ''
}

/** Waits until the app has run to its end. */
export async function untilRun(page: Page, timeout = 30_000): Promise<void> {
  await page.getByText('tries=').waitFor({ timeout })
}

/** Cuts the connections of the app in a page, as a bad network would, and waits for the next. */
export async function dropSockets(page: Page): Promise<void> {
  // An app that was cut short runs again, and loses the clicks before that.
  await untilIdle(page)
  const reconnecting = page.waitForEvent('websocket', socket => socket.url().includes('/_stcore/'))
  await page.evaluate(() => {
    const { sockets } = globalThis as unknown as { sockets: WebSocket[] }
    for (const socket of sockets.splice(0)) socket.close()
  })
  await reconnecting
  await untilIdle(page)
}

/** Waits until the app in a page is connected and does nothing. */
async function untilIdle(page: Page): Promise<void> {
  const connected = '[data-test-connection-state=CONNECTED]'
  await page.locator(`${connected}[data-test-script-state=notRunning]`).waitFor()
}

/** The Cookie header that a page's browser sends. */
export async function cookieOf(page: Page): Promise<string> {
  const cookies = await page.context().cookies()
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

/** Has pages remember their sockets, for {@link dropSockets}. */
const rememberSockets = `
  globalThis.sockets = []
  globalThis.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      if (String(given[0]).includes('/_stcore/')) globalThis.sockets.push(this)
    }
  }
`
