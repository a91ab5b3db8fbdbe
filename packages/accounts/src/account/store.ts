import type { Account, AccountChanges, AccountStatus, NewAccount } from './account.ts'

/** What an account store may be unable to do; the flows that need it then refuse. */
export type AccountFeature =
  | 'creation'
  | 'first-admin'
  | 'email'
  | 'name'
  | 'roles'
  | 'deletion'
  | 'list'

/** Answer of {@link AccountStore.create} and {@link AccountStore.createFirst}. */
export type CreateAccountResult =
  | { readonly state: 'created'; readonly account: Account }
  /** Another account has this login. */
  | { readonly state: 'taken' }
  /** Only of `createFirst`: there is an administrator already. */
  | { readonly state: 'exists' }

/** Answer of {@link AccountStore.update}. */
export type UpdateAccountResult =
  | { readonly state: 'updated'; readonly account: Account }
  /** Somebody else changed it since it was read. */
  | { readonly state: 'conflict' }
  | { readonly state: 'gone' }
  | { readonly state: 'taken' }
  /** The change would leave nobody who can administer. */
  | { readonly state: 'last-admin' }

/** What must still be true when a sign-in is noted. */
export interface SignInNote {
  readonly id: string
  readonly role: string
  readonly passwordHash: string | null
  readonly at: number
}

/** Which accounts are wanted. */
export interface AccountQuery {
  /** Part of the e-mail address or name, in any case. */
  readonly search?: string | undefined
  readonly role?: string | undefined
  readonly status?: AccountStatus | undefined
  /** Where the page before ended. */
  readonly cursor?: string | null | undefined
  /** @default 50 */
  readonly count?: number | undefined
}

/** A page of accounts in the order of their logins. */
export interface AccountPage {
  readonly accounts: readonly Account[]
  /** Pass it on to get the next page; null after the last. */
  readonly cursor: string | null
}

/**
 * Keeps accounts. Each method is one atomic step; all throw {@link StoreError} when the store cannot
 * answer.
 *
 * Whoever holds the role of administrators (`adminRole`) and is active counts as one; the last of
 * them can be neither demoted, disabled nor deleted, however many try at once.
 */
export interface AccountStore {
  /** What this store cannot do. */
  readonly lacks: ReadonlySet<AccountFeature>
  /** What somebody typed in the form that {@link findByLogin} wants; null for what can be no login. */
  loginOf(typed: string): string | null
  findByLogin(login: string): Promise<Account | null>
  findById(id: string): Promise<Account | null>
  create(account: NewAccount): Promise<CreateAccountResult>
  /** Creates an account unless there is an active administrator. */
  createFirst(account: NewAccount): Promise<CreateAccountResult>
  /** Changes an account that is still as it was read. */
  update(
    account: Pick<Account, 'id' | 'version'>,
    changes: AccountChanges,
  ): Promise<UpdateAccountResult>
  /**
   * Notes when somebody signed in, unless the account was disabled or got another role or password
   * meanwhile: false then, and the sign-in must be undone.
   */
  noteSignIn(note: SignInNote): Promise<boolean>
  delete(id: string): Promise<'deleted' | 'gone' | 'last-admin'>
  list(query?: AccountQuery): Promise<AccountPage>
}

/** The role that the last active account cannot lose, where a store is not told otherwise. */
export const defaultAdminRole = 'admin'

/** Settles how many accounts a page has: at most 200. */
export function pageSizeOf(query: AccountQuery): number {
  const count = Math.floor(query.count ?? 50)
  return Number.isFinite(count) ? Math.min(200, Math.max(1, count)) : 50
}
