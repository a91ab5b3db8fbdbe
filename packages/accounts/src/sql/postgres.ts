import { Kysely, PostgresDialect } from 'kysely'
import { Pool, type PoolConfig } from 'pg'
import { migrate } from './migrate.ts'
import type { Database, Tables } from './tables.ts'

/** Options of {@link openPostgres}. */
export interface PostgresOptions {
  /** Such as `postgres://user:password@host/name`. TLS as the URL says: `sslmode=verify-full`. */
  readonly url: string
  /** Most connections at once. @default 10 */
  readonly connections?: number | undefined
  /** Told when a connection that nobody used broke; the next statement opens another one. */
  readonly onError?: ((error: Error) => void) | undefined
}

/** No statement of this package takes long: what does is stuck, and must not hold up sign-ins. */
const statementMs = 5000

/**
 * Opens a PostgreSQL database, version 13 or later, and brings its tables up to date.
 *
 * @throws {StoreError} when it cannot be reached.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { url, connections = 10, onError = () => undefined } = options
  const settings: PoolConfig = {
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: statementMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: 2 * statementMs,
    application_name: 'cloakroom',
  }
  const pool = new Pool(settings)
  pool.on('error', onError)
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(kysely)
  } catch (error) {
    await kysely.destroy()
    throw error
  }
  return { kysely, close: () => kysely.destroy() }
}
