import { type RawBuilder, sql } from 'kysely'
import type { FactorStore } from '../account/factor-store.ts'
import { withStoreErrors } from './failure.ts'
import type { Database } from './tables.ts'

/** Second factors in PostgreSQL, on a server or embedded. */
export function createSqlFactors({ kysely }: Database): FactorStore {
  return withStoreErrors<FactorStore>({
    async find(accountId) {
      const row = await kysely
        .selectFrom('cloakroom_factor')
        .selectAll()
        .where('account_id', '=', accountId)
        .executeTakeFirst()
      if (row === undefined) return null
      return {
        id: row.id,
        accountId,
        sealed: row.sealed,
        usedStep: Number(row.used_step),
        recovery: row.recovery as readonly string[],
        createdAt: row.created_at.getTime(),
      }
    },
    async put({ id, accountId, sealed, usedStep, recovery, createdAt }, replaces) {
      const values = {
        id,
        sealed,
        used_step: usedStep,
        recovery: JSON.stringify(recovery),
        created_at: new Date(createdAt),
      }
      if (replaces === null) {
        const made = await kysely
          .insertInto('cloakroom_factor')
          .values({ account_id: accountId, ...values })
          .onConflict(conflict => conflict.column('account_id').doNothing())
          .executeTakeFirst()
        return made.numInsertedOrUpdatedRows === 1n
      }
      const replaced = await kysely
        .updateTable('cloakroom_factor')
        .set(values)
        .where('account_id', '=', accountId)
        .where('id', '=', replaces)
        .executeTakeFirst()
      return replaced.numUpdatedRows === 1n
    },
    async takeStep({ id, usedStep, sealed }) {
      const result = await kysely
        .updateTable('cloakroom_factor')
        .set({ used_step: usedStep, sealed })
        .where('id', '=', id)
        .where('used_step', '<', usedStep)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async takeRecovery(id, hash) {
      const without: RawBuilder<unknown> = sql`recovery - ${hash}::text`
      const result = await kysely
        .updateTable('cloakroom_factor')
        .set({ recovery: without })
        .where('id', '=', id)
        .where(sql<boolean>`jsonb_exists(recovery, ${hash}::text)`)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async setRecovery(id, hashes) {
      const result = await kysely
        .updateTable('cloakroom_factor')
        .set({ recovery: JSON.stringify(hashes) })
        .where('id', '=', id)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async forget(accountId) {
      const result = await kysely
        .deleteFrom('cloakroom_factor')
        .where('account_id', '=', accountId)
        .executeTakeFirst()
      return result.numDeletedRows === 1n
    },
  })
}
