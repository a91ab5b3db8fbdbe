/** Somebody who is signed in, as an app is told. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly name: string
  /** The role and those below it, highest first. */
  readonly roles: readonly string[]
  /** Public handle of the session. */
  readonly sessionId: string
}
