import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** A request as an app got it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
}

/** An app that knows nothing of Cloakroom: answers with what it was asked, and echoes messages. */
export interface EchoApp {
  readonly url: string
  readonly port: number
  readonly server: Server
  /** Every request and upgrade, oldest first. */
  readonly seen: readonly SeenRequest[]
  /** Sockets that are open. */
  readonly sockets: ReadonlySet<WebSocket>
  /** Answers in place of the echo when it gives true. */
  answer: (request: IncomingMessage, response: import('node:http').ServerResponse) => boolean
  close(): Promise<void>
}

/** Starts an {@link EchoApp}. */
export async function startEchoApp(port = 0): Promise<EchoApp> {
  const seen: SeenRequest[] = []
  // What is too large for the gateway must not be too large for the app before it.
  const server = createServer({ maxHeaderSize: 65_536 })
  const websockets = new WebSocketServer({
    noServer: true,
    handleProtocols: protocols => [...protocols][0] ?? false,
  })
  const connections = new Set<Socket>()
  server.on('connection', connection => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })
  const note = ({ method = '', url = '', headers, rawHeaders }: IncomingMessage): SeenRequest => {
    const request = { method, url, headers, rawHeaders }
    seen.push(request)
    return request
  }
  const app: EchoApp = {
    url: '',
    port: 0,
    server,
    seen,
    sockets: websockets.clients,
    answer: () => false,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const connection of connections) connection.destroy()
      await closed
    },
  }
  server.on('request', async (request, response) => {
    const { method, url, headers } = note(request)
    if (app.answer(request, response)) return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method, url, headers, body }))
  })
  server.on('upgrade', (request, socket, head) => {
    note(request)
    websockets.handleUpgrade(request, socket, head, opened => {
      opened.on('message', (data, isBinary) => opened.send(data, { binary: isBinary }))
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: found } = server.address() as AddressInfo
  return Object.assign(app, { port: found, url: `http://127.0.0.1:${found}` })
}
