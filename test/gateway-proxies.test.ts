import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nginxSnippet } from '../packages/gateway/src/cli/snippets/nginx.ts'
import type { FrontProxy as FrontProxyName } from '../packages/gateway/src/config/config.ts'
import { type FrontProxy, startHaproxy, startNginx } from './support/front-proxy.ts'
import {
  createBrowserAt,
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
  sendRaw,
} from './support/gateway-ground.ts'
import { findFreePort } from './support/redis-server.ts'

const spoofed = {
  'x-cloakroom-user': 'root',
  'X-Cloakroom-Roles': 'admin',
  X_Cloakroom_Email: 'root@example.org',
  'x-forwarded-for': '192.0.2.66',
  'x-forwarded-uri': '/open',
  'x-original-uri': '/open',
  'x-original-method': 'GET',
  forwarded: 'for=192.0.2.66',
}

const rules = [
  { path: '/open/**', allow: 'public' },
  { path: '/admin/**', allow: ['admin'] },
  { path: '/**', allow: 'signed-in' },
] as const

describe('nginx, asking by auth_request as `cloakroom snippet nginx` says', () => {
  let ground: GatewayGround
  let nginx: FrontProxy
  let origin: string
  let ada: GatewayBrowser
  beforeAll(async () => {
    const port = await findFreePort()
    origin = `http://localhost:${port}`
    ground = await createGatewayGround({
      origin,
      rules,
      trustProxy: ['loopback'],
      forwardAuth: 'nginx',
    })
    const snippet = nginxSnippet(ground.gateway.settings)
    nginx = await startNginx(port, snippet.replace('listen 443 ssl', `listen 127.0.0.1:${port}`))
    await ground.addAccount()
    ada = createBrowserAt(port, origin)
    await ada.signIn()
  })
  afterAll(async () => {
    await nginx?.stop()
    await ground?.close()
  })

  it('signs people in and passes on who they are', async () => {
    const answer = await ada.load('/reports?year=2026')
    expect(answer.json()).toMatchObject({
      url: '/reports?year=2026',
      headers: { 'x-cloakroom-email': 'ada@example.org', 'x-cloakroom-roles': 'user,guest' },
    })
    expect(ground.app.seen.at(-1)?.headers.cookie).toBeUndefined()
  })

  it('sends visitors to sign-in, and back', async () => {
    const visitor = createBrowserAt(nginx.port, origin)
    const page = await visitor.load('/reports?year=2026')
    expect(page.status).toBe(302)
    expect(page.headers.location).toContain('/_cloakroom/login?next=%2Freports%3Fyear%3D2026')
  })

  it('answers everything else of visitors with 401 and a sentence', async () => {
    const answer = await createBrowserAt(nginx.port, origin).send('/api', {
      method: 'POST',
      body: 'x',
    })
    expect([answer.status, answer.headers.location]).toEqual([401, undefined])
    expect(answer.json()).toMatchObject({ message: expect.stringContaining('not signed in') })
  })

  it('refuses whom the rules refuse', async () => {
    expect((await ada.load('/admin/users')).status).toBe(403)
    expect((await ada.load('/%61dmin/users')).status).toBe(403)
    expect((await ada.load('/open/..%2fadmin')).status).toBe(403)
  })

  it('believes nothing that a client says in the place of others', async () => {
    for (const path of ['/reports', '/open/page']) {
      const answer = await ada.send(path, { headers: spoofed })
      expect(answer.json()['headers']).toMatchObject({ 'x-cloakroom-email': 'ada@example.org' })
      expect(answer.text).not.toMatch(/root|192\.0\.2\.66/)
    }
    const visitor = createBrowserAt(nginx.port, origin)
    const open = await visitor.send('/open/page', { headers: spoofed })
    expect(open.status).toBe(200)
    expect(open.text).not.toMatch(/root|x-cloakroom|192\.0\.2\.66/i)
    expect((await visitor.send('/admin', { headers: spoofed })).status).toBe(401)
  })

  it('does not let clients ask in its place', async () => {
    for (const name of ['auth-request', 'forward-auth', 'ext-authz']) {
      const path = `/_cloakroom/${name}`
      const answer = await ada.send(path, { headers: spoofed })
      expect(answer.status).toBe(404)
      expect(Object.keys(answer.headers).join()).not.toContain('x-cloakroom')
    }
  })

  it('checks WebSockets when they are opened', async () => {
    const socket = await ada.open('/live')
    socket.send('hello')
    expect(String((await once(socket, 'message'))[0])).toBe('hello')
    socket.terminate()
    await expect(ada.open('/live', { origin: 'https://evil.example' })).rejects.toThrow('403')
    await expect(createBrowserAt(nginx.port, origin).open('/live')).rejects.toThrow('401')
  })
})

