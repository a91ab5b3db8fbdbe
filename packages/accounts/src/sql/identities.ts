import type { IdentityStore } from '../account/identity-store.ts'
import { withStoreErrors } from './failure.ts'
import type { Database } from './tables.ts'

/** Identities in PostgreSQL, on a server or embedded. */
export function createSqlIdentities({ kysely }: Database): IdentityStore {
  return withStoreErrors<IdentityStore>({
    async find({ issuer, subject }) {
      const row = await kysely
        .selectFrom('cloakroom_identity')
        .select('account_id')
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst()
      return row?.account_id ?? null
    },
    async link({ issuer, subject }, accountId) {
      await kysely
        .insertInto('cloakroom_identity')
        .values({ issuer, subject, account_id: accountId })
        .onConflict(conflict =>
          conflict.columns(['issuer', 'subject']).doUpdateSet({ account_id: accountId }),
        )
        .execute()
    },
    async forget(accountId) {
      await kysely.deleteFrom('cloakroom_identity').where('account_id', '=', accountId).execute()
    },
  })
}
