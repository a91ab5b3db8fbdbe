import type { Call } from './call.ts'
import type { PasswordFault } from './problem.ts'

/** What people ask about their own session and account, by method and path. */
export interface OwnCalls {
  'GET /session': Call<null, CurrentSession>
  'POST /session/renew': Call<null, CurrentSession>
  'POST /sign-in': Call<
    SignIn,
    CurrentSession,
    'wrong' | 'change-password' | 'second-factor' | 'enrol-second-factor' | 'too-many-sessions'
  >
  'POST /sign-out': Call<null, SignedOut>
  'POST /sign-out-everywhere': Call<null, CurrentSession>
  'POST /reauthenticate': Call<{ readonly password: string }, CurrentSession, 'wrong'>

  'POST /register': Call<Registration, null, 'email' | 'name' | 'password'>
  'POST /register/confirm': Call<
    RegistrationProof,
    CurrentSession,
    'token' | 'wrong' | 'second-factor' | 'enrol-second-factor' | 'too-many-sessions'
  >
  'POST /password/strength': Call<TypedPassword, PasswordStrength>
  'POST /password/forgot': Call<{ readonly login: string }, null>
  'POST /password/reset': Call<NewPassword, null, 'token' | 'password'>
  'POST /invitation/accept': Call<InvitationAnswer, null, 'token' | 'name' | 'password'>
  'POST /links/check': Call<MailedLink, LinkFacts, 'token'>

  'GET /account': Call<null, Profile>
  'PATCH /account': Call<{ readonly name: string }, Profile, 'name'>
  'DELETE /account': Call<null, CurrentSession, 'last-admin'>
  'POST /account/password': Call<PasswordChange, CurrentSession, 'wrong' | 'password'>
  'POST /account/email': Call<{ readonly email: string }, null, 'email'>
  'POST /account/email/confirm': Call<{ readonly token: string }, Profile, 'token'>
  'GET /account/sessions': Call<null, OwnSessions>
  'DELETE /account/sessions': Call<null, { readonly ended: number }>
  'DELETE /account/sessions/{sessionId}': Call<{ readonly sessionId: string }, null, 'gone'>
  'DELETE /impersonation': Call<null, CurrentSession, 'gone'>
}

/** Who is signed in, and for how long. */
export interface CurrentSession {
  /** Null for a visitor. */
  readonly user: CurrentUser | null
  /** Set while an administrator acts in the place of `user`. */
  readonly impersonation: { readonly reason: string; readonly endsAt: string } | null
  /** When it ends if nothing happens any more; null for visitors. */
  readonly endsInSeconds: number | null
  /** How the session that the browser had before ended by itself. */
  readonly ended: 'idle' | 'absolute' | null
  /** Goes into the header `x-csrf-token` of every request that changes something. */
  readonly csrfToken: string
  readonly settings: AccountSettings
}

/** Whoever is signed in. */
export interface CurrentUser {
  readonly id: string
  readonly email: string
  /** May be empty. */
  readonly name: string
  readonly role: string
  /** Their role and all below it. What may be done is decided by the server all the same. */
  readonly roles: readonly string[]
  /** What their role allows to be done to accounts and sessions of others. */
  readonly permissions: readonly string[]
}

/** What a front end must know to offer the right forms. */
export interface AccountSettings {
  readonly isRegistrationOpen: boolean
  readonly passwordMinLength: number
  readonly passwordMaxLength: number
  /** Sign-in elsewhere: send people to `href`, with `?next=` for where to come back to. */
  readonly providers: readonly { readonly name: string; readonly href: string }[]
}

/** A visitor's session, after somebody signed out. */
export interface SignedOut extends CurrentSession {
  /** Where they must go to sign out elsewhere as well; null for nowhere. */
  readonly onward: string | null
}

/** A new password while it is typed, with what it must not be made of. */
export interface TypedPassword {
  readonly password: string
  readonly email?: string | undefined
  readonly name?: string | undefined
}

/** For a meter. What would be refused has a score of 1 at most. */
export interface PasswordStrength {
  readonly score: 0 | 1 | 2 | 3 | 4
  /** Why it would be refused; null when it would not. */
  readonly fault: PasswordFault | null
}

/** Somebody claims to be the owner of an account. */
export interface SignIn {
  readonly login: string
  readonly password: string
  /** Stay signed in beyond the end of the browser. */
  readonly remember?: boolean | undefined
}

/** Somebody wants an account. */
export interface Registration {
  readonly email: string
  readonly password: string
  readonly name?: string | undefined
}

/** Somebody opened the link that a registration sent, and knows its password. */
export interface RegistrationProof {
  readonly token: string
  readonly password: string
  readonly remember?: boolean | undefined
}

/** A password chosen by the link for one that was forgotten. */
export interface NewPassword {
  readonly token: string
  readonly password: string
}

/** Somebody takes up an invitation. */
export interface InvitationAnswer {
  readonly token: string
  readonly password: string
  readonly name?: string | undefined
}

/** A link of a mail. */
export interface MailedLink {
  readonly purpose: 'registration' | 'reset' | 'email' | 'invitation'
  readonly token: string
}

/** For whom a link is that still works. */
export interface LinkFacts {
  readonly email: string
}

/** One's own account. */
export interface Profile {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly createdAt: string
  readonly signedInAt: string | null
}

/** Another password for one's own account. */
export interface PasswordChange {
  readonly current: string
  readonly password: string
}

/** One's own sessions, the one used last first. */
export interface OwnSessions {
  readonly sessions: readonly OwnSession[]
}

/** One of one's own sessions. */
export interface OwnSession {
  readonly id: string
  /** In words, as far as the browser tells. */
  readonly device: string | null
  readonly ip: string | null
  readonly createdAt: string
  readonly seenAt: string
  readonly expiresAt: string
  /** Whether it is the one that asks. */
  readonly isCurrent: boolean
}
