import type { Impersonation, ImpersonationStore } from '../account/impersonation-store.ts'
import { withStoreErrors } from './failure.ts'
import type { Database, ImpersonationTable } from './tables.ts'

/** Impersonations in PostgreSQL, on a server or embedded. */
export function createSqlImpersonations({ kysely }: Database): ImpersonationStore {
  return withStoreErrors<ImpersonationStore>({
    async add({ sessionId, actorId, accountId, reason, startedAt, endsAt }) {
      await kysely
        .insertInto('cloakroom_impersonation')
        .values({
          session_id: sessionId,
          actor_id: actorId,
          account_id: accountId,
          reason,
          started_at: new Date(startedAt),
          ends_at: new Date(endsAt),
        })
        .onConflict(conflict => conflict.column('session_id').doNothing())
        .execute()
    },
    async find(sessionId) {
      const row = await kysely
        .selectFrom('cloakroom_impersonation')
        .selectAll()
        .where('session_id', '=', sessionId)
        .executeTakeFirst()
      return row === undefined ? null : fromRow(row)
    },
    async take(sessionId) {
      const row = await kysely
        .deleteFrom('cloakroom_impersonation')
        .where('session_id', '=', sessionId)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : fromRow(row)
    },
    async takeOf(accountId) {
      const rows = await kysely
        .deleteFrom('cloakroom_impersonation')
        .where(where => where.or({ actor_id: accountId, account_id: accountId }))
        .returningAll()
        .execute()
      return rows.map(fromRow)
    },
    async deleteExpired(before) {
      const at = new Date(before)
      await kysely.deleteFrom('cloakroom_impersonation').where('ends_at', '<', at).execute()
    },
  })
}

function fromRow(row: ImpersonationTable): Impersonation {
  return {
    sessionId: row.session_id,
    actorId: row.actor_id,
    accountId: row.account_id,
    reason: row.reason,
    startedAt: row.started_at.getTime(),
    endsAt: row.ends_at.getTime(),
  }
}
