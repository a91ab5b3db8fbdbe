import type { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createBarrier } from '../../../../test/support/barrier.ts'
import { alice, minute, useSocketGround } from '../../../../test/support/socket-ground.ts'
import { StoreError } from '../core/errors.ts'
import { createSessionManager } from './manager.ts'

describe('bind', () => {
  const ground = useSocketGround()

  describe('counts as activity', () => {
    const endsAfter = async (step: (socket: EventEmitter) => void): Promise<number> => {
      const { socket } = await ground.bound()
      for (let minutes = 0; minutes < 180; minutes += 10) {
        if (socket.close.mock.calls.length > 0) return minutes
        step(socket)
        await ground.pass(10 * minute)
      }
      return Number.POSITIVE_INFINITY
    }

    it('messages, and nothing else', async () => {
      expect(await endsAfter(socket => socket.emit('message', 'x'))).toBe(Number.POSITIVE_INFINITY)
      expect(await endsAfter(socket => socket.emit('pong'))).toBe(60)
      expect(await endsAfter(socket => socket.emit('ping'))).toBe(60)
    })

    it('what it is told, and no messages of a protocol that polls', async () => {
      const { session } = await ground.others.create(alice)
      const socket = ground.openSocket()
      const binding = ground.sessions.bind(socket, session, { isPassive: true })
      await ground.pass(30 * minute)
      socket.emit('message', 'poll')
      await ground.pass(20 * minute)
      binding.noteActivity()
      await ground.pass(50 * minute)
      expect(socket.close).not.toHaveBeenCalled()
      socket.emit('message', 'poll')
      await ground.pass(11 * minute)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('a thousand messages as one', async () => {
      const { socket } = await ground.bound()
      await ground.pass(3 * minute)
      const before = ground.loads.length
      for (let count = 0; count < 1000; count += 1) {
        socket.emit('message', 'x')
        await vi.advanceTimersByTimeAsync(0)
      }
      expect(ground.loads.length - before).toBe(1)
    })
  })

  describe('looks sessions up', () => {
    it('once a second while nothing is heard, and closes what has ended', async () => {
      const { socket, session } = await ground.bound()
      await ground.pass(1000)
      ground.isSilent = true
      const before = ground.loads.length
      await ground.pass(5000)
      expect(ground.loads.length - before).toBe(5)
      await ground.others.revoke(session.id)
      await ground.pass(1000)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('now and then all the same', async () => {
      const { socket, session } = await ground.bound()
      await ground.pass(1000)
      const before = ground.loads.length
      await ground.pass(29_000)
      expect(ground.loads.length - before).toBe(0)
      ground.beforeLoad = ({ id }) =>
        id === session.id ? { state: 'absent', reason: 'unknown', record: null } : undefined
      await ground.pass(1000)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('and closes those whose epoch was raised while nothing was heard', async () => {
      const { socket, session } = await ground.bound()
      await ground.pass(1000)
      ground.isSilent = true
      await ground.others.raiseEpoch({ all: true })
      await ground.pass(2000)
      expect(socket.close).toHaveBeenCalledOnce()
      expect(ground.events.at(-1)).toMatchObject({ type: 'session_expired', reason: 'epoch' })
      expect((await ground.store.list(session.id.slice(0, 12))).length).toBe(0)
    })

    it('all of them after a gap, a hundred at a time', async () => {
      for (let count = 0; count < 250; count += 1) await ground.bound({ id: `user-${count}` })
      await ground.pass(2000)
      ground.loads.length = 0
      ground.listener.onGap()
      const counts: number[] = []
      for (let tick = 0; tick < 4; tick += 1) {
        await ground.pass(250)
        counts.push(ground.loads.length)
      }
      expect(counts).toEqual([100, 200, 250, 250])
      expect(new Set(ground.loads.map(({ id }) => id)).size).toBe(250)
    })

    it('again when a gap began while it looked', async () => {
      const { socket, session } = await ground.bound()
      await ground.pass(1000)
      const request = { digest: null, touchEveryMs: null, isUnderWay: true }
      const before = await ground.store.load({ ...request, id: session.id })
      const barrier = createBarrier()
      ground.beforeLoad = async () => {
        await barrier.pass()
        return before
      }
      ground.listener.onGap()
      await ground.pass(1000)
      await barrier.reached
      ground.isSilent = true
      await ground.others.revoke(session.id)
      ground.isSilent = false
      ground.listener.onGap()
      ground.beforeLoad = () => undefined
      barrier.open()
      await ground.pass(1000)
      expect(socket.close).toHaveBeenCalledOnce()
    })
  })

  describe('while the store cannot answer', () => {
    beforeEach(() => {
      ground.isSilent = true
    })
    const down = () => {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'down')
    }

    it('signs nobody out', async () => {
      const { socket } = await ground.bound()
      await ground.pass(1000)
      ground.beforeLoad = down
      await ground.pass(61 * minute)
      expect(socket.close).not.toHaveBeenCalled()
      ground.beforeLoad = () => undefined
      await ground.pass(1000)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('closes what has reached its absolute lifetime, however many', async () => {
      ground.sessions.close()
      ground.sessions = createSessionManager({
        ...ground.settings(),
        store: ground.watchedStore(),
        session: { idle: '1m', absolute: '1m', limit: false },
      })
      ground.others = createSessionManager({
        ...ground.settings(),
        store: ground.store,
        session: { idle: '1m', absolute: '1m', limit: false },
      })
      const sockets = []
      for (let count = 0; count < 150; count += 1) sockets.push((await ground.bound()).socket)
      await ground.pass(2000)
      ground.beforeLoad = down
      await ground.pass(58_000)
      expect(sockets.filter(({ close }) => close.mock.calls.length === 1)).toHaveLength(150)
    })
  })
})
