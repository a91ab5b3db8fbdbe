import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { password } from './support/accounts.ts'
import {
  createBrowserAt,
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
  productionConfig,
  sendRaw,
} from './support/gateway-ground.ts'
import { type RedisServer, startRedis } from './support/redis-server.ts'

// What people complain about most in other gateways, and what this one does instead.

let redis: RedisServer
let ground: GatewayGround
let ada: GatewayBrowser
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
beforeEach(async () => {
  ground = await createGatewayGround({
    ...productionConfig(redis.url),
    trustProxy: ['loopback'],
    preset: 'streamlit',
    rules: [
      { path: '/open/**', allow: 'public' },
      { path: '/admin/**', allow: ['admin'] },
      { path: '/**', allow: 'signed-in' },
    ],
  })
  ada = await ground.signIn({ email: `${Math.random()}@example.org` })
})
afterEach(() => ground.close())

const script = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' }
const signOut = (browser: GatewayBrowser) =>
  browser.submit('/_cloakroom/account', '/_cloakroom/logout', {})
const copyOf = (browser: GatewayBrowser): GatewayBrowser => {
  const copy = ground.openBrowser()
  for (const [name, value] of browser.jar) copy.jar.set(name, value)
  return copy
}

describe('complaint', () => {
  it('1: WebSockets live on after sign-out', async () => {
    const socket = await ada.open('/live')
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(1000) })
    await signOut(ada)
    expect((await closed)[0]).toBe(4001)
    const before = ground.app.seen.length
    await expect(ada.open('/live')).rejects.toThrow('401')
    expect(ground.app.seen).toHaveLength(before)
  })

  it('2: an ended session is a frozen page', async () => {
    ground.app.answer = (_request, response) =>
      !!response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Page</p>')
    expect((await ada.load('/')).text).toContain('/_cloakroom/watch.js')
    const watch = await ada.open('/_cloakroom/watch')
    const told = once(watch, 'close', { signal: AbortSignal.timeout(1000) })
    await ground.gateway.engine.cloakroom.sessions.revoke((await stateOf(ada)).id)
    expect((await told)[0]).toBe(4001)
    const poll = await ada.send('/_stcore/health', { headers: script })
    expect([poll.status, poll.headers['cache-control']]).toEqual([401, 'no-store'])
    expect(poll.json()['message']).toBe('Your session has ended. Reload the page to sign in again.')
    expect((await ada.load('/?a=b')).headers.location).toContain('next=%2F%3Fa%3Db')
  })

  it('3: requests of scripts are sent to the sign-in page', async () => {
    const visitor = ground.openBrowser()
    const asked = [
      await visitor.send('/api', { headers: script }),
      await visitor.send('/api', {
        headers: { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' },
      }),
      await visitor.send('/api', { headers: { accept: 'application/json' } }),
      await visitor.send('/api', { method: 'POST', headers: { accept: 'text/html' }, body: 'x' }),
      await visitor.send('/image.png', {
        headers: { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      }),
    ]
    for (const { status, headers } of asked) {
      expect([status, headers.location, headers['set-cookie']]).toEqual([401, undefined, undefined])
    }
  })

  it('4: a second tab cannot sign in', async () => {
    await ground.addAccount({ email: 'tabs@example.org' })
    const browser = ground.openBrowser()
    const form = async () => {
      const { text } = await browser.load('/_cloakroom/login?next=/here')
      return /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
    }
    const tabs = [await form(), await form(), await form()]
    for (const _csrf of tabs.reverse()) {
      const body = new URLSearchParams({
        _csrf,
        email: 'tabs@example.org',
        password,
        next: '/here',
      })
      const answer = await browser.send('/_cloakroom/login', {
        method: 'POST',
        headers: {
          origin: ground.origin,
          referer: `${ground.origin}/_cloakroom/login?next=/here`,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: body.toString(),
      })
      expect(answer.status).toBe(303)
      const { location = '' } = answer.headers
      const onward = location === '/here' ? answer : await browser.load(location)
      expect(onward.headers.location).toBe('/here')
    }
    expect((await browser.load('/here')).status).toBe(200)
  })

  it('5: cookies of begun sign-ins pile up', async () => {
    const visitor = ground.openBrowser()
    for (let tab = 0; tab < 20; tab += 1) {
      const { headers } = await visitor.load(`/page-${tab}`)
      await visitor.load(headers.location ?? '')
      await visitor.send(`/api-${tab}`, { headers: script })
    }
    const cookie = [...visitor.jar].map(pair => pair.join('=')).join('; ')
    expect(visitor.jar.size).toBeLessThanOrEqual(2)
    expect(cookie.length).toBeLessThan(300)
  })

  it('6: cookies are large, go to the app, and break servers', async () => {
    const cookie = [...ada.jar].map(pair => pair.join('=')).join('; ')
    expect(ada.jar.get('__Host-Http-cloakroom')?.length).toBeLessThan(128)
    expect(cookie.length).toBeLessThan(500)
    await ada.send('/', { headers: { cookie: `theme=dark; ${cookie}; _xsrf=2|a|b|1` } })
    expect(ground.app.seen.at(-1)?.headers.cookie).toBe('theme=dark; _xsrf=2|a|b|1')
    expect((await ada.send('/', { headers: { 'x-large': 'x'.repeat(24_000) } })).status).toBe(200)
    const large = await ada.send('/', { headers: { 'x-large': 'x'.repeat(40_000) } })
    expect(large.status).toBe(431)
    expect(large.text).toContain('Clear the cookies of this site')
  })

  it('7: requests at the same time sign a user out while the session gets a new token', async () => {
    const read = await stateOf(ada)
    await ground.gateway.engine.cloakroom.sessions.rotate(read)
    const answers = await Promise.all(Array.from({ length: 20 }, () => copyOf(ada).load('/')))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    const tokens = answers.flatMap(({ headers }) => headers['set-cookie'] ?? [])
    expect(tokens).toHaveLength(20)
  })

  it('8: X_Forwarded_User is smuggled past the gateway', async () => {
    await ada.send('/', { headers: { X_Cloakroom_User: 'root', X_Forwarded_User: 'root' } })
    expect(JSON.stringify(ground.app.seen.at(-1)?.rawHeaders)).not.toContain('root')
  })

  it('9: a header of the client survives where nobody is signed in', async () => {
    const visitor = ground.openBrowser()
    await visitor.send('/open/page', { headers: { 'x-cloakroom-user': 'root' } })
    expect(JSON.stringify(ground.app.seen.at(-1)?.rawHeaders)).not.toMatch(/root|x-cloakroom/i)
  })

  it('10: forged addresses of the request skip its check', async () => {
    const visitor = ground.openBrowser()
    const headers = {
      'x-forwarded-uri': '/open/page',
      'x-forwarded-prefix': '/open',
      'x-original-url': '/open/page',
      'x-rewrite-url': '/open/page',
      'x-http-method-override': 'GET',
      forwarded: 'for=127.0.0.1',
    }
    expect((await visitor.send('/page', { headers })).status).toBe(401)
    await ada.send('/page', { headers })
    const seen = ground.app.seen.at(-1)
    expect(seen?.url).toBe('/page')
    expect(JSON.stringify(seen?.headers)).not.toContain('open')
  })

  it('11: user agents, fragments and odd spellings get around the check', async () => {
    const visitor = ground.openBrowser()
    const probe = { headers: { 'user-agent': 'kube-probe/1.30' } }
    expect((await visitor.send('/_stcore/health', probe)).status).toBe(401)
    for (const path of [
      '/admin#/open/page',
      '/open/%2e%2e/admin',
      '/open%2f..%2fadmin',
      '//admin',
    ]) {
      expect((await ada.send(path)).status).toBe(400)
    }
    expect((await ada.send('/admin;/open')).status).toBe(403)
    const planted = ground.openBrowser()
    const before = ada.jar.get('__Host-Http-cloakroom') ?? ''
    planted.jar.set('__Host-Http-cloakroom', before)
    await planted.submit('/_cloakroom/account', '/_cloakroom/logout', {})
    expect((await ada.load('/')).status).toBe(302)
  })

  it('12: the way back from sign-in leads to another site', async () => {
    await ground.addAccount({ email: 'back@example.org' })
    for (const next of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/\t/evil.example',
      'https://app.example@evil.example',
      '/.//evil.example',
    ]) {
      const browser = ground.openBrowser()
      const answer = await browser.submit('/_cloakroom/login', '/_cloakroom/login', {
        email: 'back@example.org',
        password,
        next,
      })
      const location = new URL(answer.headers.location ?? '', ground.origin)
      expect([answer.status, location.origin]).toEqual([303, ground.origin])
    }
  })

  it('13: a cookie works after sign-out', async () => {
    const thief = copyOf(ada)
    expect((await thief.load('/')).status).toBe(200)
    await signOut(ada)
    expect((await thief.load('/')).status).toBe(302)
    expect((await thief.send('/', { headers: script })).status).toBe(401)
  })

  it('14: nobody can see or end sessions', async () => {
    const page = await ada.load('/_cloakroom/account')
    expect(page.text).toMatch(/Sessions|sessions/)
    const { id, userId } = await stateOf(ada)
    const { sessions } = ground.gateway.engine.cloakroom
    expect((await sessions.list(userId ?? '')).map(entry => entry.id)).toContain(id)
    await sessions.revoke(id)
    expect((await ada.load('/')).status).toBe(302)
  })

  it('15: browsers go round between sign-in and the app, and nobody knows why', async () => {
    const visitor = ground.openBrowser()
    const referer = `${ground.origin}/_cloakroom/login?next=%2F`
    const statuses: number[] = []
    for (let round = 0; round < 3; round += 1)
      statuses.push((await visitor.load('/', { referer })).status)
    expect(statuses).toEqual([302, 302, 508])
    expect((await visitor.load('/', { referer })).text).toContain('cloakroom doctor')
    expect((await visitor.load('/')).status).toBe(302)
    const ten = await Promise.all(Array.from({ length: 10 }, () => visitor.load('/')))
    expect(ten.every(({ status }) => status === 302)).toBe(true)
  })
})

