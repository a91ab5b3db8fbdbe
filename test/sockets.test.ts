import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { type Cloakroom, type CloakroomOptions, createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { Server as SocketIoServer } from 'socket.io'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type RedisServer, startRedis } from './support/redis-server.ts'

describe('sockets that are bound to a session', () => {
  const closers: (() => void)[] = []
  let redis: RedisServer
  let here: Cloakroom
  /** Another process. */
  let there: Cloakroom
  let server: Server
  let port: number
  let webSockets: WebSocketServer

  beforeAll(async () => {
    redis = await startRedis()
    here = openCloakroom()
    there = openCloakroom()
    server = createServer(serveEvents).listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as { port: number }).port
    webSockets = new WebSocketServer({ noServer: true })
    const socketIo = new SocketIoServer(server, { transports: ['websocket'] })
    socketIo.on('connection', async socket => {
      here.sessions.bind(socket, await sessionOf(socket.request))
    })
    server.on('upgrade', async (request, socket, head) => {
      if (request.url?.startsWith('/socket.io')) return
      const session = await sessionOf(request)
      webSockets.handleUpgrade(request, socket, head, opened => {
        here.sessions.bind(opened, session)
        webSockets.emit('connection', opened, request)
      })
    })
    closers.push(() => socketIo.close())
  })
  afterAll(async () => {
    for (const close of closers) close()
    server.closeAllConnections()
    await redis.stop()
  })

  function openCloakroom(options: CloakroomOptions = {}): Cloakroom {
    const client = createClient({ url: redis.url })
    const cloakroom = createCloakroom({
      redis: client,
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
      audit: false,
      env: {},
      ...options,
    })
    closers.push(cloakroom.close)
    return cloakroom
  }

  async function sessionOf(request: IncomingMessage) {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost')
    const read = await here.sessions.validate(searchParams.get('token') ?? '')
    if (read.state === 'valid') return read.session
    throw new Error(`The session is ${read.state}.`)
  }

  async function serveEvents(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/socket.io')) return
    const session = await sessionOf(request)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: hello\n\n')
    // An application that goes on writing when it should not.
    const timer = setInterval(() => response.write('data: tick\n\n'), 5)
    response.on('close', () => setTimeout(() => clearInterval(timer), 50))
    here.sessions.bind(response, session)
  }

  async function openWebSocket(token: string): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/?token=${token}`)
    await once(socket, 'open')
    return socket
  }

  async function closingOf(socket: WebSocket): Promise<[number, string]> {
    const [code, reason] = await once(socket, 'close')
    return [code, String(reason)]
  }

  const ways: [string, number, (id: string) => Promise<unknown>][] = [
    ['ends', 4001, id => there.sessions.revoke(id)],
    ['ends with all of its user', 4001, () => there.sessions.revokeAll('alice')],
    ['ends with all of its tenant', 4001, () => there.sessions.raiseEpoch({ tenant: 'acme' })],
    ['has to make room', 4001, () => signInOften()],
  ]
  const signInOften = (): Promise<unknown> =>
    Promise.all(Array.from({ length: 5 }, () => there.sessions.create({ id: 'alice' })))

  it.each(ways)('close in a browser when it %s in another process', async (_how, code, end) => {
    const { token, session } = await here.sessions.create({ id: 'alice', tenant: 'acme' })
    const socket = await openWebSocket(token)
    const closing = closingOf(socket)
    const endedAt = performance.now()
    await end(session.id)
    expect(await closing).toEqual([code, 'Session ended'])
    expect(performance.now() - endedAt).toBeLessThan(1000)
    await there.sessions.revokeAll('alice')
  })

  it('close with another code when rights change', async () => {
    const { token, session } = await here.sessions.create({ id: 'bob' })
    const socket = await openWebSocket(token)
    const closing = closingOf(socket)
    await there.sessions.rotate(session, { role: 'admin' })
    expect(await closing).toEqual([4003, 'Rights changed'])
  })

  it('stay open while the token is replaced', async () => {
    const { token, session } = await here.sessions.create({ id: 'bob' })
    const socket = await openWebSocket(token)
    const rotated = await there.sessions.rotate(session)
    await expect.poll(async () => (await here.sessions.validate(token)).state).toBe('valid')
    expect(socket.readyState).toBe(WebSocket.OPEN)
    const closing = closingOf(socket)
    await there.sessions.revoke(rotated.session.id)
    await closing
  })

  it('close within a second of the deadline, pings or not; messages put it off', async () => {
    const brief = openCloakroom({ session: { idle: '2s', touchEvery: '500ms' } })
    const quiet = await brief.sessions.create({ id: 'carol' })
    const busy = await brief.sessions.create({ id: 'carol' })
    const startedAt = performance.now()
    const [silent, talking] = [await openWebSocket(quiet.token), await openWebSocket(busy.token)]
    for (const client of webSockets.clients) client.ping()
    const pings = setInterval(() => silent.ping(), 200)
    const talk = setInterval(() => talking.send('hello'), 200)
    expect(await closingOf(silent)).toEqual([4001, 'Session ended'])
    clearInterval(pings)
    const passed = performance.now() - startedAt
    expect(passed).toBeGreaterThan(1900)
    expect(passed).toBeLessThan(3000)
    expect(talking.readyState).toBe(WebSocket.OPEN)
    clearInterval(talk)
    expect((await closingOf(talking))[0]).toBe(4001)
  })

  it('are cut off from a client that does not answer', async () => {
    const { token, session } = await here.sessions.create({ id: 'mallory' })
    const raw = connect(port, '127.0.0.1')
    const key = 'dGhlIHNhbXBsZSBub25jZQ=='
    raw.write(
      `GET /?token=${token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
    await once(raw, 'data')
    raw.resume()
    const endedAt = performance.now()
    await there.sessions.revoke(session.id)
    await once(raw, 'end')
    expect(performance.now() - endedAt).toBeLessThan(1500)
    raw.destroy()
  })

  it('close in Socket.IO', async () => {
    const { token, session } = await here.sessions.create({ id: 'dave' })
    const options = { transports: ['websocket'], query: { token }, forceNew: true }
    const client = io(`http://127.0.0.1:${port}`, options)
    await new Promise<void>(resolve => client.on('connect', () => resolve()))
    const disconnected = new Promise(resolve => client.on('disconnect', resolve))
    await there.sessions.revoke(session.id)
    expect(await disconnected).toBe('io server disconnect')
    client.close()
  })

  it('end a stream of events, although the application goes on writing', async () => {
    const { token, session } = await here.sessions.create({ id: 'erin' })
    const response = await fetch(`http://127.0.0.1:${port}/?token=${token}`)
    const reading = response.text()
    await there.sessions.revoke(session.id)
    expect(await reading).toContain('data: hello')
  })
})
