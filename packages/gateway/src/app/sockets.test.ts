import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { type EchoApp, startEchoApp } from '../../../../test/support/gateway-app.ts'
import {
  createGatewayGround,
  createMemoryStores,
  type GatewayBrowser,
  type GatewayGround,
} from '../../../../test/support/gateway-ground.ts'
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts'
import { createManualClock } from '../../../cloakroom/src/core/clock.ts'

const minute = 60_000

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** Two workers of one gateway. */
let first: GatewayGround
let second: GatewayGround
let app: EchoApp
beforeEach(async () => {
  app = await startEchoApp()
  const shared = { app, stores: createMemoryStores(), clock: createManualClock() }
  const config = {
    origin: 'http://localhost:8080',
    redis: redis.url,
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
    session: { idle: '30m', absolute: '70m' },
  } as const
  first = await createGatewayGround(config, shared)
  second = await createGatewayGround(config, shared)
})
afterEach(async () => {
  await first.close()
  await second.close()
  await app.close()
})

async function signInAtBoth(): Promise<{ here: GatewayBrowser; there: GatewayBrowser }> {
  const email = `${Math.random()}@example.org`
  const here = await first.signIn({ email })
  const there = second.openBrowser()
  for (const [name, value] of here.jar) there.jar.set(name, value)
  return { here, there }
}

/** The code that a socket is closed with, which must be within a second. */
async function closing(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, 'close', { signal: AbortSignal.timeout(1000) })
  return code
}

async function sessionOf(browser: GatewayBrowser): Promise<{ id: string; userId: string }> {
  await browser.load('/')
  const seen = app.seen.at(-1)?.headers
  const id = String(seen?.['x-cloakroom-session']).split('.')[0] ?? ''
  return { id, userId: String(seen?.['x-cloakroom-user']) }
}

describe('a WebSocket through the gateway', () => {
  it('is closed when its user signs out, on another worker too', async () => {
    const { here, there } = await signInAtBoth()
    const sockets = [await here.open('/live'), await there.open('/live')]
    const codes = Promise.all(sockets.map(closing))
    const answer = await here.submit('/_cloakroom/account', '/_cloakroom/logout', {})
    expect(answer.status).toBe(303)
    expect(await codes).toEqual([4001, 4001])
    await expect.poll(() => app.sockets.size).toBe(0)
  })

  it('is closed when its session is ended by an administrator', async () => {
    const { here, there } = await signInAtBoth()
    const { id } = await sessionOf(here)
    const code = closing(await there.open('/live'))
    await first.gateway.engine.cloakroom.sessions.revoke(id)
    expect(await code).toBe(4001)
  })

  it('is closed when the role or password of its user changes', async () => {
    const { here, there } = await signInAtBoth()
    const { userId } = await sessionOf(here)
    const code = closing(await there.open('/live'))
    await first.gateway.engine.cloakroom.sessions.raiseEpoch({ user: userId })
    expect(await code).toBe(4001)
    expect((await there.load('/')).status).toBe(302)
  })

  it('is closed when its session comes to its end, however active', async () => {
    const { there } = await signInAtBoth()
    const socket = await there.open('/live')
    for (const passed of [25, 25]) {
      first.clock.advance(passed * minute)
      socket.send('still here')
      await once(socket, 'message')
      await settle()
    }
    expect(socket.readyState).toBe(socket.OPEN)
    const code = closing(socket)
    first.clock.advance(25 * minute)
    expect(await code).toBe(4001)
  })

  it('is closed after half an hour in which nothing but pongs came', async () => {
    const { there } = await signInAtBoth()
    const socket = await there.open('/live')
    for (const passed of [10, 10, 9]) {
      first.clock.advance(passed * minute)
      for (const each of app.sockets) each.ping()
      socket.ping()
      await once(socket, 'pong')
      await settle()
    }
    expect(socket.readyState).toBe(socket.OPEN)
    const code = closing(socket)
    first.clock.advance(2 * minute)
    expect(await code).toBe(4001)
  })

  it('keeps a session alive by what is typed, without any request', async () => {
    const { there } = await signInAtBoth()
    const socket = await there.open('/live')
    for (const passed of [20, 20, 20]) {
      first.clock.advance(passed * minute)
      socket.send('typing')
      await once(socket, 'message')
      await settle()
    }
    expect(socket.readyState).toBe(socket.OPEN)
    expect((await there.load('/')).status).toBe(200)
    socket.close()
  })

  it('stays open while the session gets a new token', async () => {
    const { here, there } = await signInAtBoth()
    const socket = await there.open('/live')
    const { sessions, sessionCookie } = first.gateway.engine.cloakroom
    const [name = '', value = ''] = [...here.jar].find(([key]) => key === 'cloakroom') ?? []
    const client = { ip: '127.0.0.1', host: 'localhost', isSecure: false, isLoopback: true }
    const ticket = sessionCookie.read(`${name}=${value}`, client)
    const read = await sessions.validate(ticket.value ?? '')
    if (read.state !== 'valid') throw new Error(read.state)
    await sessions.rotate(read.session)
    await settle()
    socket.send('hello')
    const [message] = await once(socket, 'message')
    expect(String(message)).toBe('hello')
    socket.close()
  })

  it.each([
    ['of another site', 'https://evil.example'],
    ['that is hidden', 'null'],
    ['that is missing', null],
  ])('is not opened for an origin %s', async (_which, origin) => {
    const { here } = await signInAtBoth()
    await expect(here.open('/live', { origin })).rejects.toThrow('403')
    expect(app.seen.filter(({ headers }) => headers.upgrade !== undefined)).toEqual([])
  })
})

/** Workers look after sockets four times a second. */
function settle(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 300))
}
