import type { Duration } from '../core/duration.ts'
import type { EventSource } from '../events/event.ts'
import type { Actor, SessionRead } from '../sessions/manager.ts'

/** Who is signed in. */
export interface CurrentUser {
  readonly id: string
  readonly role: string
  readonly permissions: readonly string[]
  readonly tenant: string | null
  /** Who acts in the user's place, such as an administrator; null when it is the user. */
  readonly actor: Actor | null
}

/** How a user signs in. */
export interface LoginOptions<Data> {
  /** Keep the user signed in beyond the end of the browser. @default false */
  readonly remember?: boolean
  /** How the user proved who they are, in the names of RFC 8176. @default ['pwd'] */
  readonly methods?: readonly string[]
  /**
   * Who acts in the user's place. Every event then names both, and guards for what is sensitive
   * refuse. Give no proofs with it (`methods: []`): they would not be the user's.
   */
  readonly actor?: Actor | undefined
  /** Ends the session after this long, whatever happens, where others live longer. */
  readonly lifetime?: Duration | undefined
  /**
   * What the new session takes over of the visitor's: all keys, these keys, or none. Nothing is
   * ever taken over from the session of another user. @default true
   */
  readonly carry?: boolean | readonly (keyof Data & string)[]
}

/** What the response must do with the session's cookie. */
export type CookieChange =
  | { readonly kind: 'set'; readonly token: string }
  | { readonly kind: 'clear' }

/** What a {@link Session} is told about its request. */
export interface SessionRequest<Data> {
  readonly source: EventSource
  /** Reads the session the request came with: when it is first needed, and to read it again. */
  readonly read: () => SessionRead<Data> | null | Promise<SessionRead<Data>>
  readonly isHeadSent: () => boolean
  /** What a handler sees that looks at the session while the store cannot answer. */
  readonly unavailablePolicy: () => 'error' | 'anonymous'
}
