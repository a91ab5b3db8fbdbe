/**
 * Why something was refused, as a stable word. Those from `unauthenticated` to `too-large` can come
 * from every call; the others from those that name them.
 */
export type ProblemReason = CommonReason | SpecialReason

/** Reasons that every call may be refused for. */
export type CommonReason =
  /** Nobody is signed in, or their session has ended: the only reason with the status 401. */
  | 'unauthenticated'
  | 'forbidden'
  /** Only the owner of the account may do this, and an administrator acts in their place. */
  | 'impersonating'
  /** The proof of who they are is too old: have them enter the password, then try again. */
  | 'reauthenticate'
  /** Too often. */
  | 'limited'
  /** Too much at the moment, or the store does not answer. */
  | 'busy'
  /** The request may come from another site, or its token is too old. */
  | 'csrf'
  /** Another request was faster: load again, and repeat. */
  | 'conflict'
  /** Not what the description asks for. */
  | 'invalid'
  | 'media-type'
  | 'too-large'
  /** No such address. */
  | 'not-found'
  /** The store of accounts cannot do this, or it was switched off. */
  | 'unsupported'

/** Reasons that some calls may be refused for. */
export type SpecialReason =
  /** No such account, wrong password, disabled: nobody is told which. */
  | 'wrong'
  /** The password was made up by somebody else: choose another by the token of this answer. */
  | 'change-password'
  /** The password is right: send a code of the second factor next. */
  | 'second-factor'
  /** The password is right, and the role demands a second factor: set one up next. */
  | 'enrol-second-factor'
  /** The role demands it. */
  | 'required'
  /** As many sessions as allowed, and none may be ended for this one. */
  | 'too-many-sessions'
  /** The link was used, or has ended, or never was. */
  | 'token'
  /** The new password is too short, or too common: see `password`. */
  | 'password'
  | 'email'
  | 'name'
  | 'role'
  /** A reason for what is done must be given, in words. */
  | 'reason'
  /** This is no IP address. */
  | 'address'
  /** All sessions of one's own address cannot be ended. */
  | 'own-address'
  /** Nothing can be blocked by hand under this rule. */
  | 'rule'
  /** The rule does not count what was named. */
  | 'subject'
  | 'duration'
  /** Another account has this address. Only administrators are told. */
  | 'taken'
  /** What it is done to is no more. */
  | 'gone'
  /** Nobody would be left who can administer. */
  | 'last-admin'

/** Classes of {@link ProblemReason}, as everywhere in Cloakroom. */
export type ProblemCode =
  | 'ERR_UNAUTHENTICATED'
  | 'ERR_FORBIDDEN'
  | 'ERR_CSRF'
  | 'ERR_CONFLICT'
  | 'ERR_RATE_LIMITED'
  | 'ERR_UNAVAILABLE'
  | 'ERR_INVALID'
  | 'ERR_NOT_FOUND'

/** The body of every refusal, by RFC 9457. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  /** A sentence for people, in English. */
  readonly detail: string
  readonly code: ProblemCode
  readonly reason: ProblemReason
  /** When to try again; null for never. */
  readonly retryAfterSeconds?: number | null | undefined
  /** How the session that the browser had ended by itself. */
  readonly ended?: 'idle' | 'absolute' | undefined
  /** Lets whoever has to change their password do so. */
  readonly token?: string | undefined
  /** What is wrong with a new password. */
  readonly password?: PasswordFault | undefined
  /** What of the request is not as described. */
  readonly faults?: readonly InputFault[] | undefined
}

/** What is wrong with a new password. */
export interface PasswordFault {
  readonly reason: 'short' | 'long' | 'unreadable' | 'common' | 'context' | 'compromised'
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  /** How it would be guessed, in English. */
  readonly warning?: string | undefined
  /** Little is left of it without this word. */
  readonly word?: string | undefined
}

/** One thing that is wrong with a request. */
export interface InputFault {
  /** Names and numbers on the way to it, with dots between; empty for the whole. */
  readonly path: string
  readonly message: string
}
