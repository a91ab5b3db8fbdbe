import { type AdminConsole, createAdminConsole } from '../admin/admin.ts'
import { createApi } from '../api/router.ts'
import { type AccountFlows, type AccountsEngine, createAccountFlows } from '../flows/accounts.ts'
import type { FirstAdminInput, FirstAdminResult } from '../flows/first-admin.ts'
import { resolveMails } from '../mail/languages.ts'
import type { Mailer } from '../mail/mailer.ts'
import { createPrintedMailer } from '../mail/printed.ts'
import { createSmtpMailer } from '../mail/smtp.ts'
import { createAssets } from '../pages/assets.ts'
import { resolveTexts } from '../pages/languages.ts'
import { createPages } from '../pages/router.ts'
import { resolveTheme } from '../pages/theme.ts'
import {
  expressErrors,
  type HonoErrorHandler,
  honoErrors,
  type NodeErrorHandler,
} from './errors.ts'
import {
  combineSites,
  type HonoMiddleware,
  mountExpress,
  mountHono,
  type NodeMiddleware,
} from './mount.ts'
import { type AccountsOptions, type AccountsSettings, resolveOptions } from './options.ts'
import { openStores } from './stores.ts'

/** Accounts, ready to be mounted. */
export interface Accounts {
  /** Everything that can be done with accounts, without HTTP. */
  readonly flows: AccountFlows
  /** What operators see and do, without HTTP; null when there is to be no console. */
  readonly admin: AdminConsole | null
  /** Where accounts are kept, for messages. */
  readonly storage: string
  /** Middleware for Express 4 and 5: answers its own paths, and leaves all others alone. */
  express(): NodeMiddleware
  /** The same for Hono. */
  hono(): HonoMiddleware
  /**
   * Answers what Cloakroom throws in the application's own routes, mounted after them: browsers get
   * pages like those of accounts, and visitors the sign-in page; others `application/problem+json`.
   */
  expressErrors(): NodeErrorHandler
  /** The same for Hono: `app.onError(accounts.honoErrors())`. */
  honoErrors(): HonoErrorHandler
  /**
   * Answers a request of the Fetch standard; null for a path that is the application's.
   *
   * @param connection what the server knows of the connection, as `@hono/node-server` hands it along.
   */
  fetch(request: Request, connection?: object): Promise<Response | null>
  /** Every route of the pages. */
  readonly routes: readonly { readonly method: string; readonly path: string }[]
  /** Makes the first administrator. Several workers may call it at their start: one does it. */
  firstAdmin(input: FirstAdminInput): Promise<FirstAdminResult>
  /** Sends the mails that wait and closes what was opened here. */
  close(): Promise<void>
}

/**
 * Opens the store and sets up accounts with all their pages.
 *
 * @example
 * const cloakroom = createCloakroom({
 *   rateLimit: { rules: accountRules },
 *   roles: { permissions: accountRolePermissions },
 * })
 * const accounts = await createAccounts({ cloakroom, publicUrl: 'http://localhost:3000' })
 * app.use(accounts.express())
 * app.use(cloakroom.express())
 * app.get('/members', requireAuth('user'), showMembers)
 * app.use(accounts.expressErrors())
 *
 * @throws {ConfigError} naming the setting that is missing, unknown or unsafe.
 * @throws {StoreError} when the database cannot be reached.
 */
export async function createAccounts(options: AccountsOptions): Promise<Accounts> {
  const settings = resolveOptions(options)
  const { cloakroom } = options
  const theme = resolveTheme(options.theme)
  const texts = resolveTexts(options.texts)
  const mailer = openMailer(options, settings)
  const { stores, description, close } = await openStores(settings.store, settings.adminRole)
  const flows = createAccountFlows({
    ...settings.flows,
    cloakroom: engineOf(cloakroom),
    stores,
    mailer,
    product: theme.name,
    mails: resolveMails(options.mails, options.texts === 'de' ? 'de' : 'en'),
    paths: settings.paths,
  })
  const { base, providers, afterSignOut } = settings
  const { clock, roles } = cloakroom
  const { accounts } = stores
  const admin = settings.hasConsole
    ? createAdminConsole({ engine: cloakroom, flows, accounts, adminRole: settings.adminRole })
    : null
  const isRegistrationOpen = options.registration !== 'closed' && !flows.lacks.has('creation')
  const shared = { accounts: flows, admin, base, isRegistrationOpen, clock }
  const openSession = cloakroom.hono()
  const pages = createPages(
    { ...shared, assets: createAssets(theme.css), theme, texts, providers, afterSignOut },
    openSession,
  )
  const api = settings.hasApi
    ? [createApi({ ...shared, roles, providers, afterSignOut }, openSession)]
    : []
  const site = combineSites([pages, ...api])

  return {
    flows,
    admin,
    storage: description,
    routes: pages.routes,
    express: () => mountExpress(site),
    hono: () => mountHono(site),
    expressErrors: () => expressErrors(pages.failures),
    honoErrors: () => honoErrors(pages.failures),
    fetch: site.answer,
    firstAdmin: flows.createFirstAdmin,
    async close() {
      admin?.close()
      await flows.flush()
      await close()
    },
  }
}

function openMailer({ mail }: AccountsOptions, { isProduction }: AccountsSettings): Mailer {
  if (mail === undefined) return createPrintedMailer({ production: isProduction })
  return 'send' in mail ? mail : createSmtpMailer(mail)
}

function engineOf(cloakroom: AccountsEngine): AccountsEngine {
  const { sessions, limiter, loginProtection, roles, events, clock, sealer } = cloakroom
  return { sessions, limiter, loginProtection, roles, events, clock, sealer }
}
