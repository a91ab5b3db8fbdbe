import { StoreError } from 'cloakroom'
import { describe, expect, it } from 'vitest'
import { otherPassword, password } from '../../../../test/support/accounts.ts'
import { createAccountsSite, type SiteBrowser } from '../../../../test/support/accounts-site.ts'
import { createMemoryAccounts } from '../memory/accounts.ts'

const email = 'ada@example.org'

describe('the sign-in page', () => {
  it('signs in and goes on to where the visitor wanted to be', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const browser = site.openBrowser()
    const asked = await browser.get('/account')
    expect(asked.location).toBe('/login?next=%2Faccount')
    await browser.get(asked.location ?? '')
    const answer = await browser.post('/login', { email, password, next: '/account' })
    expect(answer).toMatchObject({ status: 303, location: '/account' })
    expect((await browser.get('/account')).text).toContain('Where you are signed in')
  })

  it('keeps the address that was typed, and no password', async () => {
    const site = await createAccountsSite()
    const browser = site.openBrowser()
    await browser.get('/login')
    const answer = await browser.post('/login', { email, password: 'geheim-geheim' })
    expect(answer.status).toBe(401)
    expect(answer.text).toContain(`value="${email}"`)
    expect(answer.text).not.toContain('geheim-geheim')
  })

  it('says when to come back after too many attempts', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const browser = site.openBrowser()
    await browser.get('/login')
    for (let count = 0; count < 5; count += 1) {
      await browser.post('/login', { email, password: 'wrong wrong wrong' })
    }
    const answer = await browser.post('/login', { email, password })
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(answer.text).toMatch(/class="countdown" data-seconds="\d+"/)
  })

  it('signs out', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    expect((await browser.post('/logout')).location).toBe('/login?done=out')
    expect((await browser.get('/account')).location).toContain('/login')
  })
})

describe('registration', () => {
  it('makes an account by the link and the password, and signs in', async () => {
    const site = await createAccountsSite()
    const browser = site.openBrowser()
    await browser.get('/register')
    const fields = { email: 'new@example.org', name: 'New', 'new-password': password }
    expect((await browser.post('/register', fields)).location).toBe('/register/sent')
    const link = await site.link()
    await browser.get(link)
    const token = new URLSearchParams(link.split('?')[1]).get('token') ?? ''
    const answer = await browser.post('/verify', { token, password })
    expect(answer.location).toBe('/account?done=welcome')
    expect((await browser.get('/account?done=welcome')).text).toContain('Your account is ready')
  })

  it('says what is wrong about a password, and keeps the rest', async () => {
    const site = await createAccountsSite()
    const browser = site.openBrowser()
    await browser.get('/register')
    const fields = { email: 'new@example.org', name: 'New', 'new-password': 'short' }
    const answer = await browser.post('/register', fields)
    expect(answer.status).toBe(422)
    expect(answer.text).toContain('The password is too short.')
    expect(answer.text).toContain('value="new@example.org"')
  })

  it('is not there when it is closed', async () => {
    const site = await createAccountsSite({ registration: 'closed' })
    const browser = site.openBrowser()
    expect((await browser.get('/register')).status).toBe(404)
    expect((await browser.get('/login')).text).not.toContain('/register')
    expect((await browser.post('/register', { email })).status).toBe(404)
  })
})

describe('a forgotten password', () => {
  it('is replaced by a link that works once', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const browser = site.openBrowser()
    await browser.get('/forgot')
    expect((await browser.post('/forgot', { email })).location).toBe('/forgot?done=sent')
    const link = await site.link()
    await browser.get(link)
    const token = new URLSearchParams(link.split('?')[1]).get('token') ?? ''
    const fields = { token, 'new-password': otherPassword }
    expect((await browser.post('/reset', fields)).location).toBe('/login?done=reset')
    expect((await browser.post('/reset', fields)).status).toBe(404)
    expect((await browser.get(link)).status).toBe(404)
    const answer = await browser.post('/login', { email, password: otherPassword })
    expect(answer.status).toBe(303)
  })
})

