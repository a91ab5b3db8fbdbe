/** What a token is good for. */
export type TokenPurpose = 'registration' | 'reset' | 'email' | 'invitation'

/** A single-use token as a store keeps it. The token itself is in no store. */
export interface StoredToken {
  readonly purpose: TokenPurpose
  /** SHA-256 of the token, base64url. */
  readonly hash: string
  /** Whom it belongs to. */
  readonly subject: string
  /** What its use will need. */
  readonly facts: Readonly<Record<string, string>>
  readonly expiresAt: number
}

/**
 * Keeps single-use tokens. Each method is one atomic step; all throw {@link StoreError} when the
 * store cannot answer. Deadlines are judged by the caller.
 */
export interface TokenStore {
  /** Adds a token in the place of the one with the same purpose and subject. */
  put(token: StoredToken): Promise<void>
  find(purpose: TokenPurpose, hash: string): Promise<StoredToken | null>
  /** Gives a token to one caller and forgets it. */
  take(purpose: TokenPurpose, hash: string): Promise<StoredToken | null>
  /** Forgets all tokens of a subject. */
  deleteOf(subject: string): Promise<void>
  /** Forgets tokens that ended before an instant. */
  deleteExpired(before: number): Promise<void>
}
