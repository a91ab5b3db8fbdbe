import { StoreError } from '../core/errors.ts'
import type { SessionChange } from './changes.ts'
import type { SessionMeta } from './content.ts'
import type { Observer } from './observer.ts'
import { expiries, report, type SessionParts } from './parts.ts'
import { type BindableSocket, handleOf, type SocketEnd, type SocketHandle } from './socket-kinds.ts'
import { type SessionState, secretsOf } from './state.ts'
import { deadlineOf, type LoadResult, ownerOf } from './store.ts'

/** How a socket is bound. */
export interface BindOptions {
  /** Told just before the socket is closed, so that something can still be sent. */
  readonly onEnd?: (end: SocketEnd) => void
  /** Messages from the client do not count as activity: for protocols that poll. @default false */
  readonly isPassive?: boolean
}

/** A socket that is bound to a session. */
export interface SocketBinding {
  /** Counts as activity of the session. Messages do so by themselves; pings and pongs never do. */
  noteActivity(): void
  /** Leaves the socket open, whatever becomes of the session. */
  unbind(): void
}

/** Closes sockets when their session ends. */
export interface SessionSockets<Data> {
  bind(socket: BindableSocket, session: SessionState<Data>, options?: BindOptions): SocketBinding
  /** Unbinds all. */
  close(): void
}

/** A socket, and what the session was when it was bound. */
interface BoundSocket {
  readonly handle: SocketHandle
  readonly onEnd: ((end: SocketEnd) => void) | undefined
  readonly generation: number
  readonly csrfEpoch: number
}

/** A session with sockets. Instants are by the process's clock. */
interface BoundSession {
  readonly id: string
  readonly sockets: Set<BoundSocket>
  meta: SessionMeta
  /** When it ends if there is no activity, and in any case. */
  endsAt: number
  finalAt: number
  /** When activity is to be noted next. */
  touchAt: number
  /** When the store was last asked, and when it last answered. */
  triedAt: number
  checkedAt: number
  isChecking: boolean
  /** There was activity that the store has not been told of. */
  isActive: boolean
}

const tickMs = 250

/** So many sessions are looked up in one tick, however many have to be: the store serves others. */
const checksPerTick = 100

/** One session is looked up, and its activity noted, at most this often before its deadline. */
const paceMs = 1000

/** Looked up this often even while all changes are heard: a record may be deleted by hand. */
const recheckMs = 30_000

const longAgo = Number.NEGATIVE_INFINITY

/**
 * Makes {@link SessionSockets}.
 *
 * A socket is closed at the message that its session ended or its rights changed, or at the deadline.
 * While messages are not proven to arrive, and once after that, each session is looked up in the
 * store, at a bounded pace. A store that cannot be reached closes nothing.
 */
