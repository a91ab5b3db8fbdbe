/** Whether an account may be used. */
export type AccountStatus = 'active' | 'disabled'

/** One person's account as a store keeps it. Never send it to a browser: see {@link viewOf}. */
export interface Account {
  /** Random; says nothing about the person. */
  readonly id: string
  /** What the account is found by when somebody signs in; unique. */
  readonly login: string
  /** Where mail goes. */
  readonly email: string
  /** May be empty. */
  readonly name: string
  readonly role: string
  readonly status: AccountStatus
  /** Null for an account that cannot sign in by a password. */
  readonly passwordHash: string | null
  /** Set for a password that somebody else made up: until then it may be used to choose another. */
  readonly passwordExpiresAt: number | null
  readonly createdAt: number
  readonly signedInAt: number | null
  /** Raised by one with each change. */
  readonly version: number
}

/** An account that is to be made. */
export type NewAccount = Omit<Account, 'signedInAt' | 'version'>

/** What of an account may be changed. */
export type AccountChanges = Partial<
  Pick<
    Account,
    'login' | 'email' | 'name' | 'role' | 'status' | 'passwordHash' | 'passwordExpiresAt'
  >
>

/** An account as it may be shown: without what secures it. */
export type AccountView = Omit<Account, 'login' | 'passwordHash' | 'passwordExpiresAt' | 'version'>

/** The part of an account that may be shown. */
export function viewOf(account: Account): AccountView {
  const { id, email, name, role, status, createdAt, signedInAt } = account
  return { id, email, name, role, status, createdAt, signedInAt }
}

/** What a search looks through. */
export function searchTextOf(account: Pick<Account, 'login' | 'name'>): string {
  return `${account.login} ${foldSearch(account.name)}`
}

/** A search, or a name to be searched, in the form in which both are compared. */
export function foldSearch(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('\0', '').trim()
}
