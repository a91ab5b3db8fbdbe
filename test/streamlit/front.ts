import { once } from 'node:events'
import { createServer, type IncomingMessage, request as send } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** A proxy in front of the gateway, which adds headers of its own to whatever it passes on. */
export interface Front {
  readonly origin: string
  /** Where requests go. */
  to: string
  headers: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Starts a {@link Front} on a free port. */
export async function startFront(): Promise<Front> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const front: Front = {
    origin: `http://localhost:${port}`,
    to: '',
    headers: {},
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const linesOf = (request: IncomingMessage): string[] => {
    const own = Object.entries(front.headers).flat()
    return [...request.rawHeaders, ...own]
  }

  server.on('request', (request, response) => {
    const { hostname, port: at } = new URL(front.to)
    const { method, url: path } = request
    const options = { hostname, port: at, method, path, headers: linesOf(request) as never }
    const onward = send(options, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  server.on('upgrade', (request, socket, head) => {
    const { hostname, port: at } = new URL(front.to)
    const onward = connect(Number(at), hostname, () => {
      const lines = linesOf(request)
      const pairs = lines.flatMap((name, index) =>
        index % 2 ? [] : [`${name}: ${lines[index + 1]}`],
      )
      onward.write(`GET ${request.url} HTTP/1.1\r\n${pairs.join('\r\n')}\r\n\r\n`)
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    socket.on('close', () => onward.destroy())
  })
  return front
}