export function createSockets<Data>(
  parts: SessionParts<Data>,
  observer: Observer,
): SessionSockets<Data> {
  const { store, events, clock, policy, vault, epochs } = parts
  const sessions = new Map<string, BoundSession>()
  let timer: NodeJS.Timeout | undefined
  let gaps = 0

  function bind(
    socket: BindableSocket,
    session: SessionState<Data>,
    options: BindOptions = {},
  ): SocketBinding {
    const { record, meta } = secretsOf(session)
    const { generation, id } = record
    const handle = handleOf(socket)
    const { csrfEpoch } = meta
    const bound: BoundSocket = { handle, onEnd: options.onEnd, generation, csrfEpoch }
    const unbind = (): void => release(id, bound)
    const noteActivity = (): void => touch(id)
    if (handle.isGone) return { noteActivity: ignore, unbind: ignore }
    handle.onGone(unbind)
    if (options.isPassive !== true) handle.onMessage(noteActivity)
    // It may have ended since it was read: the first look is the next tick's.
    const known = sessions.get(id) ?? newlyBound(id, meta)
    known.checkedAt = longAgo
    known.sockets.add(bound)
    sessions.set(id, known)
    timer ??= setInterval(tick, tickMs).unref()
    observer.start()
    return { noteActivity, unbind }
  }

  function release(id: string, socket: BoundSocket): void {
    const session = sessions.get(id)
    socket.handle.release()
    session?.sockets.delete(socket)
    if (session?.sockets.size === 0) sessions.delete(id)
    if (sessions.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  function closeSockets(
    session: BoundSession | undefined,
    end: SocketEnd,
    isMeant: (socket: BoundSocket) => boolean = () => true,
  ): void {
    for (const socket of [...(session?.sockets ?? [])].filter(isMeant)) {
      release(session?.id ?? '', socket)
      announce(socket, end)
      socket.handle.close(end)
    }
  }

  function onChange(change: SessionChange): void {
    if (change.kind === 'ended') {
      for (const id of change.ids) closeSockets(sessions.get(id), 'ended')
    } else if (change.kind === 'rights') {
      const { id, generation } = change
      closeSockets(sessions.get(id), 'rights', socket => socket.generation < generation)
    } else if (change.kind === 'epoch') {
      for (const session of sessions.values()) {
        if (epochs.isOutdated(session.meta)) closeSockets(session, 'ended')
      }
    } else if (change.kind === 'owner-ended') {
      // One of them may be younger than the message: look, rather than close.
      for (const session of sessions.values()) {
        const isMeant = ownerOf(session.id) === change.owner && session.id !== change.exceptId
        if (isMeant) void check(session)
      }
    }
  }

  function tick(): void {
    const now = clock.now()
    const isProven = observer.isProven(now)
    let budget = checksPerTick
    // Those looked up last come last.
    for (const session of sessions.values()) {
      if (!isDue(session, now, isProven)) continue
      budget -= 1
      if (budget >= 0) void check(session)
      else if (now >= session.finalAt) closeSockets(session, 'ended')
    }
  }

  function touch(id: string): void {
    const session = sessions.get(id)
    const now = clock.now()
    if (session === undefined || now < session.touchAt) return
    session.isActive = true
    if (isDue(session, now, true)) void check(session)
  }

  /** Asks the store what became of a session. */
  async function check(session: BoundSession): Promise<void> {
    const { id } = session
    const touchEveryMs = session.isActive ? policy.touchEveryMs : null
    const askedAt = clock.now()
    const gapsBefore = gaps
    session.triedAt = askedAt
    session.isChecking = true
    session.isActive = false
    try {
      const loaded = store.load({ id, digest: null, touchEveryMs, isUnderWay: true })
      const [result] = await Promise.all([loaded, epochs.refresh()])
      session.checkedAt = gaps === gapsBefore ? askedAt : longAgo
      if (result.state === 'valid') await follow(session, result, askedAt)
      else expire(session, result)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      if (clock.now() >= session.finalAt) closeSockets(session, 'ended')
    } finally {
      session.isChecking = false
    }
    if (sessions.get(id) !== session) return
    sessions.delete(id)
    sessions.set(id, session)
  }

  async function follow(
    session: BoundSession,
    { record, now }: Extract<LoadResult, { state: 'valid' }>,
    askedAt: number,
  ): Promise<void> {
    // The answer was made after the question, so that every instant here comes a little early.
    const ahead = now - askedAt
    const touchAfter = Math.min(policy.touchEveryMs, record.idleMs / 2)
    session.endsAt = deadlineOf(record) - ahead
    session.finalAt = record.createdAt + record.absoluteMs - ahead
    session.touchAt = record.seenAt + touchAfter - ahead
    const opened = vault.open(record, null)
    // Sealed by a key that is not known here, the session may still be good elsewhere.
    if (!opened.ok) return
    const { meta } = opened
    session.meta = meta
    if (epochs.isOutdated(meta)) {
      await store.end(session.id)
      expire(session, { state: 'absent', reason: 'epoch', record })
    }
    closeSockets(session, 'rights', socket => socket.csrfEpoch !== meta.csrfEpoch)
  }

  function expire(session: BoundSession, result: Exclude<LoadResult, { state: 'valid' }>): void {
    const { id, meta } = session
    const reason = result.state === 'absent' ? result.reason : result.state
    // A worker of a newer version can read it.
    if (reason === 'newer-format') return
    if (expiries.includes(reason)) report(events, 'session_expired', { id, meta, reason })
    closeSockets(session, 'ended')
  }

  observer.add({
    onChange,
    onGap() {
      gaps += 1
      for (const session of sessions.values()) session.checkedAt = longAgo
    },
  })

  return {
    bind,
    close() {
      for (const session of sessions.values()) {
        for (const socket of session.sockets) release(session.id, socket)
      }
    },
  }
}

function newlyBound(id: string, meta: SessionMeta): BoundSession {
  return {
    id,
    sockets: new Set(),
    meta,
    endsAt: Number.POSITIVE_INFINITY,
    finalAt: Number.POSITIVE_INFINITY,
    touchAt: longAgo,
    triedAt: longAgo,
    checkedAt: longAgo,
    isChecking: false,
    isActive: false,
  }
}

function isDue(session: BoundSession, now: number, isProven: boolean): boolean {
  // However the clock is set, nothing waits longer for it.
  const hasEnded = now >= session.endsAt
  const pace = hasEnded ? tickMs : paceMs
  if (session.isChecking || Math.abs(now - session.triedAt) < pace) return false
  return hasEnded || session.isActive || !isProven || Math.abs(now - session.checkedAt) >= recheckMs
}

/** What goes wrong in the application must not keep a socket open. */
function announce({ onEnd }: BoundSocket, end: SocketEnd): void {
  try {
    onEnd?.(end)
  } catch (error) {
    process.emitWarning(`\`onEnd\` of a bound socket throws: ${error}`, 'CloakroomWarning')
  }
}

function ignore(): void {}
