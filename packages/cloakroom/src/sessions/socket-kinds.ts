import { ConfigError } from '../core/errors.ts'

/** Why a socket is closed: its session has ended, or may do more or less than before. */
export type SocketEnd = 'ended' | 'rights'

/** A WebSocket as the `ws` package makes it, or anything else with its `close`. */
export interface WebSocketLike extends Partial<EventSource> {
  close(code: number, reason: string): unknown
  terminate?(): unknown
  readonly readyState?: number
}

/** A socket of Socket.IO, on the server. */
export interface SocketIoLike extends EventSource {
  disconnect(close: boolean): unknown
  onAny(listener: (...args: unknown[]) => void): unknown
  offAny(listener: (...args: unknown[]) => void): unknown
  readonly connected: boolean
}

/** The response to a request for server-sent events, or any other stream that stays open. */
export interface ResponseLike extends EventSource {
  end(): unknown
  destroy(): unknown
  readonly destroyed: boolean
}

/** What a session can be bound to. */
export type BindableSocket = WebSocketLike | SocketIoLike | ResponseLike

interface EventSource {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
}

/** A socket of whatever kind. */
export interface SocketHandle {
  readonly isGone: boolean
  /** Calls back for each message with data from the client. Pings and pongs are none. */
  onMessage(listener: () => void): void
  /** Calls back when the socket has closed, by whomever. */
  onGone(listener: () => void): void
  /** Takes the listeners away. */
  release(): void
  close(end: SocketEnd): void
}

/**
 * What a WebSocket's client is told. RFC 6455, section 7.4.2, leaves the codes from 4000 on to
 * applications.
 */
const closings: Readonly<Record<SocketEnd, { code: number; reason: string }>> = {
  ended: { code: 4001, reason: 'Session ended' },
  rights: { code: 4003, reason: 'Rights changed' },
}

/** A client that does not answer the closing is cut off after this long. */
const closingMs = 500

/** Finds out what kind of socket it is. @throws {ConfigError} when it is of none that is known. */
export function handleOf(socket: BindableSocket): SocketHandle {
  if ('disconnect' in socket) return socketIoHandle(socket)
  if ('end' in socket) return responseHandle(socket)
  if ('close' in socket) return webSocketHandle(socket)
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    'The `socket` given is of no known kind. Pass a WebSocket, a Socket.IO socket or a response.',
  )
}

function webSocketHandle(socket: WebSocketLike): SocketHandle {
  const listeners = createListeners(socket)
  return {
    get isGone() {
      // Closing or closed, as in the WebSocket API of browsers.
      return (socket.readyState ?? 0) >= 2
    },
    onMessage: listener => listeners.add('message', listener),
    onGone: listener => listeners.add('close', listener),
    release: listeners.remove,
    close(end) {
      const { code, reason } = closings[end]
      socket.close(code, reason)
      setTimeout(() => socket.terminate?.(), closingMs).unref()
    },
  }
}

function socketIoHandle(socket: SocketIoLike): SocketHandle {
  const listeners = createListeners(socket)
  let release = listeners.remove
  return {
    get isGone() {
      return !socket.connected
    },
    onMessage(listener) {
      socket.onAny(listener)
      release = () => {
        socket.offAny(listener)
        listeners.remove()
      }
    },
    onGone: listener => listeners.add('disconnect', listener),
    release: () => release(),
    close: () => socket.disconnect(true),
  }
}

function responseHandle(response: ResponseLike): SocketHandle {
  const listeners = createListeners(response)
  return {
    get isGone() {
      return response.destroyed
    },
    onMessage: () => undefined,
    onGone: listener => listeners.add('close', listener),
    release: listeners.remove,
    close() {
      // Whoever goes on writing causes an error, which would end the process if nobody listened.
      response.on('error', ignore)
      response.end()
      const cut = setTimeout(() => response.destroy(), closingMs).unref()
      response.on('close', () => clearTimeout(cut))
    },
  }
}

function createListeners(socket: Partial<EventSource>): {
  add(event: string, listener: () => void): void
  remove(): void
} {
  const added: [string, () => void][] = []
  return {
    add(event, listener) {
      added.push([event, listener])
      socket.on?.(event, listener)
    },
    remove() {
      for (const [event, listener] of added.splice(0)) socket.off?.(event, listener)
    },
  }
}

function ignore(): void {}
