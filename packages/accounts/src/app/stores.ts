import type { AccountStores } from '../flows/accounts.ts'
import { openEmbedded } from '../sql/embedded.ts'
import { openPostgres } from '../sql/postgres.ts'
import { createSqlStores } from '../sql/stores.ts'

/**
 * Where accounts are kept: a PostgreSQL server by its URL, a folder for the PostgreSQL that runs within
 * the process, the memory of the process, or stores of your own.
 */
export type StoreOption =
  | 'memory'
  | { readonly url: string; readonly connections?: number }
  | { readonly folder: string }
  | AccountStores

/** Stores that are open. */
export interface OpenStores {
  readonly stores: AccountStores
  /** For messages: what they are. */
  readonly description: string
  close(): Promise<void>
}

/** Opens what is to keep accounts. @throws {StoreError} when the database cannot be reached. */
export async function openStores(option: StoreOption, adminRole: string): Promise<OpenStores> {
  if (typeof option === 'object' && 'accounts' in option) {
    return { stores: option, description: 'stores of your own', close: async () => undefined }
  }
  const isServer = typeof option === 'object' && 'url' in option
  const database = isServer
    ? await openPostgres(option)
    : await openEmbedded(option === 'memory' ? {} : option)
  const place = option === 'memory' ? 'in memory' : 'in a folder'
  return {
    stores: createSqlStores(database, { adminRole }),
    description: isServer ? 'PostgreSQL' : `embedded PostgreSQL, ${place}`,
    close: database.close,
  }
}
