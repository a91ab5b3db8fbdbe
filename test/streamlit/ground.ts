import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { newId } from '../../packages/accounts/src/account/secret.ts'
import type { AccountStores } from '../../packages/accounts/src/flows/accounts.ts'
import { createPasswordHasher } from '../../packages/accounts/src/passwords/hasher.ts'
import { createGateway, type Gateway } from '../../packages/gateway/src/app/gateway.ts'
import type { GatewayConfig } from '../../packages/gateway/src/config/config.ts'
import { type Browsing, openBrowser } from '../browser/browsing.ts'
import { password } from '../support/accounts.ts'
import { createMemoryStores } from '../support/gateway-ground.ts'
import { findFreePort, type RedisServer, startRedis } from '../support/redis-server.ts'
import { type StreamlitServer, startStreamlit } from '../support/streamlit-server.ts'

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
  addAccount(email: string, role?: string): Promise<string>
  close(): Promise<void>
}

export interface StreamlitGroundOptions {
  readonly config?: Partial<GatewayConfig>
  /** Of Streamlit. */
  readonly settings?: Readonly<Record<string, string>>
  /** @default 1 */
  readonly replicas?: number
  /** @default 1 */
  readonly workers?: number
}

/** The headers that the tests' Streamlit takes for `st.user`. */
export const trustedHeaders = JSON.stringify({
  'X-Cloakroom-Email': 'email',
  'X-Cloakroom-Roles': 'roles',
})

/** Makes a {@link StreamlitGround}. */
export async function createStreamlitGround(
  options: StreamlitGroundOptions = {},
): Promise<StreamlitGround> {
  const { config = {}, replicas = 1, workers = 1 } = options
  const redis = await startRedis()
  const stores = createMemoryStores()
  const ports = await Promise.all(Array.from({ length: workers }, findFreePort))
  const [port = 0] = ports
  const origin = `http://localhost:${port}`
  const apps = await Promise.all(
    Array.from({ length: replicas }, (_, index) =>
      startStreamlit({
        app: `${here}app/app.py`,
        settings: {
          'server.trustedUserHeaders': trustedHeaders,
          'server.enableStaticServing': 'true',
          ...options.settings,
        },
        env: { CLOAKROOM_CLIENT: client, CLOAKROOM_URL: origin, REPLICA: String(index) },
      }),
    ),
  )
  const gateways = await Promise.all(
    ports.map(async own => {
      const gateway = await createGateway(
        {
          to: apps.map(({ url }) => url),
          preset: 'streamlit',
          dev: true,
          origin,
          listen: { port: own },
          redis: redis.url,
          secret,
          cookieSecret: `${secret}2`,
          ...config,
        },
        { stores, mailer: { send: async () => undefined } },
      )
      await gateway.listen()
      return gateway
    }),
  )
  const browsing = await openBrowser(origin)
  return {
    redis,
    stores,
    apps,
    gateways,
    origin,
    browsing,
    async addAccount(email, role = 'user') {
      const id = newId()
      const passwordHash = await createPasswordHasher({ memoryKib: 16, passes: 1 }).hash(password)
      const fixed = { status: 'active', passwordExpiresAt: null, createdAt: Date.now() } as const
      const account = { id, login: email, email, name: email, role, passwordHash, ...fixed }
      await stores.accounts.create(account)
      return id
    },
    async close() {
      await browsing.close()
      await Promise.all(gateways.map(gateway => gateway.close()))
      await Promise.all(apps.map(app => app.stop()))
      await redis.stop()
    },
  }
}

/** Fills the sign-in form that the browser was led to. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.waitForURL(/\/_cloakroom\/login/)
  await page.fill('input[name=email]', email)
  await page.fill('input[name=password]', password)
  await page.click('main button[type=submit]')
  await page.waitForURL(url => !url.pathname.startsWith('/_cloakroom/'))
}

/** Waits until the app shows a value, as it says `name=value`. */
export async function expectValue(page: Page, name: string, value: unknown): Promise<void> {
  const line = `${name}=${JSON.stringify(value)}`
  await expect.poll(() => valueLine(page, name), { timeout: 20_000, interval: 50 }).toBe(line)
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
export async function untilRun(page: Page): Promise<void> {
  await page.getByText('tries=').waitFor({ timeout: 30_000 })
}
