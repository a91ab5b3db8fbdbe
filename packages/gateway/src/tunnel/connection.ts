import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TunnelConnection } from './tunnel.ts'

/** A side that was told of the end has this long to close. */
const lingerMs = 500

/**
 * Ties both sides of a connection together: when one is gone, so is the other. A proxy that passes
 * the end on and waits for an answer keeps sockets for ever to apps that give none.
 */
export function openConnection({
  socket,
  appSocket,
  headers,
}: {
  readonly socket: Duplex
  readonly appSocket: Duplex
  readonly headers: IncomingHttpHeaders
}): TunnelConnection {
  let isClosed = false

  function cut(): void {
    isClosed = true
    appSocket.destroy()
    socket.destroy()
  }

  function cutSoon(): void {
    setTimeout(cut, lingerMs).unref()
  }

  for (const side of [socket, appSocket]) {
    side.on('error', cut)
    // What is still on its way to the other side may arrive.
    side.once('finish', cutSoon)
  }
  socket.once('close', cut)
  appSocket.once('close', () => (isClosed ? undefined : cut()))

  return {
    headers,
    onClientBytes: listener => socket.on('data', listener),
    onAppBytes: listener => appSocket.on('data', listener),
    onClosed: listener => socket.once('close', listener),
    get isClosed() {
      return isClosed || socket.destroyed
    },
    close(lastBytes) {
      if (isClosed) return
      isClosed = true
      appSocket.unpipe(socket)
      appSocket.destroy()
      if (lastBytes === undefined || socket.writableEnded) socket.destroy()
      else socket.end(lastBytes)
    },
  }
}
