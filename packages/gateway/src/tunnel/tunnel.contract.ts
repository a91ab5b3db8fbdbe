import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type EchoApp, startEchoApp } from '../../../../test/support/gateway-app.ts'
import { sendRaw } from '../../../../test/support/gateway-ground.ts'
import type { RequestPassage, Tunnel, TunnelConnection, TunnelOutcome } from './tunnel.ts'

/** What every tunnel must do, whatever it is made of. */
export function describeTunnel(name: string, createTunnel: () => Tunnel): void {
  describe(name, () => {
    let app: EchoApp
    let tunnel: Tunnel
    let front: Server
    let port: number
    let outcomes: TunnelOutcome[]
    let connections: TunnelConnection[]
    let change: Partial<RequestPassage>
    let handshakeMs: number

    beforeEach(async () => {
      app = await startEchoApp()
      tunnel = createTunnel()
      outcomes = []
      connections = []
      change = {}
      handshakeMs = 5000
      front = createServer(forward)
      front.on('upgrade', async (request, socket, head) => {
        socket.on('error', () => undefined)
        const { upgrade: _u, connection: _c, ...headers } = request.headers
        const onOpen = (connection: TunnelConnection): void => void connections.push(connection)
        const passage = { upstream: new URL(app.url), path: request.url ?? '', ...change }
        outcomes.push(
          await tunnel.connect(request, socket, { headers, handshakeMs, onOpen, head, ...passage }),
        )
      })
      front.listen(0, '127.0.0.1')
      await once(front, 'listening')
      port = (front.address() as AddressInfo).port
    })

    afterEach(async () => {
      front.closeAllConnections()
      front.close()
      tunnel.close()
      await app.close()
    })

    async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const { connection: _c, ...headers } = request.headers
      const limits = { responseMs: 5000, uploadMs: 5000 }
      const passage = { upstream: new URL(app.url), path: request.url ?? '', headers, ...limits }
      const outcome = await tunnel.forward(request, response, { ...passage, ...change })
      outcomes.push(outcome)
      if (outcome !== 'done' && outcome !== 'aborted') response.writeHead(502).end(outcome)
    }

    async function open(protocols: string[] = []): Promise<WebSocket> {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, protocols)
      socket.on('error', () => undefined)
      await once(socket, 'open')
      return socket
    }

    it('passes a request on to the letter, and its answer back', async () => {
      const headers = { 'x-one': 'two', 'content-type': 'text/plain' }
      const path = '/a%20b;c=d?e=%2F&f=g=h'
      const answer = await sendRaw(port, path, { method: 'POST', headers, body: 'text' })
      expect(answer.json()).toMatchObject({ method: 'POST', url: path, headers, body: 'text' })
      expect(outcomes).toEqual(['done'])
    })

    it('sends the headers that it is given and no others', async () => {
      change = { headers: { host: 'public.example', 'x-one': '1' } }
      await sendRaw(port, '/', { headers: { 'x-two': '2', 'x-forwarded-for': '192.0.2.1' } })
      const { connection: _c, ...seen } = app.seen[0]?.headers ?? {}
      expect(seen).toEqual({ host: 'public.example', 'x-one': '1' })
    })

    it('leaves Set-Cookie as it is, byte for byte', async () => {
      const lines = [
        '_xsrf=2|5a1b|c0ffee|17; Path=/; SameSite=Lax',
        'b="q uo"; expires=Thu, 01 Jan 2032 00:00:00 GMT',
      ]
      app.answer = (_request, response) => !!response.writeHead(200, { 'set-cookie': lines }).end()
      expect((await sendRaw(port, '/')).headers['set-cookie']).toEqual(lines)
    })

    it('shows the head of an answer before it leaves', async () => {
      change = {
        onHead({ status, headers }) {
          headers['x-status'] = String(status)
        },
      }
      expect((await sendRaw(port, '/')).headers['x-status']).toBe('200')
    })

    it('streams an answer while it is made', async () => {
      app.answer = (_request, response) => !!response.write('first')
      const socket = connect(port, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      let seen = ''
      for await (const chunk of socket) {
        seen += chunk
        if (seen.includes('first')) break
      }
      expect(seen).toContain('first')
    })

    it('streams an upload while it comes', async () => {
      let bytes = 0
      app.answer = request => {
        request.on('data', chunk => {
          bytes += chunk.length
        })
        return true
      }
      const socket = connect(port, '127.0.0.1')
      socket.write('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n')
      socket.write(Buffer.alloc(70_000))
      await expect.poll(() => bytes).toBe(70_000)
      socket.destroy()
    })

    it('tells an app that the client has gone', async () => {
      let isGone = false
      app.answer = (_request, response) => {
        response.on('close', () => {
          isGone = true
        })
        return true
      }
      const socket = connect(port, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await expect.poll(() => app.seen.length).toBe(1)
      socket.destroy()
      await expect.poll(() => isGone).toBe(true)
    })

    it('says that an app cannot be reached, and leaves the answer free', async () => {
      change = { upstream: new URL('http://127.0.0.1:1') }
      const answer = await sendRaw(port, '/')
      expect([answer.status, answer.text]).toEqual([502, 'unreachable'])
    })

    it('tells an app that breaks off from one that is not there', async () => {
      app.answer = request => !!request.socket.destroy()
      expect((await sendRaw(port, '/', { method: 'POST', body: 'x' })).text).toBe('broken')
      app.server.removeAllListeners('upgrade')
      app.server.on('upgrade', (_request, socket) => socket.destroy())
      expect(await refusedUpgrade(port)).toMatch(/^HTTP\/1.1 502 /)
      expect(outcomes).toEqual(['broken', 'broken'])
    })

    it('finds that an app is gone by a connection that was to be used again', async () => {
      const ending = createTcpServer(socket => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
          socket.once('data', () => {
            ending.close()
            socket.destroy()
          })
        })
      })
      ending.listen(0, '127.0.0.1')
      await once(ending, 'listening')
      change = { upstream: new URL(`http://127.0.0.1:${(ending.address() as AddressInfo).port}`) }
      expect((await sendRaw(port, '/')).text).toBe('ok')
      expect((await sendRaw(port, '/')).text).toBe('unreachable')
    })

    it('waits for an answer as long as it is told to', async () => {
      change = { responseMs: 100 }
      app.answer = () => true
      const answer = await sendRaw(port, '/')
      expect([answer.status, answer.text]).toEqual([502, 'timeout'])
    })

    it('does not hurry an answer that has begun', async () => {
      change = { responseMs: 100 }
      app.answer = (_request, response) => {
        response.write('a')
        setTimeout(() => response.end('b'), 300)
        return true
      }
      expect((await sendRaw(port, '/')).text).toBe('ab')
    })

    it('gives up on an upload that stands still', async () => {
      change = { uploadMs: 100 }
      app.answer = () => true
      const socket = connect(port, '127.0.0.1')
      socket.write('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')
      await expect.poll(() => outcomes).toEqual(['timeout'])
      socket.destroy()
    })

    it('asks again when an app closes a connection that was to be used again', async () => {
      const answering: Socket[] = []
      let count = 0
      const closing = createTcpServer(socket => {
        answering.push(socket)
        let isUsed = false
        socket.on('error', () => undefined)
        socket.on('data', () => {
          count += 1
          if (isUsed) return socket.destroy()
          isUsed = true
          return socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        })
      })
      closing.listen(0, '127.0.0.1')
      await once(closing, 'listening')
      change = { upstream: new URL(`http://127.0.0.1:${(closing.address() as AddressInfo).port}`) }
      expect((await sendRaw(port, '/')).text).toBe('ok')
      expect((await sendRaw(port, '/')).text).toBe('ok')
      expect(count).toBe(3)
      expect((await sendRaw(port, '/', { method: 'POST', body: 'x' })).status).toBe(502)
      for (const socket of answering) socket.destroy()
      closing.close()
    })

    it('passes messages both ways, of any size and kind', async () => {
      const socket = await open()
      for (const message of ['text', Buffer.from([0, 255]), Buffer.alloc(3_000_000, 7)]) {
        socket.send(message)
        const [data, isBinary] = await once(socket, 'message')
        expect([Buffer.compare(data as Buffer, Buffer.from(message)), isBinary]).toEqual([
          0,
          typeof message !== 'string',
        ])
      }
      expect(outcomes).toEqual(['done'])
      socket.close()
    })

    it('leaves the subprotocols to the app', async () => {
      const socket = await open(['streamlit', 'two|three', 'four'])
      expect(socket.protocol).toBe('streamlit')
      expect(app.seen[0]?.headers['sec-websocket-protocol']).toBe('streamlit,two|three,four')
      socket.close()
    })

    it('passes on what the app answers instead of agreeing', async () => {
      app.server.removeAllListeners('upgrade')
      app.server.on('upgrade', (_request, socket) =>
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-Why: so\r\n\r\nno'),
      )
      const answer = await refusedUpgrade(port)
      expect(answer).toMatch(/^HTTP\/1.1 403 /)
      expect(answer).toMatch(/x-why: so/i)
    })

    it('answers 502 to an upgrade when the app cannot be reached', async () => {
      change = { upstream: new URL('http://127.0.0.1:1') }
      expect(await refusedUpgrade(port)).toMatch(/^HTTP\/1.1 502 /)
      expect(outcomes).toEqual(['unreachable'])
    })

    it('answers 504 to an upgrade that the app does not answer', async () => {
      handshakeMs = 100
      app.server.removeAllListeners('upgrade')
      app.server.on('upgrade', () => undefined)
      expect(await refusedUpgrade(port)).toMatch(/^HTTP\/1.1 504 /)
      expect(outcomes).toEqual(['timeout'])
    })

    it('cuts an app off whose client is gone, although it ignores the end', async () => {
      app.server.removeAllListeners('upgrade')
      const ends: Socket[] = []
      app.server.on('upgrade', (_request, socket: Socket) => {
        socket.on('error', () => undefined)
        ends.push(socket)
        // It finds out only by what it sends.
        setInterval(() => socket.write('.'), 20).unref()
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
        )
      })
      const client = await rawUpgrade(port)
      await once(client, 'data')
      client.resetAndDestroy()
      await expect.poll(() => ends[0]?.destroyed).toBe(true)
    })

    it('closes the client when the app is gone', async () => {
      const socket = await open()
      const closed = once(socket, 'close')
      for (const each of app.sockets) each.terminate()
      await closed
      expect(connections[0]?.isClosed).toBe(true)
    })

    it('cuts the app off at once when told to, and tells the client', async () => {
      const socket = await open()
      const closed = once(socket, 'close')
      connections[0]?.close(Buffer.from([0x88, 2, 0x0f, 0xa1]))
      const [code] = await closed
      expect(code).toBe(4001)
      await expect.poll(() => app.sockets.size).toBe(0)
    })

    it('shows each chunk on its way', async () => {
      const socket = await open()
      let fromClient = 0
      let fromApp = 0
      connections[0]?.onClientBytes(chunk => {
        fromClient += chunk.length
      })
      connections[0]?.onAppBytes(chunk => {
        fromApp += chunk.length
      })
      socket.send(Buffer.alloc(1000))
      await once(socket, 'message')
      // The client's frame has a mask of four bytes.
      expect([fromClient, fromApp]).toEqual([1008, 1004])
      socket.close()
    })

    it('keeps what came before the app agreed', async () => {
      const client = await rawUpgrade(port, Buffer.from('818200000000', 'hex'), 'hi')
      await expect.poll(() => app.sockets.size).toBe(1)
      let seen = Buffer.alloc(0)
      client.on('data', chunk => {
        seen = Buffer.concat([seen, chunk])
      })
      await expect
        .poll(() => seen.includes(Buffer.from('8102', 'hex')), { timeout: 2000 })
        .toBe(true)
      expect(seen.toString()).toContain('hi')
      client.destroy()
      await delay(0)
    })
  })
}

async function rawUpgrade(port: number, ...early: (Buffer | string)[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const head =
    'GET /live HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  socket.write(Buffer.concat([head, ...early].map(part => Buffer.from(part))))
  return socket
}

async function refusedUpgrade(port: number): Promise<string> {
  const socket = await rawUpgrade(port)
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}
