import type { GraceKind } from './store.ts'

/** Rights of a session, as far as the model cares. */
export interface ModelRights {
  readonly role: string | null
  readonly methods: Readonly<Record<string, number>>
}

/** Where a former token leads. */
interface Link {
  readonly kind: GraceKind
  readonly graceEndsAt: number
  readonly next: string
}

/** What is known of a session that was ever begun. */
export interface ModelSession {
  readonly id: string
  readonly user: string | null
  readonly tenant: string | null
  readonly tenantEpoch: number
  readonly createdAt: number
  seenAt: number
  token: string
  rights: ModelRights
  data: Readonly<Record<string, unknown>>
  isStored: boolean
  readonly links: Map<string, Link>
}

/** What must come of a token. */
export type ModelRead =
  | { readonly state: 'absent'; readonly reason: string }
  | {
      readonly state: 'valid'
      readonly session: ModelSession
      readonly isLimited: boolean
      readonly newToken: string | null
    }

/** Times and limit that the managers under test are set to as well. */
export const modelPolicy = {
  idleMs: 3_600_000,
  absoluteMs: 7_200_000,
  touchMs: 180_000,
  graceMs: 10_000,
  limit: 3,
} as const

/**
 * Sessions as they are meant to be, without storage, seals, messages or races: what a reader of the
 * documentation expects. Every manager on every store must agree with it after every step.
 */
export interface Model {
  readonly sessions: ReadonlyMap<string, ModelSession>
  /** How often a stolen token must have been noticed. */
  readonly detections: number
  advance(ms: number): void
  now(): number
  living(user: string): ModelSession[]
  /** Ends those that a new session of the user would push out. */
  evict(user: string, replaces: string | null): string[]
  begin(session: Pick<ModelSession, 'id' | 'user' | 'tenant' | 'token' | 'rights' | 'data'>): void
  read(token: string, options: { touchMs: number | null; isUnderWay: boolean }): ModelRead
  isAlive(session: ModelSession): boolean
  rotate(session: ModelSession, kind: GraceKind, next: string): void
  /** Ends a session for good; with a token and its successor, it was replaced by that one. */
  end(id: string, former?: { readonly token: string; readonly next: string }): boolean
  endAll(user: string, exceptId: string | null): number
  raise(tenant: string): void
}

/** Makes a {@link Model}. */
export function createModel(startAt: number): Model {
  const { idleMs, absoluteMs, graceMs, limit } = modelPolicy
  const sessions = new Map<string, ModelSession>()
  const epochs = new Map<string, number>()
  let now = startAt
  let detections = 0

  const epochOf = (tenant: string | null): number => epochs.get(tenant ?? '') ?? 0

  function expiry(session: ModelSession): string | null {
    if (now >= session.createdAt + absoluteMs) return 'absolute'
    return now >= session.seenAt + idleMs ? 'idle' : null
  }

  function living(user: string): ModelSession[] {
    const all = [...sessions.values()]
    return all.filter(each => each.user === user && each.isStored && expiry(each) === null)
  }

  function isAlive(session: ModelSession): boolean {
    const isCurrent = session.tenantEpoch >= epochOf(session.tenant)
    return session.isStored && expiry(session) === null && isCurrent
  }

  function remember(session: ModelSession, token: string, link: Omit<Link, 'graceEndsAt'>): void {
    session.links.set(token, { ...link, graceEndsAt: now + graceMs })
  }

  function endFamily(token: string): void {
    const session = sessions.get(token.slice(0, 22))
    if (session === undefined) return
    if (session.isStored && session.token === token) {
      session.isStored = false
      if (expiry(session) === null) session.links.clear()
      return
    }
    const link = session.links.get(token)
    if (link !== undefined) endFamily(link.next)
  }

  function read(
    token: string,
    { touchMs, isUnderWay }: { touchMs: number | null; isUnderWay: boolean },
  ): ModelRead {
    const session = sessions.get(token.slice(0, 22))
    if (session === undefined) return { state: 'absent', reason: 'unknown' }
    if (session.isStored && session.token === token) return readCurrent(session, touchMs)
    const link = session.links.get(token)
    if (link === undefined) return { state: 'absent', reason: 'unknown' }
    if (isUnderWay || now < link.graceEndsAt) return follow(link, touchMs)
    detections += 1
    const hadRecord = session.isStored
    session.isStored = false
    session.links.clear()
    if (!hadRecord) endFamily(link.next)
    return { state: 'absent', reason: 'reused' }
  }

  function readCurrent(session: ModelSession, touchMs: number | null): ModelRead {
    const reason = expiry(session)
    if (reason !== null) {
      session.isStored = false
      return { state: 'absent', reason }
    }
    const quiet = now - session.seenAt
    const isTouch = touchMs !== null && quiet > 0 && quiet >= Math.min(touchMs, idleMs / 2)
    if (isTouch) session.seenAt = now
    if (session.tenantEpoch >= epochOf(session.tenant)) {
      return { state: 'valid', session, isLimited: false, newToken: null }
    }
    session.isStored = false
    session.links.clear()
    return { state: 'absent', reason: 'epoch' }
  }

  function follow({ kind, next }: Link, touchMs: number | null): ModelRead {
    if (kind === 'none') return { state: 'absent', reason: 'retired' }
    const found = read(next, { touchMs, isUnderWay: true })
    if (found.state === 'absent') return found
    if (kind === 'limited') return { ...found, isLimited: true, newToken: null }
    return found.isLimited ? found : { ...found, newToken: found.newToken ?? next }
  }

  return {
    sessions,
    get detections() {
      return detections
    },
    advance(ms) {
      now += ms
    },
    now: () => now,
    living,
    isAlive,
    read,
    evict(user, replaces) {
      const counted = living(user).filter(({ id }) => id !== replaces)
      const oldestFirst = counted.toSorted(
        (left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1),
      )
      const surplus = oldestFirst.slice(0, Math.max(0, counted.length - limit + 1))
      for (const session of surplus) session.isStored = false
      return surplus.map(({ id }) => id)
    },
    begin(parts) {
      const tenantEpoch = epochOf(parts.tenant)
      const times = { createdAt: now, seenAt: now }
      sessions.set(parts.id, {
        ...parts,
        ...times,
        tenantEpoch,
        isStored: true,
        links: new Map(),
      })
    },
    rotate(session, kind, next) {
      remember(session, session.token, { kind, next })
      session.token = next
      session.seenAt = now
    },
    end(id, former) {
      const session = sessions.get(id)
      if (session === undefined) return false
      const wasStored = session.isStored
      session.isStored = false
      if (former === undefined) session.links.clear()
      else if (wasStored) remember(session, former.token, { kind: 'none', next: former.next })
      return wasStored && expiry(session) === null
    },
    endAll(user, exceptId) {
      const ended = living(user).filter(({ id }) => id !== exceptId)
      for (const session of ended) session.isStored = false
      return ended.length
    },
    raise(tenant) {
      epochs.set(tenant, epochOf(tenant) + 1)
    },
  }
}
