import { randomBytes } from 'node:crypto'
import {
  type AccountStores,
  type Accounts,
  accountRolePermissions,
  accountRules,
  createAccounts,
  type Mailer,
} from '@cloakroom/accounts'
import { createSqlStores, openEmbedded, openPostgres } from '@cloakroom/accounts/sql'
import { type Cloakroom, type Clock, createCloakroom } from 'cloakroom'
import { createClient, type RedisClientType } from 'redis'
import type { GatewaySettings, OidcSettings } from '../config/settings.ts'
import { createGatewayKeys, type GatewayKeys } from '../identity/keys.ts'
import { createOidc, type Oidc } from '../oidc/oidc.ts'
import { createOidcProvider } from '../oidc/provider.ts'

/** Begins every path that is the gateway's own. */
export const ownBase = '/_cloakroom'

/** Sessions and accounts as the configuration says, without a gateway on top. */
export interface GatewayEngine {
  readonly cloakroom: Cloakroom
  readonly stores: AccountStores
  readonly accounts: Accounts
  /** Where accounts are kept, for messages. */
  readonly accountStorage: string
  readonly keys: GatewayKeys
  /** Null without a provider of sign-in. */
  readonly oidc: Oidc | null
  /** The client that sessions are kept through; null where they are kept in memory. */
  readonly redis: RedisConnection | null
  close(): Promise<void>
}

/** A connection to Redis, as `redis` makes it. */
export type RedisConnection = RedisClientType<Nothing, Nothing, Nothing, 3, Nothing>

type Nothing = Record<never, never>

/** What tests bring along. */
export interface EngineOverrides {
  readonly clock?: Clock
  readonly stores?: AccountStores
  readonly mailer?: Mailer
  /** Leaves audit lines out. */
  readonly audit?: false
}

/** Opens a {@link GatewayEngine}. @throws {StoreError} when a database cannot be reached. */
export async function openEngine(
  settings: GatewaySettings,
  overrides: EngineOverrides = {},
): Promise<GatewayEngine> {
  const { isDev, origins, trustProxy, registration, language, theme } = settings
  const secret = settings.secret ?? randomBytes(33).toString('base64')
  const redis = settings.redis === null ? null : connectRedis(settings.redis)
  const cloakroom = createCloakroom({
    // All else comes from the configuration.
    env: auditSecretOf(process.env),
    ...(redis && { redis, nearCache: true, auditTrail: true }),
    secret,
    cookieSecret: settings.cookieSecret ?? randomBytes(33).toString('base64'),
    production: !isDev,
    origins,
    trustProxy: trustProxy.length > 0 && trustProxy,
    session: sessionOptions(settings),
    rateLimit: { rules: accountRules },
    roles: { permissions: accountRolePermissions },
    ...((isDev || overrides.audit === false) && { audit: false }),
    ...(overrides.clock && { clock: overrides.clock }),
  })
  const opened =
    overrides.stores === undefined
      ? await openStores(settings.accounts)
      : { stores: overrides.stores, description: 'given', close: async () => undefined }
  const { stores } = opened
  const mail = overrides.mailer ?? settings.mail
  let oidc: Oidc | null = null
  const accounts = await createAccounts({
    cloakroom,
    ...(settings.oidc && {
      providers: [{ name: settings.oidc.name, href: `${ownBase}/oidc/login` }],
      afterSignOut: async id => oidc?.endAddress(id) ?? null,
    }),
    store: stores,
    publicUrl: origins[0],
    base: ownBase,
    registration,
    texts: language,
    theme: definedOf(theme ?? {}),
    production: !isDev,
    ...(mail && { mail }),
  })
  oidc =
    settings.oidc &&
    openOidc(settings.oidc, { cloakroom, stores, accounts, isDev, origin: origins[0] })
  return {
    cloakroom,
    stores,
    accounts,
    oidc,
    accountStorage: opened.description,
    keys: createGatewayKeys([secret].flat() as [string, ...string[]]),
    redis,
    async close() {
      await accounts.close()
      await opened.close()
      // What could not be written down by now is in the log lines.
      await cloakroom.auditTrail?.flush().catch(() => undefined)
      cloakroom.close()
      redis?.destroy()
    },
  }
}

function auditSecretOf({ AUDIT_SECRET_KEY, AUDIT_SECRET_KEY_FILE }: NodeJS.ProcessEnv) {
  return { AUDIT_SECRET_KEY, AUDIT_SECRET_KEY_FILE }
}

function connectRedis(url: string): RedisConnection {
  const client = createClient({ url })
  // Events of Cloakroom tell of it; an error that nobody listens to ends the process.
  client.on('error', () => undefined)
  return client
}

function openOidc(
  settings: OidcSettings,
  given: Pick<GatewayEngine, 'cloakroom' | 'stores' | 'accounts'> & {
    readonly isDev: boolean
    readonly origin: string
  },
): Oidc {
  const callback = `${given.origin}${ownBase}/oidc/callback`
  const provider = createOidcProvider({ ...settings, callback, isDev: given.isDev })
  return createOidc({ ...given, provider, settings, signInPath: `${ownBase}/login` })
}

async function openStores(accounts: GatewaySettings['accounts']): Promise<{
  stores: AccountStores
  description: string
  close(): Promise<void>
}> {
  const isServer = accounts !== undefined && 'url' in accounts
  const database = isServer ? await openPostgres(accounts) : await openEmbedded(accounts)
  const place = accounts === undefined ? 'memory' : 'a folder'
  return {
    stores: createSqlStores(database),
    description: isServer ? 'PostgreSQL' : `embedded PostgreSQL, in ${place}`,
    close: database.close,
  }
}

function sessionOptions({ session }: GatewaySettings) {
  const { perUser, ...lifetime } = session ?? {}
  return { ...definedOf(lifetime), ...(perUser !== undefined && { limit: { max: perUser } }) }
}

type Defined<Given> = { [Name in keyof Given]?: Exclude<Given[Name], undefined> }

/** Without the settings that are there and undefined. */
function definedOf<Given extends object>(given: Given): Defined<Given> {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Defined<Given>
}
