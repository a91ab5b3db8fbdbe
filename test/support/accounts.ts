import {
  type Cloakroom,
  createCloakroom,
  type SecurityEvent,
  Session,
  type SessionData,
} from 'cloakroom'
import { createManualClock, type ManualClock } from 'cloakroom/testing'
import type { Visit } from '../../packages/accounts/src/account/ports.ts'
import { accountRolePermissions, accountRules } from '../../packages/accounts/src/account/roles.ts'
import { newId } from '../../packages/accounts/src/account/secret.ts'
import {
  type AccountFlows,
  type AccountFlowsOptions,
  type AccountStores,
  createAccountFlows,
} from '../../packages/accounts/src/flows/accounts.ts'
import type { MailMessage } from '../../packages/accounts/src/mail/mailer.ts'
import { createMemoryAccounts } from '../../packages/accounts/src/memory/accounts.ts'
import { createMemoryFactors } from '../../packages/accounts/src/memory/factors.ts'
import { createMemoryIdentities } from '../../packages/accounts/src/memory/identities.ts'
import { createMemoryImpersonations } from '../../packages/accounts/src/memory/impersonations.ts'
import { createMemoryTokens } from '../../packages/accounts/src/memory/tokens.ts'
import { createPasswordHasher } from '../../packages/accounts/src/passwords/hasher.ts'

/** A browser, as far as flows can tell. */
export interface Browser {
  readonly ip: string
  /** The cookie it holds; null for none. */
  readonly token: string | null
  /** Does something within one request, and keeps the cookie of the answer. */
  visit<Result>(action: (visit: Visit) => Promise<Result>): Promise<Result>
  /** Who is signed in; null for nobody. */
  user(): Promise<{ readonly id: string; readonly role: string } | null>
  /** The handle of its session. */
  sessionId(): Promise<string | null>
}

/** Accounts on stores in memory, with the real engine below them, on a clock that stands still. */
export interface AccountsWorld {
  readonly accounts: AccountFlows
  readonly cloakroom: Cloakroom
  readonly stores: AccountStores
  readonly clock: ManualClock
  readonly events: readonly SecurityEvent[]
  /** Mails that were sent, once they are; the oldest first. */
  mails(): Promise<readonly MailMessage[]>
  /** How long answers were held back, in milliseconds. */
  readonly waits: readonly number[]
  openBrowser(options?: { readonly ip?: string; readonly token?: string | null }): Browser
  /** Puts an account there, with {@link password}, and gives its id. */
  addAccount(given?: {
    email?: string
    role?: string
    name?: string
    status?: 'active' | 'disabled'
  }): Promise<string>
  /** A browser in which that account is signed in. */
  signIn(email: string, options?: { readonly ip?: string }): Promise<Browser>
}

/** A password that the rules let pass. */
export const password = 'vk 7 Zuq brm oj'

/** Another one. */
export const otherPassword = 'pelican over gravel 9'

/** What a test wants otherwise than usual. */
export interface AccountsWorldOptions extends Partial<Omit<AccountFlowsOptions, 'stores'>> {
  readonly stores?: AccountStores
  /** Of roles. @default those that accounts come with */
  readonly permissions?: Readonly<Record<string, readonly string[]>>
}

/** Makes an {@link AccountsWorld}. Hashes cost next to nothing there unless `hasher` says otherwise. */
export function createAccountsWorld(options: AccountsWorldOptions = {}): AccountsWorld {
  const { permissions = accountRolePermissions, ...own } = options
  const clock = createManualClock()
  const cloakroom = createCloakroom({
    clock,
    env: {},
    audit: false,
    rateLimit: { rules: accountRules },
    roles: { permissions },
  })
  const events: SecurityEvent[] = []
  cloakroom.events.on(event => events.push(event))
  const stores = options.stores ?? {
    accounts: createMemoryAccounts(),
    tokens: createMemoryTokens(),
    impersonations: createMemoryImpersonations(),
    identities: createMemoryIdentities(),
    factors: createMemoryFactors(),
  }
  const hasher = options.hasher ?? { memoryKib: 16, passes: 1 }
  const sent: MailMessage[] = []
  const waits: number[] = []
  const accounts = createAccountFlows({
    cloakroom,
    mailer: { send: async message => void sent.push(message) },
    product: 'Testshop',
    publicUrl: 'https://testshop.example',
    hasher,
    wait: async ms => void waits.push(ms),
    ...own,
    stores,
  })
  let addresses = 0

  function openBrowser(given: { ip?: string; token?: string | null } = {}): Browser {
    addresses += 1
    const ip = given.ip ?? `198.51.100.${addresses % 250}`
    let token = given.token ?? null
    const known = new Set<string>()
    const device = {
      idFor: (account: string) => (known.has(account) ? ip : undefined),
      note: (account: string) => known.add(account),
    }

    async function visit<Result>(action: (visit: Visit) => Promise<Result>): Promise<Result> {
      const source = { ip, userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }
      const session = new Session<SessionData>(cloakroom, {
        source,
        isHeadSent: () => false,
        unavailablePolicy: () => 'error',
        read: () => (token === null ? null : cloakroom.sessions.validate(token, { source })),
      })
      await session.load()
      const result = await action({ session, source, address: ip, device })
      await session.commit()
      const change = session.takeCookie()
      if (change?.kind === 'set') token = change.token
      if (change?.kind === 'clear') token = null
      return result
    }

    return {
      ip,
      get token() {
        return token
      },
      visit,
      user: () => visit(async ({ session }) => session.user),
      sessionId: () => visit(async ({ session }) => session.id),
    }
  }

  return {
    accounts,
    cloakroom,
    stores,
    clock,
    events,
    waits,
    openBrowser,
    async mails() {
      await accounts.flush()
      return sent
    },
    async addAccount(given = {}) {
      const { email = 'ada@example.org', role = 'user', name = 'Ada', status = 'active' } = given
      const passwordHash = await createPasswordHasher(hasher).hash(password)
      const id = newId()
      const result = await stores.accounts.create({
        id,
        login: stores.accounts.loginOf(email) ?? email,
        email,
        name,
        role,
        status,
        passwordHash,
        passwordExpiresAt: null,
        createdAt: clock.now(),
      })
      if (result.state !== 'created') throw new Error(`The account ${email} is ${result.state}.`)
      return id
    },
    async signIn(email, from) {
      const browser = openBrowser(from)
      const result = await browser.visit(visit =>
        accounts.signIn({ login: email, password }, visit),
      )
      if (!result.ok) throw new Error(`The sign-in of ${email} is refused: ${result.reason}.`)
      return browser
    },
  }
}

/** The token of the link in the mail that was sent last. */
export async function tokenOf(world: AccountsWorld): Promise<string> {
  const links = (await world.mails()).flatMap(({ text }) => /token=([\w-]+)/.exec(text)?.[1] ?? [])
  const token = links.at(-1)
  if (token === undefined) throw new Error('There is no mail with a link.')
  return token
}
