import { describe, expect, it, vi } from 'vitest'
import { alice, minute, useSocketGround } from '../../../../test/support/socket-ground.ts'
import { createSessionManager } from './manager.ts'

describe('bind', () => {
  const ground = useSocketGround()

  describe('closes a socket with 4001', () => {
    const ways: [string, (id: string) => Promise<unknown>][] = [
      ['its session ends here', id => ground.sessions.revoke(id)],
      ['its session ends elsewhere', id => ground.others.revoke(id)],
      ['all sessions of its user end', () => ground.others.revokeAll('alice')],
      ['all sessions of its tenant end', () => ground.others.raiseEpoch({ tenant: 'acme' })],
      [
        'all sessions of its address end',
        () => ground.others.raiseEpoch({ address: '203.0.113.7' }),
      ],
      ['all sessions end', () => ground.others.raiseEpoch({ all: true })],
    ]

    it.each(ways)('when %s', async (_when, end) => {
      const { socket, session } = await ground.bound()
      await ground.pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
      await end(session.id)
      await vi.advanceTimersByTimeAsync(0)
      expect(socket.close.mock.calls).toEqual([[4001, 'Session ended']])
    })

    it('when its session has to make room', async () => {
      const { socket } = await ground.bound()
      ground.clock.advance(1)
      for (let count = 0; count < 5; count += 1) await ground.others.create(alice)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('when its session ended between being read and being bound', async () => {
      const { session } = await ground.others.create(alice)
      await ground.others.revoke(session.id)
      const socket = ground.openSocket()
      ground.sessions.bind(socket, session)
      await ground.pass(250)
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('when its session was idle too long, and says so', async () => {
      const { socket, session } = await ground.bound()
      await ground.pass(60 * minute - 250)
      expect(socket.close).not.toHaveBeenCalled()
      await ground.pass(250)
      expect(socket.close).toHaveBeenCalledOnce()
      expect(ground.events.at(-1)).toMatchObject({
        type: 'session_expired',
        reason: 'idle',
        sessionId: session.id,
        userId: 'alice',
      })
    })

    it('at the absolute lifetime, however active it is', async () => {
      const { socket } = await ground.bound()
      for (let hours = 0; hours < 12; hours += 0.5) {
        expect(socket.close).not.toHaveBeenCalled()
        socket.emit('message', 'hello')
        await ground.pass(30 * minute)
      }
      expect(socket.close).toHaveBeenCalledOnce()
    })

    it('of a visitor who signs in', async () => {
      const { socket, session } = await ground.bound(null)
      await ground.others.create(alice, { previous: session })
      expect(socket.close).toHaveBeenCalledOnce()
    })
  })

  describe('closes a socket with 4003', () => {
    it('when rights change', async () => {
      const role = await ground.bound({ id: 'bob' })
      await ground.others.rotate(role.session, { role: 'admin' })
      expect(role.socket.close.mock.calls).toEqual([[4003, 'Rights changed']])
      const proof = await ground.bound({ id: 'carol' })
      await ground.sessions.rotate(proof.session, { methods: ['otp'] })
      expect(proof.socket.close.mock.calls).toEqual([[4003, 'Rights changed']])
    })

    it('when rights changed while nothing was heard', async () => {
      const { socket, session } = await ground.bound()
      ground.isSilent = true
      await ground.others.rotate(session, { role: 'admin' })
      await ground.pass(1250)
      expect(socket.close.mock.calls).toEqual([[4003, 'Rights changed']])
    })
  })

  describe('leaves a socket open', () => {
    it('when data changes or the token is replaced', async () => {
      const { socket, session } = await ground.bound()
      Object.assign(session.data, { visits: 1 })
      const saved = await ground.others.save(session)
      await ground.others.rotate(saved)
      await ground.pass(2 * minute)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('whose session is younger than the message that others of its user ended', async () => {
      const { socket, session } = await ground.bound()
      const owner = session.id.slice(0, 12)
      ground.listener.onChange({ kind: 'owner-ended', owner, exceptId: null })
      await ground.pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('whose session is younger than the message of other rights', async () => {
      const { session } = await ground.others.create(alice)
      const { session: raised } = await ground.others.rotate(session, { role: 'admin' })
      const socket = ground.openSocket()
      ground.sessions.bind(socket, raised)
      ground.listener.onChange({ kind: 'rights', id: raised.id, generation: 2 })
      await ground.pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('that is the one to be kept', async () => {
      const { socket, session } = await ground.bound()
      await ground.others.revokeOthers(session)
      await ground.pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('while there is activity elsewhere', async () => {
      const { socket, token } = await ground.bound()
      for (let halves = 0; halves < 6; halves += 1) {
        await ground.pass(30 * minute)
        await ground.others.validate(token)
      }
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('that is not bound any more', async () => {
      const { socket, binding, session } = await ground.bound()
      binding.unbind()
      await ground.others.revoke(session.id)
      await ground.pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
      expect(socket.listenerCount('message') + socket.listenerCount('close')).toBe(0)
    })

    it('when all are unbound at the end of the process', async () => {
      const { socket, session } = await ground.bound()
      ground.sessions.close()
      await ground.others.revoke(session.id)
      await ground.pass(1000)
      expect(socket.close).not.toHaveBeenCalled()
      expect(vi.getTimerCount()).toBe(0)
    })

    it('whose record only others can read', async () => {
      const { socket } = await ground.bound()
      ground.beforeLoad = () => ({ state: 'absent', reason: 'newer-format', record: null })
      await ground.pass(2 * minute)
      expect(socket.close).not.toHaveBeenCalled()
    })

    it('whose key is not known here', async () => {
      const { session } = await ground.others.create(alice)
      const stranger = createSessionManager({
        ...ground.settings(),
        store: ground.store,
        secret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
      })
      const socket = ground.openSocket()
      stranger.bind(socket, session)
      await ground.pass(2 * minute)
      expect(socket.close).not.toHaveBeenCalled()
      stranger.close()
    })
  })

  it('tells before it closes, and closes although that fails', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { session } = await ground.others.create(alice)
    const socket = ground.openSocket()
    const told: string[] = []
    ground.sessions.bind(socket, session, {
      onEnd(end) {
        expect(socket.close).not.toHaveBeenCalled()
        told.push(end)
        throw new Error('broken')
      },
    })
    await ground.others.revoke(session.id)
    expect(told).toEqual(['ended'])
    expect(socket.close).toHaveBeenCalledOnce()
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })

  it('closes all sockets of a session, and forgets those that are gone', async () => {
    const { socket, session } = await ground.bound()
    const second = ground.openSocket()
    const third = ground.openSocket()
    ground.sessions.bind(second, session)
    ground.sessions.bind(third, session)
    second.readyState = 3
    second.emit('close')
    await ground.others.revoke(session.id)
    expect(socket.close).toHaveBeenCalledOnce()
    expect(third.close).toHaveBeenCalledOnce()
    expect(second.close).not.toHaveBeenCalled()
  })

  it('does not bind what is closed already', async () => {
    const { session } = await ground.others.create(alice)
    const socket = Object.assign(ground.openSocket(), { readyState: 3 })
    const binding = ground.sessions.bind(socket, session)
    binding.noteActivity()
    binding.unbind()
    await ground.pass(1000)
    expect(ground.loads).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stops its timer with the last socket', async () => {
    const { socket } = await ground.bound()
    expect(vi.getTimerCount()).toBe(1)
    socket.emit('close')
    expect(vi.getTimerCount()).toBe(0)
  })
})
