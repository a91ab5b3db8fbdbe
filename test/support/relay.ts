import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'

/** A TCP relay: the network between a client and its server, as bad as a test wants it. */
export interface Relay {
  readonly port: number
  readonly url: string
  /** How many connections are open. */
  readonly connections: number
  /** Holds back all bytes, as a network does that has fallen silent. New connections open. */
  pause(): void
  /** Delivers what was held back, and all that comes. */
  resume(): void
  /**
   * Loses all bytes of the connections that are open now, or those that the server answers. They stay
   * open; new ones work.
   */
  mute(what?: 'all' | 'answers'): void
  /** Breaks every connection. New ones work. */
  cut(): void
  /** Delivers each piece this much later. */
  delay(ms: number): void
  stop(): Promise<void>
}

/** Starts a {@link Relay} to a port of this machine. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  const answering = new WeakSet<Socket>()
  const muted = new WeakSet<Socket>()
  const held: (() => void)[] = []
  let isPaused = false
  let delayMs = 0

  function pipe(from: Socket, to: Socket): void {
    const late: Buffer[] = []
    const deliver = (data: Buffer) => to.destroyed || to.write(data)
    const deliverOldest = () => deliver(late.shift() ?? Buffer.of())
    from.on('data', data => {
      if (muted.has(from)) return
      if (isPaused) held.push(() => deliver(data))
      else if (delayMs === 0 && late.length === 0) deliver(data)
      else {
        // Whichever timer is first, the pieces keep their order.
        late.push(data)
        setTimeout(deliverOldest, delayMs)
      }
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }

  const server = createServer(socket => {
    const target = createConnection({ port: targetPort, host: '127.0.0.1' })
    sockets.add(socket).add(target)
    answering.add(target)
    pipe(socket, target)
    pipe(target, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')

  return {
    port: address.port,
    url: `redis://127.0.0.1:${address.port}`,
    get connections() {
      return sockets.size / 2
    },
    pause() {
      isPaused = true
    },
    resume() {
      isPaused = false
      for (const deliver of held.splice(0)) deliver()
    },
    mute(what = 'all') {
      for (const socket of sockets) {
        if (what === 'all' || answering.has(socket)) muted.add(socket)
      }
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    delay(ms) {
      delayMs = ms
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
