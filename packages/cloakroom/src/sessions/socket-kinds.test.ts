import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type BindableSocket, handleOf } from './socket-kinds.ts'

function webSocket() {
  return Object.assign(new EventEmitter(), { readyState: 1, close: vi.fn(), terminate: vi.fn() })
}

function socketIo() {
  const events = new EventEmitter()
  return Object.assign(events, {
    connected: true,
    disconnect: vi.fn(),
    onAny: (listener: () => void) => events.on('any', listener),
    offAny: (listener: () => void) => events.off('any', listener),
  })
}

function response() {
  return Object.assign(new EventEmitter(), { destroyed: false, end: vi.fn(), destroy: vi.fn() })
}

describe('handleOf', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => vi.useRealTimers())

  it('closes a WebSocket, and cuts it off when the client does not answer', () => {
    const socket = webSocket()
    handleOf(socket).close('rights')
    expect(socket.close.mock.calls).toEqual([[4003, 'Rights changed']])
    vi.advanceTimersByTime(499)
    expect(socket.terminate).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(socket.terminate).toHaveBeenCalledOnce()
  })

  it('closes whatever has the close of a WebSocket, though it has nothing else', () => {
    const socket = { close: vi.fn() }
    const handle = handleOf(socket)
    handle.onMessage(() => undefined)
    handle.onGone(() => undefined)
    expect(handle.isGone).toBe(false)
    handle.release()
    handle.close('ended')
    vi.advanceTimersByTime(500)
    expect(socket.close.mock.calls).toEqual([[4001, 'Session ended']])
  })

  it('disconnects a Socket.IO socket with its connection', () => {
    const socket = socketIo()
    handleOf(socket).close('ended')
    expect(socket.disconnect.mock.calls).toEqual([[true]])
  })

  it('ends a response, and cuts it off when the client does not read', () => {
    const slow = response()
    handleOf(slow).close('ended')
    expect(slow.end).toHaveBeenCalledOnce()
    vi.advanceTimersByTime(500)
    expect(slow.destroy).toHaveBeenCalledOnce()
    const quick = response()
    handleOf(quick).close('ended')
    quick.emit('close')
    vi.advanceTimersByTime(500)
    expect(quick.destroy).not.toHaveBeenCalled()
  })

  it('survives an application that goes on writing to a response', () => {
    const socket = response()
    handleOf(socket).close('ended')
    expect(() => socket.emit('error', new Error('write after end'))).not.toThrow()
  })

  const kinds: [string, () => EventEmitter & BindableSocket, string, string][] = [
    ['a WebSocket', webSocket, 'message', 'close'],
    ['Socket.IO', socketIo, 'any', 'disconnect'],
    ['a response', response, 'none', 'close'],
  ]

  it.each(kinds)('hears messages and the end of %s, until released', (_kind, open, data, end) => {
    const socket = open()
    const handle = handleOf(socket)
    const onMessage = vi.fn()
    const onGone = vi.fn()
    handle.onMessage(onMessage)
    handle.onGone(onGone)
    for (const event of [data, end, 'ping', 'pong']) socket.emit(event)
    expect(onMessage).toHaveBeenCalledTimes(data === 'none' ? 0 : 1)
    expect(onGone).toHaveBeenCalledOnce()
    handle.release()
    for (const event of [data, end]) socket.emit(event)
    expect(socket.eventNames()).toEqual([])
    expect(onGone).toHaveBeenCalledOnce()
  })

  it('knows what is gone already', () => {
    const gone: BindableSocket[] = [
      Object.assign(webSocket(), { readyState: 2 }),
      Object.assign(webSocket(), { readyState: 3 }),
      Object.assign(socketIo(), { connected: false }),
      Object.assign(response(), { destroyed: true }),
    ]
    expect(gone.map(socket => handleOf(socket).isGone)).toEqual([true, true, true, true])
    const open = [webSocket(), socketIo(), response()]
    expect(open.map(socket => handleOf(socket).isGone)).toEqual([false, false, false])
  })

  it('refuses what it does not know', () => {
    expect(() => handleOf(new EventEmitter() as never)).toThrow(/`socket`/)
  })
})
