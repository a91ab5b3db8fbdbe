import type { Insertable } from 'kysely'
import { type Account, type NewAccount, searchTextOf } from '../account/account.ts'
import type { AccountRow, AccountTable } from './tables.ts'

/** An account as its row says. */
export function fromRow(row: AccountRow): Account {
  return {
    id: row.id,
    login: row.login,
    email: row.email,
    name: row.name,
    role: row.role,
    status: row.status,
    passwordHash: row.password_hash,
    passwordExpiresAt: row.password_expires_at?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
    signedInAt: row.signed_in_at?.getTime() ?? null,
    version: row.version,
  }
}

/** The row of an account, but for what only a store writes. */
export function toRow(account: NewAccount): Insertable<AccountTable> {
  const { passwordExpiresAt } = account
  return {
    id: account.id,
    login: account.login,
    email: account.email,
    name: account.name,
    role: account.role,
    status: account.status,
    password_hash: account.passwordHash,
    password_expires_at: passwordExpiresAt === null ? null : new Date(passwordExpiresAt),
    created_at: new Date(account.createdAt),
    signed_in_at: null,
    search_text: searchTextOf(account),
  }
}
