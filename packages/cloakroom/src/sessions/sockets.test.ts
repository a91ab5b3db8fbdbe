import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBarrier } from '../../../../test/support/barrier.ts'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import { StoreError } from '../core/errors.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import type { ChangeListener } from './changes.ts'
import { createSessionManager, type SessionManager, type SessionManagerOptions } from './manager.ts'
import type { LoadRequest, LoadResult, SessionStore } from './store.ts'

const minute = 60_000
const alice = { id: 'alice', tenant: 'acme' }

describe('bind', () => {
  let clock: ManualClock
  let store: SessionStore
  let sessions: SessionManager
  /** Another process. */
  let others: SessionManager
  let events: SecurityEvent[]
  let loads: LoadRequest[]
  let beforeLoad: (request: LoadRequest) => Promise<LoadResult> | LoadResult | undefined
  let listener: ChangeListener
  let isSilent: boolean

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
    clock = createManualClock()
    store = createMemorySessions({ clock })
    events = []
    loads = []
    beforeLoad = () => undefined
    isSilent = false
    others = createSessionManager({ ...settings(), store })
    sessions = createSessionManager({ ...settings(), store: watchedStore() })
  })
  afterEach(() => {
    sessions.close()
    vi.useRealTimers()
  })

  function settings(): Omit<SessionManagerOptions<object>, 'store'> {
    return {
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      clock,
      events: { emit: event => events.push(event) },
    }
  }

  /** The store, whose loads are noted and whose messages can be lost. */
  function watchedStore(): SessionStore {
    return {
      ...store,
      async load(request) {
        if (request.digest === null) loads.push(request)
        return (await beforeLoad(request)) ?? store.load(request)
      },
      watch(own, watchClock) {
        listener = own
        const watch = store.watch?.(
          { onChange: change => isSilent || own.onChange(change), onGap: own.onGap },
          watchClock,
        )
        return {
          get provenAt() {
            return isSilent ? Number.NEGATIVE_INFINITY : (watch?.provenAt ?? 0)
          },
          close: () => watch?.close(),
        }
      },
    }
  }

  /** Passes time, for sessions and for timers. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      clock.advance(Math.min(250, left))
      await vi.advanceTimersByTimeAsync(Math.min(250, left))
    }
  }

  function openSocket() {
    const socket = Object.assign(new EventEmitter(), {
      readyState: 1,
      close: vi.fn<(code: number, reason: string) => void>(),
      terminate: vi.fn<() => void>(),
    })
    return socket
  }

  async function bound(user: { id: string; tenant?: string } | null = alice) {
    const issued = await others.create(user)
    const socket = openSocket()
    const binding = sessions.bind(socket, issued.session)
    return { ...issued, socket, binding }
  }

  describe('closes a socket with 4001', () => {
    const ways: [string, (id: string) => Promise<unknown>][] = [
      ['its session ends here', id => sessions.revoke(id)],
      ['its session ends elsewhere', id => others.revoke(id)],
      ['all sessions of its user end', () => others.revokeAll('alice')],
      ['all sessions of its tenant end', () => others.raiseEpoch({ tenant: 'acme' })],
      ['all sessions end', () => others.raiseEpoch({ all: true })],
    ]

    it.each(ways)('when %s', async (_when, end) => {
      const { socket, session } = await bound()
      await pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
      await end(session.id)
      await vi.advanceTimersByTimeAsync(0)
      expect(socket.close.mock.calls).toEqual([[4001, 'Session ended']])
    })

    it('when its session has to make room', async () => {
      const { socket } = await bound()
      clock.advance(1)
      for (let count = 0; count < 5; count += 1) await others.create(alice)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('when its session ended between being read and being bound', async () => {
      const { session } = await others.create(alice)
      await others.revoke(session.id)
      const socket = openSocket()
      sessions.bind(socket, session)
      await pass(250)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('when its session was idle too long, and says so', async () => {
      const { socket, session } = await bound()
      await pass(60 * minute - 250)
      expect(socket.close).not.toHaveBeenCalled()
      await pass(250)
      expect(socket.close).toHaveBeenCalledOnce()
      expect(events.at(-1)).toMatchObject({
        type: 'session_expired',
        reason: 'idle',
        sessionId: session.id,
        userId: 'alice',
      })
    })

    it('at the absolute lifetime, however active it is', async () => {
      const { socket } = await bound()
      for (let hours = 0; hours < 12; hours += 0.5) {
        expect(socket.close).not.toHaveBeenCalled()
        socket.emit('message', 'hello')
        await pass(30 * minute)
      }
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('of a visitor who signs in', async () => {
      const { socket, session } = await bound(null)
      await others.create(alice, { previous: session })
      expect(socket.close).toHaveBeenCalledOnce()
    })
  })

  describe('closes a socket with 4003', () => {
    it('when rights change', async () => {
      const role = await bound({ id: 'bob' })
      await others.rotate(role.session, { role: 'admin' })
      expect(role.socket.close.mock.calls).toEqual([[4003, 'Rights changed']])
      const proof = await bound({ id: 'carol' })
      await sessions.rotate(proof.session, { methods: ['otp'] })
      expect(proof.socket.close.mock.calls).toEqual([[4003, 'Rights changed']])
    })

    it('when rights changed while nothing was heard', async () => {
      const { socket, session } = await bound()
      isSilent = true
      await others.rotate(session, { role: 'admin' })
      await pass(1250)
      expect(socket.close.mock.calls).toEqual([[4003, 'Rights changed']])
    })
  })

  describe('leaves a socket open', () => {
    it('when data changes or the token is replaced', async () => {
      const { socket, session } = await bound()
      Object.assign(session.data, { visits: 1 })
      const saved = await others.save(session)
      await others.rotate(saved)
      await pass(2 * minute)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('whose session is younger than the message that others of its user ended', async () => {
      const { socket, session } = await bound()
      const owner = session.id.slice(0, 12)
      listener.onChange({ kind: 'owner-ended', owner, exceptId: null })
      await pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('whose session is younger than the message of other rights', async () => {
      const { session } = await others.create(alice)
      const { session: raised } = await others.rotate(session, { role: 'admin' })
      const socket = openSocket()
      sessions.bind(socket, raised)
      listener.onChange({ kind: 'rights', id: raised.id, generation: 2 })
      await pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('that is the one to be kept', async () => {
      const { socket, session } = await bound()
      await others.revokeOthers(session)
      await pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('while there is activity elsewhere', async () => {
      const { socket, token } = await bound()
      for (let halves = 0; halves < 6; halves += 1) {
        await pass(30 * minute)
        await others.validate(token)
      }
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('that is not bound any more', async () => {
      const { socket, binding, session } = await bound()
      binding.unbind()
      await others.revoke(session.id)
      await pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
      expect(socket.listenerCount('message') + socket.listenerCount('close')).toBe(0)
    })

    it('when all are unbound at the end of the process', async () => {
      const { socket, session } = await bound()
      sessions.close()
      await others.revoke(session.id)
      await pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
      expect(vi.getTimerCount()).toBe(0)
    })

    it('whose record only others can read', async () => {
      const { socket } = await bound()
      beforeLoad = () => ({ state: 'absent', reason: 'newer-format', record: null })
      await pass(2 * minute)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('whose key is not known here', async () => {
      const { session } = await others.create(alice)
      const stranger = createSessionManager({
        ...settings(),
        store,
        secret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
      })
      const socket = openSocket()
      stranger.bind(socket, session)
      await pass(2 * minute)
      expect(socket.close).not.toHaveBeenCalled()
      stranger.close()
    })
  })

  describe('counts as activity', () => {
    const endsAfter = async (step: (socket: EventEmitter) => void): Promise<number> => {
      const { socket } = await bound()
      for (let minutes = 0; minutes < 180; minutes += 10) {
        if (socket.close.mock.calls.length > 0) return minutes
        step(socket)
        await pass(10 * minute)
      }
      return Number.POSITIVE_INFINITY
    }

    it('messages, and nothing else', async () => {
      expect(await endsAfter(socket => socket.emit('message', 'x'))).toBe(Number.POSITIVE_INFINITY)
      expect(await endsAfter(socket => socket.emit('pong'))).toBe(60)
      expect(await endsAfter(socket => socket.emit('ping'))).toBe(60)
    })

    it('what it is told, and no messages of a protocol that polls', async () => {
      const { session } = await others.create(alice)
      const socket = openSocket()
      const binding = sessions.bind(socket, session, { isPassive: true })
      await pass(30 * minute)
      socket.emit('message', 'poll')
      await pass(20 * minute)
      binding.noteActivity()
      await pass(50 * minute)
      expect(socket.close).not.toHaveBeenCalled()
      socket.emit('message', 'poll')
      await pass(11 * minute)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('a thousand messages as one', async () => {
      const { socket } = await bound()
      await pass(3 * minute)
      const before = loads.length
      for (let count = 0; count < 1000; count += 1) {
        socket.emit('message', 'x')
        await vi.advanceTimersByTimeAsync(0)
      }
      expect(loads.length - before).toBe(1)
    })
  })

  describe('looks sessions up', () => {
    it('once a second while nothing is heard, and closes what has ended', async () => {
      const { socket, session } = await bound()
      await pass(1000)
      isSilent = true
      const before = loads.length
      await pass(5000)
      expect(loads.length - before).toBe(5)
      await others.revoke(session.id)
      await pass(1000)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('now and then all the same', async () => {
      const { socket, session } = await bound()
      await pass(1000)
      const before = loads.length
      await pass(29_000)
      expect(loads.length - before).toBe(0)
      beforeLoad = ({ id }) =>
        id === session.id ? { state: 'absent', reason: 'unknown', record: null } : undefined
      await pass(1000)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('and closes those whose epoch was raised while nothing was heard', async () => {
      const { socket, session } = await bound()
      await pass(1000)
      isSilent = true
      await others.raiseEpoch({ all: true })
      await pass(2000)
      expect(socket.close).toHaveBeenCalledOnce()
      expect(events.at(-1)).toMatchObject({ type: 'session_expired', reason: 'epoch' })
      expect((await store.list(session.id.slice(0, 12))).length).toBe(0)
    })

    it('all of them after a gap, a hundred at a time', async () => {
      for (let count = 0; count < 250; count += 1) await bound({ id: `user-${count}` })
      await pass(2000)
      loads.length = 0
      listener.onGap()
      const counts: number[] = []
      for (let tick = 0; tick < 4; tick += 1) {
        await pass(250)
        counts.push(loads.length)
      }
      expect(counts).toEqual([100, 200, 250, 250])
      expect(new Set(loads.map(({ id }) => id)).size).toBe(250)
    })

    it('again when a gap began while it looked', async () => {
      const { socket, session } = await bound()
      await pass(1000)
      const request = { digest: null, touchEveryMs: null, isUnderWay: true }
      const before = await store.load({ ...request, id: session.id })
      const barrier = createBarrier()
      beforeLoad = async () => {
        await barrier.pass()
        return before
      }
      listener.onGap()
      await pass(1000)
      await barrier.reached
      isSilent = true
      await others.revoke(session.id)
      isSilent = false
      listener.onGap()
      beforeLoad = () => undefined
      barrier.open()
      await pass(1000)
      expect(socket.close).toHaveBeenCalledOnce()
    })
  })

  describe('while the store cannot answer', () => {
    beforeEach(() => {
      isSilent = true
    })
    const down = () => {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'down')
    }

    it('signs nobody out', async () => {
      const { socket } = await bound()
      await pass(1000)
      beforeLoad = down
      await pass(61 * minute)
      expect(socket.close).not.toHaveBeenCalled()
      beforeLoad = () => undefined
      await pass(1000)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('closes what has reached its absolute lifetime, however many', async () => {
      sessions.close()
      sessions = createSessionManager({
        ...settings(),
        store: watchedStore(),
        session: { idle: '1m', absolute: '1m', limit: false },
      })
      others = createSessionManager({
        ...settings(),
        store,
        session: { idle: '1m', absolute: '1m', limit: false },
      })
      const sockets = []
      for (let count = 0; count < 150; count += 1) sockets.push((await bound()).socket)
      await pass(2000)
      beforeLoad = down
      await pass(58_000)
      expect(sockets.filter(({ close }) => close.mock.calls.length === 1)).toHaveLength(150)
    })
  })

  it('tells before it closes, and closes although that fails', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { session } = await others.create(alice)
    const socket = openSocket()
    const told: string[] = []
    sessions.bind(socket, session, {
      onEnd(end) {
        expect(socket.close).not.toHaveBeenCalled()
        told.push(end)
        throw new Error('broken')
      },
    })
    await others.revoke(session.id)
    expect(told).toEqual(['ended'])
    expect(socket.close).toHaveBeenCalledOnce()
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })

  it('closes all sockets of a session, and forgets those that are gone', async () => {
    const { socket, session } = await bound()
    const second = openSocket()
    const third = openSocket()
    sessions.bind(second, session)
    sessions.bind(third, session)
    second.readyState = 3
    second.emit('close')
    await others.revoke(session.id)
    expect(socket.close).toHaveBeenCalledOnce()
    expect(third.close).toHaveBeenCalledOnce()
    expect(second.close).not.toHaveBeenCalled()
  })

  it('does not bind what is closed already', async () => {
    const { session } = await others.create(alice)
    const socket = Object.assign(openSocket(), { readyState: 3 })
    const binding = sessions.bind(socket, session)
    binding.noteActivity()
    binding.unbind()
    await pass(1000)
    expect(loads).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stops its timer with the last socket', async () => {
    const { socket } = await bound()
    expect(vi.getTimerCount()).toBe(1)
    socket.emit('close')
    expect(vi.getTimerCount()).toBe(0)
  })
})
