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
import type { GatewaySettings } from '../config/settings.ts'
import { createGatewayKeys, type GatewayKeys } from '../identity/keys.ts'

/** Begins every path that is the gateway's own. */
export const ownBase = '/_cloakroom'

/** Sessions and accounts as the configuration says, without a gateway on top. */
export interface GatewayEngine {
  readonly cloakroom: Cloakroom
  readonly stores: AccountStores
  readonly accounts: Accounts
  readonly keys: GatewayKeys
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
    env: {},
    ...(redis && { redis, nearCache: true }),
    secret,
    cookieSecret: settings.cookieSecret ?? randomBytes(33).toString('base64'),
    production: !isDev,
    origins,
    trustProxy: trustProxy.length > 0 && trustProxy,
    session: sessionOptions(settings),
    rateLimit: { rules: accountRules },
    roles: { permissions: accountRolePermissions },
    ...(isDev && { audit: false }),
    ...(overrides.clock && { clock: overrides.clock }),
  })
  const { stores, close: closeStores } =
    overrides.stores === undefined
      ? await openStores(settings.accounts)
      : { stores: overrides.stores, close: async () => undefined }
  const mail = overrides.mailer ?? settings.mail
  const accounts = await createAccounts({
    cloakroom,
    store: stores,
    publicUrl: origins[0],
    base: ownBase,
    registration,
    texts: language,
    theme: definedOf(theme ?? {}),
    production: !isDev,
    ...(mail && { mail }),
  })
  return {
    cloakroom,
    stores,
    accounts,
    keys: createGatewayKeys([secret].flat() as [string, ...string[]]),
    redis,
    async close() {
      await accounts.close()
      await closeStores()
      cloakroom.close()
      redis?.destroy()
    },
  }
}

function connectRedis(url: string): RedisConnection {
  const client = createClient({ url })
  // Events of Cloakroom tell of it; an error that nobody listens to ends the process.
  client.on('error', () => undefined)
  return client
}

async function openStores(
  accounts: GatewaySettings['accounts'],
): Promise<{ stores: AccountStores; close(): Promise<void> }> {
  const isServer = accounts !== undefined && 'url' in accounts
  const database = isServer ? await openPostgres(accounts) : await openEmbedded(accounts)
  return { stores: createSqlStores(database), close: database.close }
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