describe('the account page', () => {
  it('changes the name', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    await browser.post('/account/profile', { name: 'Ada Lovelace' })
    expect((await browser.get('/account')).text).toContain('value="Ada Lovelace"')
  })

  it('changes the password and ends the other sessions', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    const other = site.openBrowser()
    await other.get('/login')
    await other.post('/login', { email, password })
    await browser.get('/account')
    const fields = { password, 'new-password': otherPassword }
    const answer = await browser.post('/account/password', fields)
    expect(answer.location).toBe('/account?done=password')
    expect((await other.get('/account')).location).toContain('/login')
    expect((await browser.get('/account')).status).toBe(200)
  })

  it('changes the address by a link to the new one', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    const answer = await browser.post('/account/email', { email: 'countess@example.org', password })
    expect(answer.location).toBe('/account?done=sent')
    const link = await site.link()
    expect((await browser.get(link)).text).toContain('Is this address yours?')
    const token = new URLSearchParams(link.split('?')[1]).get('token') ?? ''
    const confirmed = await browser.post('/account/email/confirm', { token })
    expect(confirmed.location).toBe('/account?done=email')
    expect((await browser.get('/account')).text).toContain('countess@example.org')
  })

  it('ends one session, the others, and all', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    for (let count = 0; count < 2; count += 1) {
      const other = site.openBrowser()
      await other.get('/login')
      await other.post('/login', { email, password })
    }
    const { text } = await browser.get('/account')
    const ids = [...text.matchAll(/name="id" value="([^"]+)"/g)].map(match => match[1] ?? '')
    expect(ids).toHaveLength(2)
    await browser.post('/account/sessions/end', { id: ids[0] ?? '' })
    expect((await browser.get('/account')).text.match(/name="id"/g)).toHaveLength(1)
    await browser.post('/account/sessions/end-others')
    expect((await browser.get('/account')).text).not.toContain('name="id"')
    expect((await browser.post('/account/sessions/end-all')).location).toBe('/login?done=out')
    expect((await browser.get('/account')).location).toContain('/login')
  })

  it('asks for the password before it ends sessions when the last proof is old', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    site.clock.advance(11 * 60_000)
    await browser.get('/account')
    const asked = await browser.post('/account/sessions/end-others')
    expect(asked.status).toBe(403)
    expect(asked.text).toContain('action="/account/sessions/end-others"')
    const wrong = await browser.post('/account/sessions/end-others', {
      password: 'not mine at all',
    })
    expect(wrong.status).toBe(422)
    const done = await browser.post('/account/sessions/end-others', { password })
    expect(done.location).toBe('/account?done=ended')
  })

  it('deletes the account by its password', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    const wrong = await browser.post('/account/delete', { password: 'not mine at all' })
    expect(wrong.status).toBe(422)
    expect((await browser.post('/account/delete', { password })).location).toBe(
      '/login?done=deleted',
    )
    expect(await site.stores.accounts.findByLogin(email)).toBeNull()
  })

  it('has no element id twice', async () => {
    const site = await createAccountsSite()
    const { text } = await (await site.signIn()).get('/account')
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(match => match[1])
    expect(ids).toEqual([...new Set(ids)])
  })
})

describe('a session that is about to end', () => {
  it('is renewed on request, by the token that the refusal of an old one brings', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    site.clock.advance(59 * 60_000)
    const stale = await browser.post('/session/renew')
    expect(stale.status).toBe(403)
    const _csrf = stale.headers.get('x-csrf-token') ?? ''
    const answer = await browser.post('/session/renew', { _csrf })
    expect(JSON.parse(answer.text)).toEqual({ endsInSeconds: 3600 })
  })

  it('cannot be renewed by nobody', async () => {
    const site = await createAccountsSite()
    const browser = site.openBrowser()
    await browser.get('/login')
    expect((await browser.post('/session/renew')).status).toBe(401)
  })
})

describe('a database that does not answer', () => {
  it('is told by a page, and signs nobody out', async () => {
    const memory = createMemoryAccounts()
    let isDown = false
    const findById = async (id: string) => {
      if (isDown) throw new StoreError('ERR_STORE_UNAVAILABLE', 'The database does not answer.')
      return memory.findById(id)
    }
    const site = await createAccountsSite({ accounts: { ...memory, findById } })
    const browser = await site.signIn()
    isDown = true
    const answer = await browser.get('/account')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(answer.text).toContain('You are not signed out.')
    isDown = false
    expect((await browser.get('/account')).status).toBe(200)
  })
})

describe('impersonation', () => {
  it('shows a banner, keeps from what is sensitive, and ends by one click', async () => {
    const site = await createAccountsSite()
    const accountId = await site.addAccount({ email: 'bob@example.org', name: 'Bob' })
    const browser = await site.signIn({ role: 'admin' })
    await site.impersonate(browser, accountId)
    expect((await browser.get('/account')).text).toContain('You act as Bob.')
    const refused = await browser.post('/account/delete', { password })
    expect(refused.status).toBe(403)
    expect((await browser.post('/impersonation/stop')).location).toBe('/account')
    expect((await browser.get('/account')).text).toContain('ada@example.org')
  })
})

