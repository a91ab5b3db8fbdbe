import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Cloakroom, createCloakroom, refuseUpgrade } from 'cloakroom'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'

describe('authenticateUpgrade', () => {
  let cloakroom: Cloakroom
  let server: Server
  let origin: string

  beforeEach(async () => {
    cloakroom = createCloakroom({ audit: false, env: {}, secret, cookieSecret: secret })
    server = createServer()
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', async (request, socket, head) => {
      const check = await cloakroom.authenticateUpgrade(request)
      if (!check.ok) return refuseUpgrade(socket, check)
      sockets.handleUpgrade(request, socket, head, opened => {
        cloakroom.sessions.bind(opened, check.session)
        opened.send(check.session.userId ?? '')
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    cloakroom.close()
    server.close()
    server.closeAllConnections()
  })

  async function ticket(): Promise<{ cookie: string; id: string }> {
    const { token, session } = await cloakroom.sessions.create({ id: 'alice' })
    const client = { isSecure: false, isLoopback: true, host: '127.0.0.1' }
    const line = cloakroom.sessionCookie.write(token, { client, expiresAt: null })
    return { cookie: line.split(';', 1)[0] ?? '', id: session.id }
  }

  /** The first message, or the status of the refusal. */
  function connect(headers: Record<string, string>) {
    const socket = new WebSocket(origin.replace('http', 'ws'), { headers })
    const opened = new Promise<string>(resolve => {
      socket.on('message', message => resolve(String(message)))
      socket.on('unexpected-response', (_request, response) => {
        resolve(String(response.statusCode))
        response.resume()
      })
      socket.on('error', () => undefined)
    })
    const closed = new Promise<number>(resolve => socket.on('close', code => resolve(code)))
    return { opened, closed }
  }

  it('lets in the pages of the application with a living session', async () => {
    const { cookie } = await ticket()
    expect(await connect({ cookie, origin }).opened).toBe('alice')
  })

  it.each(['https://evil.test', 'null', 'http://127.0.0.1.evil.test'])(
    'refuses a page of %s, whatever cookies the browser sends',
    async foreign => {
      const { cookie } = await ticket()
      expect(await connect({ cookie, origin: foreign }).opened).toBe('403')
    },
  )

  it('refuses who says no origin, has no session, or a dead one', async () => {
    const { cookie, id } = await ticket()
    expect(await connect({ cookie }).opened).toBe('403')
    expect(await connect({ origin }).opened).toBe('401')
    await cloakroom.sessions.revoke(id)
    expect(await connect({ cookie, origin }).opened).toBe('401')
  })

  it('closes the socket when its session ends', async () => {
    const { cookie, id } = await ticket()
    const { opened, closed } = connect({ cookie, origin })
    await opened
    await cloakroom.sessions.revoke(id)
    expect(await closed).toBe(4001)
  })
})