describe('the gateway', () => {
  it('is not known by other names', async () => {
    const other = createBrowserAt(ground.port, 'https://other.example')
    expect((await other.load('/')).status).toBe(421)
    expect((await sendRaw(ground.port, '/_cloakroom/live')).status).toBe(200)
  })

  it('refuses what a page of another site sends', async () => {
    const headers = { origin: 'https://evil.example' }
    expect((await ada.send('/form', { method: 'POST', headers })).status).toBe(403)
    expect((await ada.send('/open/form', { method: 'POST', headers })).status).toBe(200)
    expect(ground.app.seen.at(-1)?.headers['x-cloakroom-user']).toBeUndefined()
  })

  it('lets no app set its cookies', async () => {
    ground.app.answer = (_request, response) =>
      !!response
        .writeHead(200, { 'set-cookie': ['__Host-Http-cloakroom=x; Path=/', 'own=1'] })
        .end()
    expect((await ada.load('/')).headers['set-cookie']).toEqual(['own=1'])
  })

  it('says that the app does not answer, and has pages ask again', async () => {
    await ground.app.close()
    const page = await ada.load('/')
    expect([page.status, page.headers['retry-after']]).toEqual([502, '3'])
    expect(page.text).toContain('http-equiv="refresh"')
    const fetched = await ada.send('/', { headers: script })
    expect([fetched.status, fetched.json()['code']]).toEqual([502, 'ERR_APP_UNREACHABLE'])
  })
})

async function stateOf(browser: GatewayBrowser) {
  const { sessions, sessionCookie } = ground.gateway.engine.cloakroom
  const header = [...browser.jar].map(pair => pair.join('=')).join('; ')
  const client = { ip: '127.0.0.1', host: 'app.example', isSecure: true, isLoopback: false }
  const read = await sessions.validate(sessionCookie.read(header, client).value ?? '')
  if (read.state !== 'valid') throw new Error(`The session is ${read.state}.`)
  return read.session
}
