/** An administrator acting in the place of a user. */
export interface Impersonation {
  /** Public handle of the session in which it happens. */
  readonly sessionId: string
  /** The administrator. */
  readonly actorId: string
  /** The user. */
  readonly accountId: string
  readonly reason: string
  readonly startedAt: number
  readonly endsAt: number
}

/**
 * Keeps the impersonations under way, apart from session data, which an application could overwrite.
 * All methods throw {@link StoreError} when the store cannot answer.
 */
export interface ImpersonationStore {
  /** Adds one. A second one of the same session changes nothing: somebody clicked twice. */
  add(impersonation: Impersonation): Promise<void>
  find(sessionId: string): Promise<Impersonation | null>
  /** Forgets one and gives it to one caller. */
  take(sessionId: string): Promise<Impersonation | null>
  /** Forgets all by an administrator or of a user, and gives them to one caller. */
  takeOf(accountId: string): Promise<readonly Impersonation[]>
  /** Forgets those that ended before an instant. */
  deleteExpired(before: number): Promise<void>
}
