import type { Call } from './call.ts'
import type { CurrentSession } from './own-calls.ts'

/** What those may ask who look after the accounts of others, by method and path. */
export interface AccountCalls {
  'GET /admin/accounts': Call<AccountSearch, AccountList>
  'POST /admin/accounts': Call<Invitation, null, 'email' | 'name' | 'role' | 'taken'>
  'GET /admin/accounts/{accountId}': Call<OneAccount, ManagedAccount, 'gone'>
  'DELETE /admin/accounts/{accountId}': Call<OneAccount, null, 'gone' | 'last-admin'>
  'PUT /admin/accounts/{accountId}/status': Call<StatusChange, null, 'gone' | 'last-admin'>
  'PUT /admin/accounts/{accountId}/role': Call<RoleChange, null, 'gone' | 'last-admin' | 'role'>
  'POST /admin/accounts/{accountId}/reset': Call<OneAccount, null, 'gone'>
  'DELETE /admin/accounts/{accountId}/sessions': Call<OneAccount, null, 'gone'>
  'POST /admin/accounts/{accountId}/impersonation': Call<
    ImpersonationRequest,
    CurrentSession,
    'gone' | 'reason'
  >
}

/** An account named by its id. */
export interface OneAccount {
  readonly accountId: string
}

/** Which accounts are wanted. */
export interface AccountSearch {
  /** Part of the e-mail address or name, in any case. */
  readonly search?: string | undefined
  readonly role?: string | undefined
  readonly status?: 'active' | 'disabled' | undefined
  /** Where the page before ended. */
  readonly cursor?: string | undefined
  /** Accounts on a page. */
  readonly count?: number | undefined
}

/** A page of accounts. */
export interface AccountList {
  readonly accounts: readonly ManagedAccount[]
  /** Where the next page begins; null after the last. */
  readonly cursor: string | null
}

/** An account as those see it who look after it. */
export interface ManagedAccount {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly status: 'active' | 'disabled'
  readonly createdAt: string
  readonly signedInAt: string | null
}

/** Somebody is to be given an account. */
export interface Invitation {
  readonly email: string
  readonly role: string
  readonly name?: string | undefined
}

/** Disables an account, or enables it again. */
export interface StatusChange extends OneAccount {
  readonly status: 'active' | 'disabled'
}

/** Gives an account another role. */
export interface RoleChange extends OneAccount {
  readonly role: string
}

/** Somebody wants to act in the place of another. */
export interface ImpersonationRequest extends OneAccount {
  /** Why; it stands in the audit log. Ten characters at least. */
  readonly reason: string
}
