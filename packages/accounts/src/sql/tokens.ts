import type { StoredToken, TokenStore } from '../account/token-store.ts'
import { withStoreErrors } from './failure.ts'
import type { Database, TokenTable } from './tables.ts'

/** Single-use tokens in PostgreSQL, on a server or embedded. */
export function createSqlTokens({ kysely }: Database): TokenStore {
  return withStoreErrors<TokenStore>({
    async put({ purpose, hash, subject, facts, expiresAt }) {
      const values = { hash, facts: JSON.stringify(facts), expires_at: new Date(expiresAt) }
      await kysely
        .insertInto('cloakroom_token')
        .values({ purpose, subject, ...values })
        .onConflict(conflict => conflict.columns(['subject', 'purpose']).doUpdateSet(values))
        .execute()
    },
    async find(purpose, hash) {
      const row = await kysely
        .selectFrom('cloakroom_token')
        .selectAll()
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .executeTakeFirst()
      return row === undefined ? null : fromRow(row)
    },
    async take(purpose, hash) {
      const row = await kysely
        .deleteFrom('cloakroom_token')
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : fromRow(row)
    },
    async deleteOf(subject) {
      await kysely.deleteFrom('cloakroom_token').where('subject', '=', subject).execute()
    },
    async deleteExpired(before) {
      const at = new Date(before)
      await kysely.deleteFrom('cloakroom_token').where('expires_at', '<', at).execute()
    },
  })
}

function fromRow(row: TokenTable): StoredToken {
  const facts: Record<string, string> = {}
  for (const [name, value] of Object.entries(row.facts ?? {})) facts[name] = String(value)
  const { purpose, hash, subject } = row
  return { purpose, hash, subject, facts, expiresAt: row.expires_at.getTime() }
}
