import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../../packages/gateway/src/config/config.ts'
import {
  type Answer,
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
} from '../support/gateway-ground.ts'
import { type OidcServer, startOidcServer } from '../support/oidc-server.ts'
import { findFreePort } from '../support/redis-server.ts'
import { codeAt } from '../support/second-factors.ts'

const people = {
  ada: { email: 'ada@example.org', email_verified: true, name: 'Ada', groups: ['staff'] },
  bob: { email: 'bob@example.org', email_verified: true, groups: ['staff', 'app-admins'] },
  eve: { email: 'ada@example.org', email_verified: false },
}

let provider: OidcServer
let ground: GatewayGround

async function open(oidc: Partial<NonNullable<GatewayConfig['oidc']>> = {}): Promise<void> {
  const port = await findFreePort()
  provider = await startOidcServer({ people, gateway: `http://localhost:${port}` })
  const { issuer, clientId, clientSecret } = provider
  ground = await createGatewayGround({
    listen: { port },
    oidc: { issuer, clientId, clientSecret, name: 'Acme', ...oidc },
  })
  // The provider's tokens are dated by the time of day.
  ground.clock.advance(Date.now() - ground.clock.now())
}

beforeEach(() => open())
afterEach(async () => {
  await ground.close()
  await provider.stop()
})

/** Somebody's browser, at the gateway and at the provider. */
interface Person {
  readonly browser: GatewayBrowser
  readonly jar: Map<string, string>
}

const newPerson = (): Person => ({ browser: ground.openBrowser(), jar: new Map() })

/** Follows the way through the provider, up to the address that it sends the browser back to. */
async function visitProvider({ jar }: Person, start: string): Promise<string> {
  let at = new URL(start)
  for (let step = 0; step < 10; step += 1) {
    if (at.origin === ground.origin) return `${at.pathname}${at.search}`
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(at, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null)
      throw new Error(`The provider answers ${at.pathname} with ${answer.status}.`)
    at = new URL(location, at)
  }
  throw new Error('The provider sends the browser round in circles.')
}

const beginAt = async ({ browser }: Person, next = '/reports?year=2026'): Promise<Answer> =>
  browser.load(`/_cloakroom/oidc/login?next=${encodeURIComponent(next)}`)

async function signIn(person: Person, next?: string): Promise<Answer> {
  const { headers } = await beginAt(person, next)
  return person.browser.load(await visitProvider(person, headers.location ?? ''))
}

describe('sign-in by a provider', () => {
  it('comes back to where somebody was going, signed in', async () => {
    const ada = newPerson()
    expect((await ada.browser.load('/_cloakroom/login?next=%2Freports')).text).toContain(
      '/_cloakroom/oidc/login?next=%2Freports',
    )
    expect((await signIn(ada)).headers.location).toBe('/reports?year=2026')
    await ada.browser.load('/reports?year=2026')
    expect(ground.app.seen.at(-1)?.headers).toMatchObject({
      'x-cloakroom-email': 'ada@example.org',
      'x-cloakroom-name': 'Ada',
    })
  })

  it('proves the code by PKCE, and asks with state and nonce', async () => {
    const { headers } = await beginAt(newPerson())
    const { searchParams } = new URL(headers.location ?? '')
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
  })

  it('holds one small cookie, however many tabs begin [B2 5]', async () => {
    const ada = newPerson()
    for (let tab = 0; tab < 20; tab += 1) await beginAt(ada, `/tab/${tab}`)
    const cookie = [...ada.browser.jar].map(pair => pair.join('=')).join('; ')
    expect(ada.browser.jar.size).toBe(1)
    expect(cookie.length).toBeLessThan(200)
  })

  it('lets ten tabs begin at once, and each arrive where it was going [B2 4]', async () => {
    const ada = newPerson()
    const begun: string[] = []
    for (let tab = 0; tab < 10; tab += 1) {
      begun.push((await beginAt(ada, `/tab/${tab}`)).headers.location ?? '')
    }
    for (const [tab, start] of begun.entries()) {
      const back = await ada.browser.load(await visitProvider(ada, start))
      expect(back.headers.location).toBe(`/tab/${tab}`)
    }
    const { userId } = (await ground.gateway.engine.cloakroom.sessions.scan()).entries[0] ?? {}
    expect(await ground.gateway.engine.cloakroom.sessions.list(userId ?? '')).toHaveLength(1)
  })

  it('refuses an answer that another browser asked for', async () => {
    const ada = newPerson()
    const mallory = newPerson()
    provider.signedIn = 'bob'
    const { headers } = await beginAt(mallory)
    const answer = await visitProvider(mallory, headers.location ?? '')
    await beginAt(ada)
    const planted = await ada.browser.load(answer)
    expect(planted.headers.location).toContain('refused=failed')
    expect((await ada.browser.load('/reports')).status).toBe(302)
  })

  it('refuses an answer a second time, and one that took more than ten minutes', async () => {
    const ada = newPerson()
    const { headers } = await beginAt(ada)
    const answer = await visitProvider(ada, headers.location ?? '')
    ground.clock.advance(600_001)
    expect((await ada.browser.load(answer)).headers.location).toContain('refused=failed')
    expect((await ada.browser.load(answer)).headers.location).toContain('refused=failed')
  })

  it('sends nobody to another site afterwards', async () => {
    for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
      expect((await signIn(newPerson(), next)).headers.location).toBe('/')
    }
  })

  it('does not give an account to whoever claims its address unverified [B2 11]', async () => {
    await ground.addAccount()
    provider.signedIn = 'eve'
    const answer = await signIn(newPerson())
    expect(answer.headers.location).toContain('refused=unverified')
  })

  it('asks for the code of an account with a second factor before it is theirs', async () => {
    const page = '/_cloakroom/account/second-factor'
    const owner = await ground.signIn({ email: 'ada@example.org' })
    await owner.submit(page, `${page}/start`, {})
    const setup = await owner.load(`${page}/setup`)
    const secret = (/<code class="secret">([^<]+)</.exec(setup.text)?.[1] ?? '').replaceAll(' ', '')
    const giveCode = (browser: GatewayBrowser, path: string) =>
      browser.submit(path, path.split('?')[0] ?? '', { code: codeAt(secret, ground.clock.now()) })
    await giveCode(owner, `${page}/setup`)
    ground.clock.advance(30_000)

    const ada = newPerson()
    const { headers } = await signIn(ada)
    expect(headers.location).toBe('/_cloakroom/login/code?next=%2Freports%3Fyear%3D2026')
    expect((await ada.browser.load('/')).status).toBe(302)
    await giveCode(ada.browser, headers.location ?? '')
    expect((await ada.browser.load('/')).status).toBe(200)
    expect((await signIn(newPerson())).headers.location).toBe('/reports?year=2026')
  })

  it('says why, when the provider cannot be reached', async () => {
    await ground.close()
    await provider.stop()
    await open({ issuer: `http://127.0.0.1:${await findFreePort()}` })
    const answer = await beginAt(newPerson())
    expect(answer).toMatchObject({ status: 303 })
    expect(answer.headers.location).toContain('/_cloakroom/login?refused=failed')
  })
})

