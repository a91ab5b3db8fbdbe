import { type Kysely, sql } from 'kysely'
import { toStoreError } from './failure.ts'
import { type Migration, migrations } from './migrations.ts'
import type { Tables } from './tables.ts'

interface MigrationTables extends Tables {
  cloakroom_migration: { name: string }
}

/**
 * Brings the tables up to date: all steps or none, in one transaction.
 *
 * Any number of workers may start at once; one does the work while the others wait. Steps that a newer
 * release took are left alone, so that an older one can start beside it. (Kysely's own migrator
 * refuses to start there.)
 *
 * @returns the names of the steps that were taken.
 */
export async function migrate(
  database: Kysely<Tables>,
  steps: readonly Migration[] = migrations,
): Promise<readonly string[]> {
  try {
    return await database.transaction().execute(async transaction => {
      const tables = transaction as unknown as Kysely<MigrationTables>
      await sql`set local statement_timeout = 0`.execute(tables)
      await sql`select pg_advisory_xact_lock(hashtext('cloakroom migrate'))`.execute(tables)
      await sql`create table if not exists cloakroom_migration (name text primary key)`.execute(
        tables,
      )
      const done = await tables.selectFrom('cloakroom_migration').select('name').execute()
      const names = new Set(done.map(({ name }) => name))
      const missing = steps.filter(({ name }) => !names.has(name))
      for (const { name, statements } of missing) {
        for (const statement of statements) await sql.raw(statement).execute(tables)
        await tables.insertInto('cloakroom_migration').values({ name }).execute()
      }
      return missing.map(({ name }) => name)
    })
  } catch (error) {
    throw toStoreError(error)
  }
}
