import { type Kysely, sql, type Transaction } from 'kysely'
import { type Account, foldSearch, type NewAccount } from '../account/account.ts'
import { parseEmail } from '../account/email.ts'
import {
  type AccountStore,
  type CreateAccountResult,
  defaultAdminRole,
  pageSizeOf,
  type UpdateAccountResult,
} from '../account/store.ts'
import { fromRow, toRow } from './account-rows.ts'
import { isUniqueViolation, withStoreErrors } from './failure.ts'
import type { Database, Tables } from './tables.ts'

/** What {@link createSqlAccounts} takes. */
export interface SqlAccountsOptions {
  /** @default 'admin' */
  readonly adminRole?: string | undefined
}

/** Accounts in PostgreSQL, on a server or embedded. */
export function createSqlAccounts(
  { kysely }: Database,
  options: SqlAccountsOptions = {},
): AccountStore {
  const { adminRole = defaultAdminRole } = options

  const isAdmin = ({ role, status }: Pick<Account, 'role' | 'status'>): boolean =>
    role === adminRole && status === 'active'

  async function hasOtherAdmin(from: Kysely<Tables>, id: string): Promise<boolean> {
    const row = await from
      .selectFrom('cloakroom_account')
      .select('id')
      .where('role', '=', adminRole)
      .where('status', '=', 'active')
      .where('id', '<>', id)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  return withStoreErrors<AccountStore>({
    lacks: new Set(),
    loginOf: typed => parseEmail(typed)?.login ?? null,

    findByLogin: login => findBy(kysely, 'login', login),

    findById: id => findBy(kysely, 'id', id),

    create: account => insert(kysely, account),

    createFirst: account =>
      kysely.transaction().execute(async transaction => {
        await lockAdmins(transaction)
        return (await hasOtherAdmin(transaction, ''))
          ? { state: 'exists' }
          : insert(transaction, account)
      }),

    async update({ id, version }, changes): Promise<UpdateAccountResult> {
      const isAboutAdmins = changes.role !== undefined || changes.status !== undefined
      try {
        return await kysely.transaction().execute(async transaction => {
          if (isAboutAdmins) await lockAdmins(transaction)
          const account = await findBy(transaction, 'id', id, 'lock')
          if (account === null) return { state: 'gone' }
          if (account.version !== version) return { state: 'conflict' }
          const changed = { ...account, ...changes, version: version + 1 }
          const isLeaving = isAdmin(account) && !isAdmin(changed)
          if (isLeaving && !(await hasOtherAdmin(transaction, id))) return { state: 'last-admin' }
          const { signed_in_at: _, ...row } = toRow(changed)
          const values = { ...row, version: changed.version }
          await transaction
            .updateTable('cloakroom_account')
            .set(values)
            .where('id', '=', id)
            .execute()
          return { state: 'updated', account: changed }
        })
      } catch (error) {
        if (isUniqueViolation(error)) return { state: 'taken' }
        throw error
      }
    },

    async noteSignIn({ id, role, passwordHash, at }) {
      const result = await kysely
        .updateTable('cloakroom_account')
        .set({ signed_in_at: new Date(at) })
        .where('id', '=', id)
        .where('status', '=', 'active')
        .where('role', '=', role)
        .where('password_hash', 'is not distinct from', passwordHash)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    delete: id =>
      kysely.transaction().execute(async transaction => {
        await lockAdmins(transaction)
        const account = await findBy(transaction, 'id', id, 'lock')
        if (account === null) return 'gone'
        if (isAdmin(account) && !(await hasOtherAdmin(transaction, id))) return 'last-admin'
        await transaction.deleteFrom('cloakroom_account').where('id', '=', id).execute()
        return 'deleted'
      }),

    async list(query = {}) {
      const { role, status } = query
      const after = query.cursor?.replaceAll('\0', '') ?? ''
      const search = foldSearch(query.search ?? '')
      const count = pageSizeOf(query)
      const rows = await kysely
        .selectFrom('cloakroom_account')
        .selectAll()
        .$if(search !== '', from => from.where('search_text', 'like', `%${escapeLike(search)}%`))
        .$if(role !== undefined, from => from.where('role', '=', role ?? ''))
        .$if(status !== undefined, from => from.where('status', '=', status ?? 'active'))
        .$if(after !== '', from => from.where('login', '>', after))
        .orderBy('login')
        .limit(count + 1)
        .execute()
      const accounts = rows.slice(0, count).map(fromRow)
      return { accounts, cursor: rows.length > count ? (accounts.at(-1)?.login ?? null) : null }
    },
  })
}

async function findBy(
  from: Kysely<Tables>,
  column: 'id' | 'login',
  value: string,
  lock?: 'lock',
): Promise<Account | null> {
  // PostgreSQL has no such character, and fails where it is asked for one.
  if (value.includes('\0')) return null
  const row = await from
    .selectFrom('cloakroom_account')
    .selectAll()
    .where(column, '=', value)
    .$if(lock === 'lock', query => query.forUpdate())
    .executeTakeFirst()
  return row === undefined ? null : fromRow(row)
}

async function insert(from: Kysely<Tables>, account: NewAccount): Promise<CreateAccountResult> {
  const row = await from
    .insertInto('cloakroom_account')
    .values(toRow(account))
    .onConflict(conflict => conflict.column('login').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? { state: 'taken' } : { state: 'created', account: fromRow(row) }
}

/**
 * Has everybody wait who could make or unmake an administrator. Row locks would not do: two
 * administrators that demote each other would each see the other one remain.
 */
async function lockAdmins(transaction: Transaction<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('cloakroom admins'))`.execute(transaction)
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
