/** The second factor of an account, as a store keeps it. */
export interface StoredFactor {
  /** Random; another one with each enrolment. */
  readonly id: string
  readonly accountId: string
  /** What codes are made from, sealed. */
  readonly sealed: string
  /** The step of time whose code was used last: codes of it, and of those before, work no more. */
  readonly usedStep: number
  /** Hashes of the recovery codes that are left. */
  readonly recovery: readonly string[]
  readonly createdAt: number
}

/**
 * Keeps second factors, one for each account. Each method is one atomic step; all throw
 * {@link StoreError} when the store cannot answer.
 */
export interface FactorStore {
  find(accountId: string): Promise<StoredFactor | null>
  /**
   * Sets the factor of an account, in the place of the one with this id, or of none. False when another
   * one is there by now.
   */
  put(factor: StoredFactor, replaces: string | null): Promise<boolean>
  /**
   * Uses up a step of time and all before it, and stores the secret as it is sealed now: of several
   * callers, one gets true. False also when the factor is no more.
   */
  takeStep(use: Pick<StoredFactor, 'id' | 'usedStep' | 'sealed'>): Promise<boolean>
  /** Uses up a recovery code: of several callers, one gets true. */
  takeRecovery(id: string, hash: string): Promise<boolean>
  /** Sets other recovery codes. False when the factor is no more. */
  setRecovery(id: string, hashes: readonly string[]): Promise<boolean>
  /** Whether there was one. */
  forget(accountId: string): Promise<boolean>
}
