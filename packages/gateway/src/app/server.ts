import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { createUpgradeListener } from './upgrades.ts'

/** The server that browsers, or proxies in front, connect to. */
export interface GatewayServer {
  /** Resolves with the port. */
  listen(port: number, host: string): Promise<number>
  /** Takes nothing new, and lets what is under way come to an end, within some seconds. */
  drain(): Promise<void>
  readonly isDraining: boolean
}

/** Requests that were begun may take this long once the gateway is to close. */
const drainMs = 5000

/** Cookies of large apps need more than the 16 KiB of Node.js. */
const maxHeaderBytes = 32_768

/** Makes a {@link GatewayServer}. */
export function createGatewayServer(listeners: {
  readonly request: RequestListener
  readonly upgrade: ReturnType<typeof createUpgradeListener>
}): GatewayServer {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: 60_000,
    // Uploads take as long as they take; the tunnel looks after those that stall.
    requestTimeout: 0,
    // Longer than load balancers keep connections, so that it is they who close them.
    keepAliveTimeout: 65_000,
  })
  const upgraded = new Set<Duplex>()
  let isDraining = false
  server.on('request', (request, response) => {
    if (isDraining) response.shouldKeepAlive = false
    listeners.request(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    listeners.upgrade(request, socket, head)
  })
  server.on('clientError', answerClientError)

  return {
    get isDraining() {
      return isDraining
    },
    async listen(port, host) {
      server.listen(port, host)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    async drain() {
      isDraining = true
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of upgraded) socket.destroy()
      const cut = setTimeout(() => server.closeAllConnections(), drainMs)
      await closed
      clearTimeout(cut)
    },
  }
}

/** Says what is wrong with what is no request. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const isLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const status = isLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const text = isLarge
    ? 'The request has more headers than are read here. Clear the cookies of this site, and load it again.\n'
    : 'This is no request that can be read.\n'
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n`
  socket.end(`${head}Content-Length: ${text.length}\r\n\r\n${text}`)
}
