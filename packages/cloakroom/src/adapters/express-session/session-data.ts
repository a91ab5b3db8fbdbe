import type { AdoptedFacts } from '../../sessions/adopted.ts'
import type { SessionData } from './session.ts'

/** How long sessions live and whose they are, told from what they hold. */
export interface SessionDataOptions {
  /**
   * Lifetime in seconds of sessions whose cookie has none, or a function that gives that of any
   * session. @default 86_400, one day
   */
  readonly ttl?: number | ((session: Partial<SessionData>) => number) | undefined
  /** Whose a session is, by what it holds; null for a visitor's. @default nobody's */
  readonly userOf?:
    | ((session: Partial<SessionData>) => string | number | null | undefined)
    | undefined
  /** Keep Date, Map, Set, BigInt and bytes as they are, and not as JSON makes them. @default false */
  readonly typed?: boolean | undefined
}

/** What is stored of a session: its data, and its cookie as plain values. */
export interface StoredSession {
  readonly cookie: StoredCookie
}

/** A cookie as plain values. */
export interface StoredCookie {
  readonly originalMaxAge?: number | null
  /** Where it has a lifetime, the end is told from that. */
  readonly expires?: string | null
}

/** Turns sessions of express-session into what is stored, and back. */
export interface SessionDataRules {
  write(session: object): StoredSession
  writeCookie(session: object): StoredCookie
  /** A session as it was, in an object of its own; its cookie's end counts from the last activity. */
  read(stored: StoredSession, seenAt: number): SessionData
  describe(stored: StoredSession): AdoptedFacts
  /** Whether a session that is to be stored has ended already. */
  hasEnded(stored: StoredSession): boolean
}

/** Makes {@link SessionDataRules}. @param now milliseconds since 1970. */
export function createDataRules(options: SessionDataOptions, now: () => number): SessionDataRules {
  const { ttl = 86_400, userOf, typed = false } = options

  function lifetimeOf(stored: StoredSession): number {
    const { originalMaxAge, expires } = stored.cookie
    if (typeof ttl === 'function') return ttl(asSession(stored)) * 1000
    if (typeof originalMaxAge === 'number') return originalMaxAge
    return expires ? new Date(expires).getTime() - now() : ttl * 1000
  }

  function writeCookie(session: object): StoredCookie {
    // The end would make every request a change.
    const { expires = null, ...attributes } = plain((session as StoredSession).cookie)
    const hasLifetime = typeof attributes.originalMaxAge === 'number'
    return hasLifetime ? attributes : { ...attributes, expires }
  }

  return {
    write(session) {
      const { cookie: _cookie, ...data } = session as StoredSession
      return { ...(typed ? data : plain(data)), cookie: writeCookie(session) }
    },
    writeCookie,
    read(stored, seenAt) {
      const { originalMaxAge, expires = null } = stored.cookie
      const hasLifetime = typeof originalMaxAge === 'number'
      const end = hasLifetime ? new Date(seenAt + originalMaxAge).toISOString() : expires
      return asSession({ ...stored, cookie: { ...stored.cookie, expires: end } })
    },
    describe(stored) {
      const user = userOf?.(asSession(stored)) ?? null
      return {
        userId: user === null || user === '' ? null : String(user),
        idleMs: Math.max(1, Math.ceil(lifetimeOf(stored) / 1000)) * 1000,
      }
    },
    hasEnded: stored => lifetimeOf(stored) <= 0,
  }
}

/** To whoever declares what sessions hold, theirs are what stores give out. */
function asSession(stored: StoredSession): SessionData {
  return stored as unknown as SessionData
}

/** As JSON brings it back. */
function plain<Value extends object>(value: Value): Value {
  return JSON.parse(JSON.stringify(value))
}
