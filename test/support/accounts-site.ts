import { type Cloakroom, type CloakroomOptions, createCloakroom } from 'cloakroom'
import { createManualClock, type ManualClock } from 'cloakroom/testing'
import { Hono } from 'hono'
import type { Visit } from '../../packages/accounts/src/account/ports.ts'
import { accountRolePermissions, accountRules } from '../../packages/accounts/src/account/roles.ts'
import { newId } from '../../packages/accounts/src/account/secret.ts'
import type { AccountStore } from '../../packages/accounts/src/account/store.ts'
import { type Accounts, createAccounts } from '../../packages/accounts/src/app/accounts.ts'
import type { AccountsOptions } from '../../packages/accounts/src/app/options.ts'
import type { AccountStores } from '../../packages/accounts/src/flows/accounts.ts'
import type { MailMessage } from '../../packages/accounts/src/mail/mailer.ts'
import { createMemoryAccounts } from '../../packages/accounts/src/memory/accounts.ts'
import { createMemoryFactors } from '../../packages/accounts/src/memory/factors.ts'
import { createMemoryImpersonations } from '../../packages/accounts/src/memory/impersonations.ts'
import { createMemoryTokens } from '../../packages/accounts/src/memory/tokens.ts'
import type { PageEnv } from '../../packages/accounts/src/pages/request.ts'
import { createPasswordHasher } from '../../packages/accounts/src/passwords/hasher.ts'
import { visitOf } from '../../packages/accounts/src/web/request.ts'
import type { LimitRuleOptions } from '../../packages/cloakroom/src/protection/rules.ts'
import { password } from './accounts.ts'

/** A page as a browser without scripts has it. */
export interface SitePage {
  readonly status: number
  readonly headers: Headers
  /** Where it sends the browser; null for a page to be read. */
  readonly location: string | null
  readonly text: string
}

/** A browser without scripts, that follows no redirects. */
export interface SiteBrowser {
  readonly jar: Map<string, string>
  /** Where it connects from. */
  address: string
  /** What it says of where requests come from; empty for a browser that does not say it. */
  fetchSite: string
  get(path: string): Promise<SitePage>
  /** Sends a form, with the token of the page it read last. */
  post(path: string, fields?: Readonly<Record<string, string>>): Promise<SitePage>
}

/** The pages of accounts on stores in memory, on a clock that stands still. */
export interface AccountsSite {
  readonly accounts: Accounts
  readonly cloakroom: Cloakroom
  readonly stores: AccountStores
  readonly clock: ManualClock
  openBrowser(): SiteBrowser
  /** A browser in which an account, made by this, is signed in. */
  signIn(given?: { email?: string; role?: string; name?: string }): Promise<SiteBrowser>
  addAccount(given?: { email?: string; role?: string; name?: string }): Promise<string>
  /** Path and query of the link in the mail that was sent last. */
  link(): Promise<string>
  readonly mails: readonly MailMessage[]
  /** Has whoever is signed in do something that no page is for, or not the one under test. */
  act(browser: SiteBrowser, action: (visit: Visit) => Promise<{ ok: boolean }>): Promise<void>
  /** Has an administrator act as somebody. */
  impersonate(browser: SiteBrowser, accountId: string): Promise<void>
}

const siteOrigin = 'https://shop.example'

