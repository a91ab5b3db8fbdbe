import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, type Mock, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import type { SecurityEvent } from '../../packages/cloakroom/src/events/event.ts'
import type { ChangeListener } from '../../packages/cloakroom/src/sessions/changes.ts'
import {
  createSessionManager,
  type IssuedSession,
  type SessionManager,
  type SessionManagerOptions,
} from '../../packages/cloakroom/src/sessions/manager.ts'
import type { SocketBinding } from '../../packages/cloakroom/src/sessions/sockets.ts'
import type {
  LoadRequest,
  LoadResult,
  SessionStore,
} from '../../packages/cloakroom/src/sessions/store.ts'
import { createMemorySessions } from '../../packages/cloakroom/src/stores/memory/sessions.ts'

export const minute = 60_000
export const alice = { id: 'alice', tenant: 'acme' }

/** A WebSocket as far as binding needs one. */
export type TestSocket = EventEmitter & {
  readyState: number
  close: Mock<(code: number, reason: string) => void>
  terminate: Mock<() => void>
}

/** Sockets and sessions in memory, whose time passes when it is told to. */
export interface SocketGround {
  clock: ManualClock
  store: SessionStore
  /** Binds sockets. Its messages can be lost, and what it loads can be another answer. */
  sessions: SessionManager
  /** Another process. */
  others: SessionManager
  events: SecurityEvent[]
  /** What was looked up for sockets. */
  loads: LoadRequest[]
  beforeLoad: (request: LoadRequest) => Promise<LoadResult> | LoadResult | undefined
  /** Hears changes on behalf of `sessions`. */
  listener: ChangeListener
  isSilent: boolean
  settings(): Omit<SessionManagerOptions<object>, 'store'>
  watchedStore(): SessionStore
  /** Passes time, for sessions and for timers. */
  pass(ms: number): Promise<void>
  openSocket(): TestSocket
  /** A session with a socket that is bound to it. */
  bound(
    user?: { id: string; tenant?: string } | null,
  ): Promise<IssuedSession<object> & { socket: TestSocket; binding: SocketBinding }>
}

/** Makes a {@link SocketGround} anew for each test. */
export function useSocketGround(): SocketGround {
  const ground = {} as SocketGround
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
    const clock = createManualClock()
    const store = createMemorySessions({ clock })
    Object.assign(ground, { clock, store, events: [], loads: [], isSilent: false })
    ground.beforeLoad = () => undefined
    ground.settings = () => ({
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      clock,
      events: { emit: event => ground.events.push(event) },
    })
    ground.watchedStore = () => watchedStore(ground)
    ground.others = createSessionManager({ ...ground.settings(), store })
    ground.sessions = createSessionManager({ ...ground.settings(), store: watchedStore(ground) })
  })
  afterEach(() => {
    ground.sessions.close()
    vi.useRealTimers()
  })
  return Object.assign(ground, {
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 250) {
        ground.clock.advance(Math.min(250, left))
        await vi.advanceTimersByTimeAsync(Math.min(250, left))
      }
    },
    openSocket,
    async bound(user: { id: string; tenant?: string } | null = alice) {
      const issued = await ground.others.create(user, { source: { ip: '203.0.113.7' } })
      const socket = openSocket()
      return { ...issued, socket, binding: ground.sessions.bind(socket, issued.session) }
    },
  })
}

function watchedStore(ground: SocketGround): SessionStore {
  const { store } = ground
  return {
    ...store,
    async load(request) {
      if (request.digest === null) ground.loads.push(request)
      return (await ground.beforeLoad(request)) ?? store.load(request)
    },
    watch(listener, clock) {
      ground.listener = listener
      const { onGap } = listener
      const watch = store.watch?.(
        { onChange: change => ground.isSilent || listener.onChange(change), onGap },
        clock,
      )
      return {
        get provenAt() {
          return ground.isSilent ? Number.NEGATIVE_INFINITY : (watch?.provenAt ?? 0)
        },
        close: () => watch?.close(),
      }
    },
  }
}

function openSocket(): TestSocket {
  return Object.assign(new EventEmitter(), {
    readyState: 1,
    close: vi.fn<(code: number, reason: string) => void>(),
    terminate: vi.fn<() => void>(),
  })
}
