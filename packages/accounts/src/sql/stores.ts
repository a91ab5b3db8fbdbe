import type { FactorStore } from '../account/factor-store.ts'
import type { IdentityStore } from '../account/identity-store.ts'
import type { ImpersonationStore } from '../account/impersonation-store.ts'
import type { AccountStore } from '../account/store.ts'
import type { TokenStore } from '../account/token-store.ts'
import { createSqlAccounts, type SqlAccountsOptions } from './accounts.ts'
import { createSqlFactors } from './factors.ts'
import { createSqlIdentities } from './identities.ts'
import { createSqlImpersonations } from './impersonations.ts'
import type { Database } from './tables.ts'
import { createSqlTokens } from './tokens.ts'

/** All stores in one database, as `createAccounts` takes them. */
export interface SqlStores {
  readonly accounts: AccountStore
  readonly tokens: TokenStore
  readonly impersonations: ImpersonationStore
  readonly identities: IdentityStore
  readonly factors: FactorStore
}

/**
 * Makes the stores in a database that is open.
 *
 * @example
 * const stores = createSqlStores(await openPostgres({ url: process.env.DATABASE_URL }))
 */
export function createSqlStores(database: Database, options: SqlAccountsOptions = {}): SqlStores {
  return {
    accounts: createSqlAccounts(database, options),
    tokens: createSqlTokens(database),
    impersonations: createSqlImpersonations(database),
    identities: createSqlIdentities(database),
    factors: createSqlFactors(database),
  }
}
