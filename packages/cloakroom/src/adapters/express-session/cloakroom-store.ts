import { ConflictError, StoreError } from '../../core/errors.ts'
import type { AdoptedSessions } from '../../sessions/adopted.ts'
import type { AdoptedEntry } from '../../sessions/adopted-index.ts'
import type { SessionState } from '../../sessions/state.ts'
import { storeUnavailable } from '../../web/request-errors.ts'
import type { OldRecords } from './old-records.ts'
import type { SessionHolder } from './request.ts'
import type { SessionData } from './session.ts'
import type { SessionDataRules, StoredCookie, StoredSession } from './session-data.ts'
import { Store, type StoreCallback } from './store.ts'

/**
 * Keeps the sessions of express-session, and of others that take its stores, sealed and listed by
 * user.
 *
 * It saves what a request changed in its session, on top of what others stored meanwhile, and a
 * session that has ended stays ended. For the first it must know what the request began with:
 * `@fastify/session` makes copies, and with it the last request to save wins.
 */
export interface ExpressSessionStore extends Store {
  /** Typed as it is to fit whatever declarations of express-session are in use. */
  createSession(request: SessionHolder, data: SessionData): never
  touch: NonNullable<Store['touch']>
  length: NonNullable<Store['length']>
  clear: NonNullable<Store['clear']>
  hasEnded: NonNullable<Store['hasEnded']>
  /** A user's living sessions, the one used last first. Needs the option `userOf`. */
  listUser(userId: string): Promise<readonly AdoptedEntry[]>
  /** Ends a session by the handle that a list shows; false when there was none. */
  revoke(handle: string): Promise<boolean>
  /** Ends all sessions of a user, or all but that of one session id; gives how many. */
  revokeUser(userId: string, exceptSid?: string): Promise<number>
  /** Closes the connections that were opened here. Your own client stays open. */
  close(): void
}

/** What {@link createCloakroomStore} works with. */
export interface CloakroomStoreParts {
  readonly sessions: AdoptedSessions<StoredSession>
  readonly rules: SessionDataRules
  /** Null when there was no store before. */
  readonly oldRecords: OldRecords | null
  /** Activity is noted at most this often; null for never. */
  readonly touchEveryMs: number | null
  now(): number
  close(): void
}

/** What a request began with, and whether its session has ended since. */
interface Origin {
  state: SessionState<StoredSession> | null
}