describe('paths', () => {
  it('answers own ones only', async () => {
    const { accounts } = await createAccountsSite()
    const ask = (path: string) => accounts.fetch(new Request(`https://shop.example${path}`))
    for (const path of ['/', '/cart', '/loginx', '/accounts', '/session']) {
      expect(await ask(path)).toBeNull()
    }
    expect((await ask('/account/nothing'))?.status).toBe(404)
  })

  it('stand below a base', async () => {
    const site = await createAccountsSite({ base: '/auth' })
    const { text } = await site.openBrowser().get('/auth/login')
    expect(text).toContain('action="/auth/login"')
    const style = /href="(\/auth\/_assets\/style[^"]+)"/.exec(text)?.[1] ?? ''
    expect((await site.openBrowser().get(style)).headers.get('content-type')).toContain('text/css')
    expect(await site.accounts.fetch(new Request('https://shop.example/login'))).toBeNull()
  })
})

describe('an invitation', () => {
  const fields = { email: 'grace@example.org', name: 'Grace', role: 'moderator' }

  async function invited() {
    const site = await createAccountsSite({ registration: 'closed' })
    const admin = await site.signIn({ email: 'admin@example.org', role: 'admin' })
    await site.act(admin, visit => site.accounts.flows.invite(fields, visit))
    return { site, link: await site.link(), guest: site.openBrowser() }
  }

  it('makes an account with its role, by a password of the invited one, even where registration is closed', async () => {
    const { site, link, guest } = await invited()
    expect(site.mails.at(-1)).toMatchObject({ to: fields.email })
    expect((await guest.get('/register')).status).toBe(404)
    const page = await guest.get(link)
    expect(page.text).toContain('You are invited')
    const token = new URLSearchParams(link.split('?')[1]).get('token') ?? ''
    const weak = await guest.post('/invitation', { token, name: '', 'new-password': 'short' })
    expect([weak.status, weak.text.includes('too short')]).toEqual([422, true])
    const done = await guest.post('/invitation', { token, name: '', 'new-password': password })
    expect([done.status, done.location]).toEqual([303, '/login?done=joined'])
    await guest.get('/login?done=joined')
    const entered = await guest.post('/login', { email: fields.email, password })
    expect(entered.status).toBe(303)
    expect((await guest.get('/account')).text).toContain('value="Grace"')
    const login = site.stores.accounts.loginOf(fields.email) ?? ''
    expect(await site.stores.accounts.findByLogin(login)).toMatchObject({ role: 'moderator' })
    expect((await guest.get(link)).status).toBe(404)
    expect((await guest.post('/invitation', { token, 'new-password': password })).status).toBe(404)
  })

  it('works no more after a week', async () => {
    const { site, link, guest } = await invited()
    site.clock.advance(7 * 86_400_000)
    expect((await guest.get(link)).status).toBe(404)
  })
})

describe('/password/strength', () => {
  const judge = async (browser: SiteBrowser, fields: Record<string, string>) => {
    const { status, text } = await browser.post('/password/strength', fields)
    return { status, ...JSON.parse(text) }
  }

  it('judges a new password as the form will, by what else is in it', async () => {
    const browser = (await createAccountsSite()).openBrowser()
    await browser.get('/register')
    expect(await judge(browser, { 'new-password': password })).toMatchObject({
      status: 200,
      score: expect.any(Number),
      text: expect.stringMatching(/good|strong/),
    })
    expect(await judge(browser, { 'new-password': 'short' })).toMatchObject({
      text: 'The password is too short.',
    })
    const fields = { 'new-password': 'wolfeschlegelstein', email: 'wolfeschlegelstein@example.org' }
    expect(await judge(browser, fields)).toMatchObject({
      score: 0,
      text: expect.stringContaining('your name'),
    })
  })

  it('judges by the account of whoever is signed in', async () => {
    const browser = await (await createAccountsSite()).signIn({ name: 'Wolfeschlegelstein' })
    expect(await judge(browser, { 'new-password': 'wolfeschlegelstein' })).toMatchObject({
      text: expect.stringContaining('your name'),
    })
  })

  it('is not there for guessing by the thousand', async () => {
    const browser = (await createAccountsSite()).openBrowser()
    await browser.get('/register')
    for (let count = 0; count < 60; count += 1) await judge(browser, { 'new-password': 'x' })
    expect(await judge(browser, { 'new-password': 'x' })).toEqual({ status: 429 })
  })
})