describe.each<
  [FrontProxyName, (path: string) => { path: string; headers: Record<string, string> }]
>([
  [
    'traefik',
    uri => ({
      path: '/_cloakroom/forward-auth',
      headers: { 'x-forwarded-method': 'GET', 'x-forwarded-uri': uri },
    }),
  ],
  [
    'caddy',
    uri => ({
      path: '/_cloakroom/forward-auth',
      headers: { 'x-forwarded-method': 'GET', 'x-forwarded-uri': uri },
    }),
  ],
  ['envoy', uri => ({ path: `/_cloakroom/ext-authz${uri}`, headers: {} })],
])('what %s asks', (proxy, ask) => {
  const origin = 'http://localhost:8080'
  let ground: GatewayGround
  let ada: GatewayBrowser
  beforeAll(async () => {
    ground = await createGatewayGround({
      origin,
      rules,
      trustProxy: ['loopback'],
      forwardAuth: proxy,
    })
    ada = await ground.signIn()
  })
  afterAll(() => ground.close())

  const send = (browser: GatewayBrowser, uri: string, more: Record<string, string> = {}) => {
    const { path, headers } = ask(uri)
    return browser.send(path, { headers: { ...headers, ...more } })
  }
  const page = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

  it('is answered with the whole set of headers', async () => {
    const answer = await send(ada, '/reports?a=b')
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'x-cloakroom-email': 'ada@example.org',
      'x-cloakroom-jwt': expect.stringMatching(/^ey/),
      cookie: '',
    })
    const open = await send(ground.openBrowser(), '/open/page', spoofed)
    const names = Object.keys(open.headers).filter(name => name.startsWith('x-cloakroom-'))
    expect(names).toHaveLength(6)
    expect(names.map(name => open.headers[name]).join('')).toBe('')
  })

  it('sends pages to sign-in, and refuses all else', async () => {
    const visitor = ground.openBrowser()
    const sent = await send(visitor, '/reports?a=b', page)
    expect(sent.status).toBe(302)
    expect(sent.headers.location).toBe('/_cloakroom/login?next=%2Freports%3Fa%3Db')
    expect((await send(visitor, '/reports')).status).toBe(401)
    expect((await send(ada, '/admin')).status).toBe(403)
    expect((await send(ada, '/a/%2e%2e/open/x')).status).toBeGreaterThanOrEqual(400)
  })

  it('is refused when it comes from elsewhere', async () => {
    const closed = await createGatewayGround({ origin, rules, forwardAuth: proxy })
    const browser = await closed.signIn()
    const answer = await send(browser, '/reports')
    expect(answer.status).toBe(403)
    expect(Object.keys(answer.headers).join()).not.toContain('x-cloakroom')
    await closed.close()
  })
})

describe('haproxy, in front of the gateway', () => {
  const origin = 'https://app.localhost'
  let ground: GatewayGround
  let haproxy: FrontProxy
  let ada: GatewayBrowser
  beforeAll(async () => {
    ground = await createGatewayGround({ origin, trustProxy: ['loopback'] })
    const port = await findFreePort()
    haproxy = await startHaproxy(
      port,
      `frontend public
  bind 127.0.0.1:${port}
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-For 198.51.100.7
  default_backend gateway
backend gateway
  option httpchk GET /_cloakroom/ready
  server one 127.0.0.1:${ground.port} check`,
    )
    await ground.addAccount()
    ada = createBrowserAt(port, origin)
    await ada.signIn()
  })
  afterAll(async () => {
    await haproxy?.stop()
    await ground?.close()
  })

  it('ends TLS, and the gateway knows', async () => {
    expect([...ada.jar.keys()]).toContain('__Host-Http-cloakroom')
    const answer = await ada.load('/')
    expect(answer.json()['headers']).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-host': 'app.localhost',
      host: 'app.localhost',
    })
  })

  it('passes WebSockets on, which end with their session', async () => {
    const socket = await ada.open('/live')
    socket.send('hello')
    await once(socket, 'message')
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(1000) })
    await ada.submit('/_cloakroom/account', '/_cloakroom/logout', {})
    expect((await closed)[0]).toBe(4001)
  })

  it('finds the gateway ready, by whatever name it asks', async () => {
    expect((await sendRaw(ground.port, '/_cloakroom/ready')).status).toBe(200)
  })
})
