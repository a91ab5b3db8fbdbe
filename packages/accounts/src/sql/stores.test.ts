import { sql } from 'kysely'
import { startPostgres } from '../../../../test/support/postgres-server.ts'
import { describeStores, type TestStores } from '../account/store.contract.ts'
import { openEmbedded } from './embedded.ts'
import { openPostgres } from './postgres.ts'
import { createSqlStores } from './stores.ts'
import type { Database } from './tables.ts'

async function empty(database: Database): Promise<TestStores> {
  const others = sql`cloakroom_impersonation, cloakroom_identity, cloakroom_factor`
  await sql`truncate cloakroom_account, cloakroom_token, ${others}`.execute(database.kysely)
  return createSqlStores(database)
}

describeStores({
  name: 'embedded PostgreSQL',
  async open() {
    const database = await openEmbedded()
    return { empty: () => empty(database), close: database.close }
  },
})

describeStores({
  name: 'PostgreSQL',
  async open() {
    const server = await startPostgres()
    const database = await openPostgres({ url: server.url })
    return {
      empty: () => empty(database),
      async close() {
        await database.close()
        await server.stop()
      },
    }
  },
})
