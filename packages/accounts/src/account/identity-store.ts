/** Somebody as a provider of sign-in knows them: who says so, and its name for them. */
export interface Identity {
  /** The issuer's URL. */
  readonly issuer: string
  /** What the issuer calls the person: never given to anybody else, unlike an e-mail address. */
  readonly subject: string
}

/**
 * Keeps which account belongs to whom at a provider of sign-in. All methods throw {@link StoreError}
 * when the store cannot answer.
 */
export interface IdentityStore {
  /** The id of the account, or null. It may be of an account that is no more. */
  find(identity: Identity): Promise<string | null>
  /** Notes whose account it is from now on. */
  link(identity: Identity, accountId: string): Promise<void>
  /** Forgets all of an account. */
  forget(accountId: string): Promise<void>
}