describe('roles of a provider', () => {
  it('are those that the configuration gives to groups', async () => {
    await ground.close()
    await provider.stop()
    await open({ roleClaim: 'groups', roles: { staff: 'moderator', 'app-admins': 'admin' } })
    for (const [subject, roles] of [
      ['ada', 'moderator,user,guest'],
      ['bob', 'admin,moderator,user,guest'],
    ] as const) {
      const person = newPerson()
      provider.signedIn = subject
      await signIn(person)
      await person.browser.load('/')
      expect(ground.app.seen.at(-1)?.headers['x-cloakroom-roles']).toBe(roles)
    }
  })

  it('make no account where the configuration says so', async () => {
    await ground.close()
    await provider.stop()
    await open({ registration: 'closed' })
    expect((await signIn(newPerson())).headers.location).toContain('refused=closed')
  })
})

describe('signing out with a provider [B2 13]', () => {
  it('ends the session here first, and then there', async () => {
    const ada = newPerson()
    await signIn(ada)
    const { headers } = await ada.browser.submit('/_cloakroom/account', '/_cloakroom/logout', {})
    const there = new URL(headers.location ?? '')
    expect(there.origin).toBe(provider.issuer)
    expect(there.searchParams.get('id_token_hint')).toMatch(/^ey/)
    expect(there.searchParams.get('post_logout_redirect_uri')).toBe(
      `${ground.origin}/_cloakroom/login?done=out`,
    )
    expect((await ada.browser.load('/')).status).toBe(302)
  })

  it('stays here for those who signed in by password', async () => {
    const browser = await ground.signIn()
    const { headers } = await browser.submit('/_cloakroom/account', '/_cloakroom/logout', {})
    expect(headers.location).toBe('/_cloakroom/login?done=out')
  })

  it('happens when the provider says so, sockets included, for that browser alone', async () => {
    const [ada, other] = [newPerson(), newPerson()]
    await signIn(ada)
    await signIn(other)
    const socket = await ada.browser.open('/live')
    const closed = new Promise<number>(resolve => socket.once('close', resolve))
    await signOutAtProvider(ada)
    await closed
    expect((await ada.browser.load('/')).status).toBe(302)
    expect((await other.browser.load('/')).status).toBe(200)
  })

  it('does not happen by tokens of somebody else', async () => {
    const ada = newPerson()
    await signIn(ada)
    for (const body of [
      'logout_token=x',
      'logout_token=eyJhbGciOiJub25lIn0.e30.',
      '',
      'x'.repeat(20_000),
    ]) {
      const answer = await ada.browser.send('/_cloakroom/oidc/backchannel-logout', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      })
      expect(answer.status).toBe(400)
    }
    expect((await ada.browser.load('/')).status).toBe(200)
  })
})

/** Signs out at the provider itself, which then tells the gateway. */
async function signOutAtProvider({ jar }: Person): Promise<void> {
  const cookie = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const end = `${provider.issuer}/session/end`
  const page = await fetch(end, { headers: { cookie: cookie() } })
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  for (const line of page.headers.getSetCookie()) {
    const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
    jar.set(name, value)
  }
  const body = new URLSearchParams({ xsrf, logout: 'yes' })
  const confirmed = await fetch(`${end}/confirm`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookie() },
    body,
  })
  if (confirmed.status >= 400) throw new Error(`The sign-out is answered by ${confirmed.status}.`)
}
