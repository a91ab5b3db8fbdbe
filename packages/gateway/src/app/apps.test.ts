import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type EchoApp, startEchoApp } from '../../../../test/support/gateway-app.ts'
import { createGatewayGround, type GatewayGround } from '../../../../test/support/gateway-ground.ts'
import { readTarget } from '../routing/target.ts'
import { findRoute } from './apps.ts'

let ground: GatewayGround
let others: EchoApp[] = []
afterEach(async () => {
  await ground?.close()
  await Promise.all(others.splice(0).map(app => app.close()))
})

describe('findRoute', () => {
  const apps = [
    { settings: { base: '/apps/one', isStripped: false } },
    { settings: { base: '/apps', isStripped: true } },
    { settings: { base: '', isStripped: true } },
  ]
  const find = (url: string) => {
    const target = readTarget(url)
    return target.ok ? findRoute(apps, target) : null
  }

  it.each([
    ['/apps/one', 0, '/', '/apps/one'],
    ['/apps/one/', 0, '/', '/apps/one/'],
    ['/apps/one/a?b=c', 0, '/a', '/apps/one/a?b=c'],
    ['/apps/onea', 1, '/onea', '/onea'],
    ['/apps', 1, '/', '/'],
    ['/apps?a', 1, '/', '/?a'],
    ['/%61pps/one', 2, '/apps/one', '/%61pps/one'],
    ['/', 2, '/', '/'],
    ['/a%20b', 2, '/a b', '/a%20b'],
  ])('%s', (url, at, path, forwarded) => {
    expect(find(url)).toEqual({ app: apps[at], path, forwarded })
  })

  it('finds nothing where no app is', () => {
    expect(findRoute(apps.slice(0, 1), { path: '/', search: '', decoded: '/' })).toBeNull()
  })
})

describe('several apps', () => {
  it('each are asked for what is below their path', async () => {
    others = [await startEchoApp(), await startEchoApp()]
    const [one, two] = others.map(({ url }) => url)
    ground = await createGatewayGround({
      apps: [
        { to: one ?? '', path: '/apps/one' },
        {
          to: two ?? '',
          path: '/apps/two',
          stripPath: true,
          rules: [{ path: '/**', allow: ['admin'] }],
        },
      ],
    })
    const ada = await ground.signIn()
    const root = await ground.signIn({ email: 'root@example.org', role: 'admin' })
    expect((await ada.load('/apps/one/page?a=b')).json()['url']).toBe('/apps/one/page?a=b')
    expect((await ada.load('/apps/two/page')).status).toBe(403)
    const stripped = (await root.load('/apps/two/page?a=b')).json()
    expect(stripped).toMatchObject({
      url: '/page?a=b',
      headers: { 'x-forwarded-prefix': '/apps/two' },
    })
    expect((await ada.load('/elsewhere')).status).toBe(404)
    const socket = await ada.open('/apps/one/live')
    socket.terminate()
    expect(others[0]?.seen.at(-1)?.url).toBe('/apps/one/live')
  })

  it('have paths of their own that look like ours', async () => {
    ground = await createGatewayGround()
    const ada = await ground.signIn()
    for (const path of ['/auth/login', '/login', '/logout', '/oauth2callback', '/account']) {
      expect((await ada.load(path)).json()['url']).toBe(path)
    }
    expect((await ada.load('/_cloakroom/nothing')).status).toBe(404)
    expect((await ada.load('/_CLOAKROOM/live')).status).toBe(404)
    expect((await ada.load('/%5fcloakroom/live')).status).toBe(404)
  })
})

describe('a stream of events', () => {
  it('ends with its session', async () => {
    ground = await createGatewayGround()
    const ada = await ground.signIn()
    ground.app.answer = (request, response) => {
      if (request.url !== '/events') return false
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      return true
    }
    const cookie = [...ada.jar].map(pair => pair.join('=')).join('; ')
    const socket = connect(ground.port, '127.0.0.1')
    const host = new URL(ground.origin).host
    socket.write(
      `GET /events HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
    )
    const [head] = await once(socket, 'data')
    expect(String(head)).toContain('200 OK')
    socket.resume()
    const ended = once(socket, 'end', { signal: AbortSignal.timeout(2000) })
    await ada.submit('/_cloakroom/account', '/_cloakroom/logout', {})
    await ended
  })
})

describe('an upload', () => {
  it('of 200 MB is passed on without being held', async () => {
    ground = await createGatewayGround()
    const ada = await ground.signIn()
    let received = 0
    ground.app.answer = (request, response) => {
      if (request.method !== 'PUT') return false
      request.on('data', chunk => {
        received += chunk.length
      })
      request.on('end', () => response.end('stored'))
      return true
    }
    const size = 200_000_000
    const cookie = [...ada.jar].map(pair => pair.join('=')).join('; ')
    const host = new URL(ground.origin).host
    const socket = connect(ground.port, '127.0.0.1')
    socket.write(
      `PUT /file HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${ground.origin}\r\nCookie: ${cookie}\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`,
    )
    const before = process.memoryUsage.rss()
    let most = before
    const chunk = Buffer.alloc(1_000_000)
    for (let sent = 0; sent < size; sent += chunk.length) {
      if (!socket.write(chunk)) await once(socket, 'drain')
      most = Math.max(most, process.memoryUsage.rss())
    }
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('200 OK')
    expect(received).toBe(size)
    expect(most - before).toBeLessThan(100_000_000)
  })
})
