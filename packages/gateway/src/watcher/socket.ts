import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** A WebSocket that is only ever told when to close. */
export interface WatchSocket {
  readonly readyState: number
  on(event: string, listener: () => void): void
  off(event: string, listener: () => void): void
  close(code: number, reason: string): void
}

/** Proxies close connections on which nothing passes for a minute. */
const pingMs = 25_000
const lingerMs = 500

/** What every WebSocket server adds to the key of a client (RFC 6455, section 1.3). */
const protocolId = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * Agrees to a WebSocket. What the client sends is thrown away.
 *
 * @param closingFrame makes the frame that tells the client why.
 */
export function acceptWatchSocket(
  request: IncomingMessage,
  socket: Duplex,
  closingFrame: (code: number, reason: string) => Uint8Array,
): WatchSocket {
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1')
    .update(key + protocolId)
    .digest('base64')
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
  socket.write(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n`)
  const ping = setInterval(() => socket.write(Buffer.from([0x89, 0])), pingMs).unref()
  socket.once('close', () => clearInterval(ping))
  socket.once('end', () => socket.destroy())
  socket.resume()
  return {
    get readyState() {
      return socket.destroyed || socket.writableEnded ? 3 : 1
    },
    on: (event, listener) => event === 'close' && socket.once('close', listener),
    off: (event, listener) => event === 'close' && socket.off('close', listener),
    close(code, reason) {
      socket.end(closingFrame(code, reason))
      setTimeout(() => socket.destroy(), lingerMs).unref()
    },
  }
}