/** Makes an {@link ExpressSessionStore}. */
export function createCloakroomStore(parts: CloakroomStoreParts): ExpressSessionStore {
  const { sessions, rules, oldRecords, touchEveryMs, now } = parts
  const base = new Store()
  const createSession = base.createSession.bind(base)
  /** By the object that was given out, and by the session made of it. */
  const origins = new WeakMap<object, Origin>()

  async function find(sid: string): Promise<SessionData | null> {
    const state = (await sessions.find(sid)) ?? (await takeOver(sid))
    if (state === null) return null
    const found = rules.read(state.data, state.seenAt)
    origins.set(found, { state })
    return found
  }

  /** Seals a session that another store kept until now. */
  async function takeOver(sid: string): Promise<SessionState<StoredSession> | null> {
    const old = (await oldRecords?.find(sid)) ?? null
    if (old === null) return null
    const begun = await sessions.begin(sid, rules.write(old))
    await oldRecords?.remove(sid)
    // Another request was faster, or it has ended.
    return begun ?? sessions.find(sid)
  }

  async function put(sid: string, session: object): Promise<void> {
    const stored = rules.write(session)
    if (rules.hasEnded(stored)) return end(sid)
    const origin = origins.get(session)
    if (origin === undefined) {
      origins.set(session, { state: await overwrite(sid, stored) })
    } else if (origin.state !== null) {
      origin.state = await saveLiving(origin.state, stored)
    }
  }

  /** Of this session it is not known what it was before. */
  async function overwrite(
    sid: string,
    stored: StoredSession,
  ): Promise<SessionState<StoredSession> | null> {
    const begun = await sessions.begin(sid, stored)
    if (begun !== null) return begun
    const present = await sessions.find(sid)
    return present === null ? null : saveLiving(present, stored)
  }

  /** Null when the session has ended: it stays ended. */
  async function saveLiving(
    state: SessionState<StoredSession>,
    stored: StoredSession,
  ): Promise<SessionState<StoredSession> | null> {
    try {
      return await sessions.save(state, stored)
    } catch (error) {
      if (error instanceof ConflictError && error.code === 'ERR_SESSION_GONE') return null
      throw error
    }
  }

  async function touch(sid: string, session: object): Promise<void> {
    const origin = origins.get(session)
    const state = origin?.state ?? null
    const cookie = rules.writeCookie(session)
    const stored = state === null ? rules.write(session) : { ...state.data, cookie }
    if (rules.hasEnded(stored)) return end(sid)
    if (origin !== undefined && state !== null && !isSame(cookie, state.data.cookie)) {
      // Another lifetime is no change to express-session, which then only touches.
      origin.state = await saveLiving(state, stored)
    } else if (isTouchDue(state)) {
      const lives = await sessions.touch(sid)
      if (!lives && origin !== undefined) origin.state = null
    }
  }

  function isTouchDue(state: SessionState<StoredSession> | null): boolean {
    if (touchEveryMs === null || state === null) return touchEveryMs !== null
    const { seenAt, idleExpiresAt } = state
    // It was seen by the clock of Redis, which may be ahead of this one.
    return Math.abs(now() - seenAt) >= Math.min(touchEveryMs, (idleExpiresAt - seenAt) / 2)
  }

  async function end(sid: string): Promise<void> {
    await Promise.all([sessions.end(sid), oldRecords?.remove(sid)])
  }

  async function count(): Promise<number> {
    let sum = 0
    for await (const _entry of sessions.scan()) sum += 1
    return sum
  }

  async function endAll(): Promise<void> {
    for await (const { id } of sessions.scan()) await sessions.revoke(id, 'revoked')
  }

  async function revokeUser(userId: string, exceptSid?: string): Promise<number> {
    const kept = exceptSid === undefined ? null : await sessions.find(exceptSid)
    const listed = await sessions.list(userId)
    const others = listed.filter(({ id }) => id !== kept?.id)
    const ended = await Promise.all(others.map(({ id }) => sessions.revoke(id, 'revoked')))
    return ended.filter(Boolean).length
  }

  return Object.assign(base, {
    get: (sid: string, callback: (error?: Error | null, found?: SessionData | null) => void) =>
      answer(find(sid), callback),
    set: (sid: string, session: object, callback?: StoreCallback) =>
      answer(put(sid, session), callback),
    touch: (sid: string, session: object, callback?: StoreCallback) =>
      answer(touch(sid, session), callback),
    destroy: (sid: string, callback?: StoreCallback) => answer(end(sid), callback),
    length: (callback: (error?: Error | null, length?: number) => void) =>
      answer(count(), callback),
    clear: (callback?: StoreCallback) => answer(endAll(), callback),
    createSession(request: SessionHolder, data: SessionData) {
      const session = createSession(request, data)
      const origin = origins.get(data)
      if (origin !== undefined) origins.set(session, origin)
      return session as never
    },
    hasEnded: (session: object) => origins.get(session)?.state === null,
    listUser: sessions.list,
    revoke: (handle: string) => sessions.revoke(handle, 'revoked'),
    revokeUser,
    close: parts.close,
  })
}

/** Calls back outside of the promise, so that what the callback throws is not lost in it. */
function answer<Value>(
  promise: Promise<Value>,
  callback: ((error?: Error | null, value?: Value) => void) | undefined,
): void {
  promise.then(
    value => process.nextTick(callback ?? ignore, null, value),
    error => process.nextTick(callback ?? ignore, explain(error)),
  )
}

function isSame(left: StoredCookie, right: StoredCookie): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

function ignore(): void {}

function explain(error: unknown): unknown {
  return error instanceof StoreError ? storeUnavailable({ state: 'unavailable', error }) : error
}
