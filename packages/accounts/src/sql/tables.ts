import type { Generated, Kysely, Selectable } from 'kysely'

/** Accounts, one a row. */
export interface AccountTable {
  id: string
  login: string
  email: string
  name: string
  role: string
  status: 'active' | 'disabled'
  password_hash: string | null
  password_expires_at: Date | null
  created_at: Date
  signed_in_at: Date | null
  version: Generated<number>
  /** Login and name in the form that searches compare. */
  search_text: string
}

/** Single-use tokens that still work. */
export interface TokenTable {
  purpose: 'registration' | 'reset' | 'email' | 'invitation'
  hash: string
  subject: string
  /** JSON; a text when written, an object when read. */
  facts: unknown
  expires_at: Date
}

/** Impersonations under way. */
export interface ImpersonationTable {
  session_id: string
  actor_id: string
  account_id: string
  reason: string
  started_at: Date
  ends_at: Date
}

/** Whose accounts belong to whom at providers of sign-in. */
export interface IdentityTable {
  issuer: string
  subject: string
  account_id: string
}

/** Second factors, one for each account that has one. */
export interface FactorTable {
  account_id: string
  id: string
  sealed: string
  /** A text when read by some drivers. */
  used_step: number | string
  /** JSON; a text when written, an array when read. */
  recovery: unknown
  created_at: Date
}

/** The tables of this package, among whatever else the database holds. */
export interface Tables {
  cloakroom_account: AccountTable
  cloakroom_token: TokenTable
  cloakroom_impersonation: ImpersonationTable
  cloakroom_identity: IdentityTable
  cloakroom_factor: FactorTable
}

export type AccountRow = Selectable<AccountTable>

/** A database that is open, with its tables up to date. */
export interface Database {
  readonly kysely: Kysely<Tables>
  close(): Promise<void>
}