/** Makes an {@link AccountsSite}. */
export async function createAccountsSite(
  options: Partial<AccountsOptions> & {
    readonly engine?: CloakroomOptions
    readonly accounts?: AccountStore
    /** Rules besides those of accounts. */
    readonly rules?: Readonly<Record<string, LimitRuleOptions>>
  } = {},
): Promise<AccountsSite> {
  const { engine, rules, accounts: store = createMemoryAccounts(), ...given } = options
  const { hasher = { memoryKib: 16, passes: 1 } } = given
  const clock = createManualClock()
  const cloakroom = createCloakroom({
    clock,
    env: {},
    audit: false,
    rateLimit: { rules: { ...accountRules, ...rules } },
    roles: { permissions: accountRolePermissions },
    ...engine,
  })
  const stores = {
    accounts: store,
    tokens: createMemoryTokens(),
    impersonations: createMemoryImpersonations(),
    factors: createMemoryFactors(),
  }
  const mails: MailMessage[] = []
  const accounts = await createAccounts({
    cloakroom,
    store: stores,
    mail: { send: async message => void mails.push(message) },
    publicUrl: siteOrigin,
    wait: async () => undefined,
    ...given,
    hasher,
  })
  let addresses = 0

  function openBrowser(): SiteBrowser {
    addresses += 1
    const jar = new Map<string, string>()
    let token = ''

    async function send(path: string, init: RequestInit = {}): Promise<SitePage> {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { accept: 'text/html', cookie, ...whence() }
      const request = new Request(siteOrigin + path, {
        ...init,
        headers: { ...headers, ...(init.headers as object) },
      })
      const socket = { remoteAddress: browser.address }
      const response = await accounts.fetch(request, { incoming: { socket } })
      if (response === null) throw new Error(`${path} is not answered by the pages.`)
      for (const line of response.headers.getSetCookie()) keep(jar, line)
      const text = await response.text()
      token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? token
      const { status, headers: sent } = response
      return { status, headers: sent, location: sent.get('location'), text }
    }

    const whence = () => (browser.fetchSite === '' ? {} : { 'sec-fetch-site': browser.fetchSite })
    const browser: SiteBrowser = {
      jar,
      fetchSite: 'same-origin',
      address: `198.51.100.${addresses % 250}`,
      get: path => send(path),
      async post(path, fields = {}) {
        const body = new URLSearchParams({ _csrf: token, ...fields }).toString()
        const headers = {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(Buffer.byteLength(body)),
        }
        return send(path, { method: 'POST', body, headers })
      },
    }
    return browser
  }

  async function addAccount({ email = 'ada@example.org', role = 'user', name = 'Ada' } = {}) {
    const passwordHash = await createPasswordHasher(hasher).hash(password)
    const id = newId()
    const login = stores.accounts.loginOf(email) ?? email
    const fixed = { status: 'active', passwordExpiresAt: null, createdAt: clock.now() } as const
    await stores.accounts.create({ id, login, email, name, role, passwordHash, ...fixed })
    return id
  }

  async function act(
    { jar }: SiteBrowser,
    action: (visit: Visit) => Promise<{ ok: boolean }>,
  ): Promise<void> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const app = new Hono<PageEnv>()
      .use(cloakroom.hono())
      .get('/', async request => request.json(await action(visitOf(request))))
    const response = await app.request(`${siteOrigin}/`, { headers: { cookie } })
    const result = (await response.json()) as { ok: boolean }
    if (!result.ok) throw new Error(`It is refused: ${JSON.stringify(result)}.`)
    for (const line of response.headers.getSetCookie()) keep(jar, line)
  }

  return {
    accounts,
    cloakroom,
    stores,
    clock,
    mails,
    openBrowser,
    addAccount,
    async signIn({ email = 'ada@example.org', ...rest } = {}) {
      await addAccount({ email, ...rest })
      const browser = openBrowser()
      await browser.get('/login')
      const { status } = await browser.post('/login', { email, password })
      if (status !== 303) throw new Error(`The sign-in of ${email} is answered by ${status}.`)
      await browser.get('/account')
      return browser
    },
    act,
    impersonate: (browser, accountId) =>
      act(browser, visit =>
        accounts.flows.impersonate({ accountId, reason: 'A ticket of the help desk' }, visit),
      ),
    async link() {
      await accounts.flows.flush()
      const links = mails.flatMap(({ text }) => /https?:\/\/\S+/.exec(text)?.[0] ?? [])
      const found = links.at(-1)
      if (found === undefined) throw new Error('There is no mail with a link.')
      const { pathname, search } = new URL(found)
      return `${pathname}${search}`
    },
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const [name = '', value = ''] = pair.split('=')
  if (/max-age=0/i.test(line)) jar.delete(name)
  else jar.set(name, value)
}
