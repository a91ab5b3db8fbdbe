import type { SecurityEvent } from 'cloakroom'

/** Who asked, as far as it is known. */
export type EventSource = Pick<SecurityEvent, 'ip' | 'userAgent'>

/** Where events are handed in. */
export interface EventSink {
  emit(event: SecurityEvent): void
}

/** Where they can be heard as well. Cloakroom's `events` is one. */
export interface EventHub extends EventSink {
  on(type: 'session_expired', listener: (event: SecurityEvent) => unknown): () => void
}

/** Who may do what. Cloakroom's `roles` do. */
export interface Roles {
  /** All roles, the lowest first. */
  readonly ladder: readonly string[]
  /** Whether a role reaches another one. */
  reaches(role: string | null, atLeast: string): boolean
  allows(role: string | null, permission: string): boolean
  /** @throws {ConfigError} for a name that is no role. */
  requireKnown(role: string): void
}

/** Who is signed in, as far as flows need it. */
export interface VisitUser {
  readonly id: string
  readonly role: string
}

/** The part of a request's session that flows use. Cloakroom's `Session` is one. */
export interface VisitSession {
  /** Public handle; null when nothing is stored about the visitor. */
  readonly id: string | null
  readonly user: (VisitUser & { readonly actor: { readonly id: string } | null }) | null
  /** How the user proved who they are, and when. */
  readonly info: {
    readonly methods: Readonly<Record<string, number>>
    readonly isLimited: boolean
    /** Such as `Firefox on Linux`. */
    readonly device: string | null
  } | null
  /** A new session with a new token for a user; the one before ends. */
  login(
    user: VisitUser,
    options: {
      readonly remember?: boolean
      readonly methods?: readonly string[]
      readonly carry?: boolean
      /** Who acts in the user's place. */
      readonly actor?: { readonly id: string }
      /** How long at most, in milliseconds. */
      readonly lifetime?: number
    },
  ): Promise<void>
  logout(): Promise<void>
  /** A new session with a new token for a visitor; the one before ends, whoever was signed in. */
  restart(): Promise<void>
  /** Notes further proofs, and gives the session a new token. */
  rotate(change: { readonly methods: readonly string[] }): Promise<void>
  /** Notes that the user proved again who they are, and gives the session a new token. */
  stepUp(method: string): Promise<void>
  /** Ends one of the user's own sessions; false for a handle that is none of theirs. */
  revoke(id: string): Promise<boolean>
  revokeOthers(): Promise<number>
}

/** One request on its way through a flow. */
export interface Visit {
  readonly session: VisitSession
  /** For events. */
  readonly source: EventSource
  /** The client's address cut to its network, as `addressKey` gives it. For limits. */
  readonly address: string
  /** Left out where there is no browser. */
  readonly device?: VisitDevice | undefined
}

/** Whether somebody signed in from a device before. Cloakroom's `knownDevice` is one. */
export interface VisitDevice {
  /** Names the device, where it was this very account. */
  idFor(account: string): string | undefined
  /** Somebody proved that the account is theirs. */
  note(account: string): void
}

/** Who ends sessions and why, for the events. */
export interface Ending {
  readonly source: EventSource
  readonly reason: string
  /** The administrator who does it, where it is not the owner. */
  readonly actorId?: string | undefined
}

/**
 * Keeps sealed values beside a session until it ends, or under a name for a time. Cloakroom's
 * `SessionManager` does.
 */
export interface SessionLockers {
  locker(owner: { readonly session: string } | { readonly name: string; readonly keepFor: '1d' }): {
    /** The version changes with each `set`. */
    get(name: string): Promise<{ readonly value: unknown; readonly version: string } | null>
    set(name: string, value: unknown): Promise<unknown>
    /** Not when it is of another version by now. */
    remove(name: string, options: { readonly ifVersion: string }): Promise<{ readonly ok: boolean }>
  }
}

/** Seals texts for a store. Cloakroom's `sealer` makes one. */
export interface TextSealer {
  seal(text: string, place: string): string
  /** @throws {SealError} for a text of another place, or of a key that is no longer there. */
  open(sealed: string, place: string): string
}

/** Ends sessions from outside. Cloakroom's `SessionManager` does. */
export interface SessionEnder {
  raiseEpoch(scope: { readonly user: string }, ending: Ending): Promise<void>
  revoke(id: string, ending: Ending): Promise<boolean>
}

/** Counts how often something is done. Cloakroom's `RateLimiter` does. */
export interface Limiter {
  check(
    rule: string,
    key: string | readonly string[],
    options?: { readonly source?: EventSource },
  ): Promise<LimitDecision>
}

/** What a {@link Limiter} says. */
export interface LimitDecision {
  readonly allowed: boolean
  readonly retryAfterMs: number
  /** How much more is allowed now. */
  readonly remaining: number
  /** Whether nothing could be counted, and a refusal says nothing about the visitor. */
  readonly degraded: boolean
}

/** Keeps passwords from being guessed. Cloakroom's `LoginProtection` does. */
export interface LoginGuard {
  begin(attempt: {
    readonly account: string
    readonly address: string
    readonly device?: string
    readonly source?: EventSource & { readonly userId?: string }
  }): Promise<LoginGuardDecision>
}

/** What a {@link LoginGuard} says. One of `fail` and `succeed` must follow. */
export interface LoginGuardDecision {
  readonly allowed: boolean
  readonly retryAfterMs: number
  /** Answer this much later: the account is under attack. */
  readonly slowDownMs: number
  readonly outcome: { readonly degraded: boolean }
  fail(): Promise<number>
  succeed(): Promise<void>
}
