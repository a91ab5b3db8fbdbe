import { Kysely } from 'kysely'
import { lockFolder } from './folder-lock.ts'
import { migrate } from './migrate.ts'
import { createPgliteDialect } from './pglite-dialect.ts'
import type { Database, Tables } from './tables.ts'

/** Options of {@link openEmbedded}. */
export interface EmbeddedOptions {
  /** Where the database is kept; in memory without it. */
  readonly folder?: string | undefined
}

/**
 * Opens the PostgreSQL that runs inside this process, and brings its tables up to date. For
 * development and for installations of one process.
 *
 * @throws {ConfigError} when another process has the folder open: both would write over each other.
 */
export async function openEmbedded(options: EmbeddedOptions = {}): Promise<Database> {
  const { folder } = options
  const unlock = folder === undefined ? async () => undefined : await lockFolder(folder)
  try {
    // Loaded only where it is used: it is a whole database.
    const { PGlite } = await import('@electric-sql/pglite')
    const client = await PGlite.create(folder === undefined ? {} : { dataDir: folder })
    const kysely = new Kysely<Tables>({ dialect: createPgliteDialect(client) })
    await migrate(kysely)
    return {
      kysely,
      async close() {
        await kysely.destroy()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}
