import { describe, expect, it } from 'vitest'
import { resolveTexts } from '../../packages/accounts/src/pages/languages.ts'
import { otherPassword, password } from '../support/accounts.ts'
import { createAccountsSite, type SiteBrowser, type SitePage } from '../support/accounts-site.ts'

const email = 'ada@example.org'

describe('requests forged by another site', () => {
  it('reach no route that changes something [ASVS 6.3.4]', async () => {
    const site = await createAccountsSite()
    const routes = site.accounts.routes.filter(({ method }) => method !== 'GET')
    // Those of the console have a table of their own.
    const own = routes.map(({ path }) => path).filter(path => !path.startsWith('/admin/'))
    expect(own.sort()).toEqual([
      '/account/delete',
      '/account/email',
      '/account/email/confirm',
      '/account/password',
      '/account/profile',
      '/account/second-factor/codes',
      '/account/second-factor/remove',
      '/account/second-factor/setup',
      '/account/second-factor/start',
      '/account/sessions/end',
      '/account/sessions/end-all',
      '/account/sessions/end-others',
      '/confirm',
      '/forgot',
      '/impersonation/stop',
      '/invitation',
      '/login',
      '/login/code',
      '/logout',
      '/password/strength',
      '/register',
      '/reset',
      '/session/renew',
      '/verify',
    ])
    const browser = await site.signIn()
    const visitor = site.openBrowser()
    for (const { path } of routes) {
      // Even a page of the site needs the token where somebody is signed in.
      for (const [sender, sites] of [
        [browser, ['same-origin', 'cross-site', 'same-site', '']],
        [visitor, ['cross-site', 'same-site', '']],
      ] as const) {
        for (const from of sites) {
          sender.fetchSite = from
          for (const _csrf of ['', 'made-up']) {
            const { status } = await sender.post(path, { _csrf })
            expect([path, from, status]).toEqual([path, from, 403])
          }
        }
      }
    }
    expect((await browser.get('/account')).status).toBe(200)
  })
})

describe('somebody who guesses the password of an account', () => {
  it('keeps its owner out nowhere but where nobody signed in before', async () => {
    const site = await createAccountsSite()
    const owner = await site.signIn({ email })
    await owner.post('/logout')
    expect([...owner.jar.keys()]).toContain('__Host-Http-cloakroom-device')
    const [stranger, thief] = [site.openBrowser(), site.openBrowser()]
    thief.jar.set('__Host-Http-cloakroom-device', `${'x'.repeat(44)}.${'x'.repeat(48)}`)
    const signIn = async (browser: SiteBrowser, given: string) => {
      browser.address = '203.0.113.9'
      await browser.get('/login')
      return (await browser.post('/login', { email, password: given })).status
    }
    for (const browser of [stranger, thief, stranger, thief, stranger]) {
      expect(await signIn(browser, otherPassword)).toBe(401)
    }
    expect(await signIn(stranger, password)).toBe(429)
    expect(await signIn(thief, password)).toBe(429)
    expect(await signIn(owner, password)).toBe(303)
  })
})

describe('a target after signing in that lies elsewhere', () => {
  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/%09/evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'https:evil.example',
    '///evil.example',
    ' //evil.example',
    'evil.example',
  ])('is not gone to: %j', async next => {
    const site = await createAccountsSite()
    await site.addAccount()
    const browser = site.openBrowser()
    await browser.get(`/login?next=${encodeURIComponent(next)}`)
    const { location } = await browser.post('/login', { email, password, next })
    expect(new URL(location ?? '', 'https://shop.example').origin).toBe('https://shop.example')
    const again = await browser.get(`/login?next=${encodeURIComponent(next)}`)
    expect(new URL(again.location ?? '', 'https://shop.example').origin).toBe(
      'https://shop.example',
    )
  })
})

describe('HTML that somebody typed', () => {
  const html = `"><img src=x onerror=alert(1)>'`

  it('is shown as text wherever it comes back', async () => {
    const site = await createAccountsSite()
    const visitor = site.openBrowser()
    const pages: SitePage[] = []
    for (const query of ['next', 'done', 'ended', 'token']) {
      for (const path of ['/login', '/register', '/verify', '/forgot', '/reset', '/invitation']) {
        pages.push(await visitor.get(`${path}?${query}=${encodeURIComponent(html)}`))
      }
    }
    const fields = ['email', 'name', 'next', 'token', 'password', 'new-password', 'id']
    const everything = Object.fromEntries(fields.map(name => [name, html]))
    const routes = site.accounts.routes.filter(({ method }) => method !== 'GET')
    for (const { path } of routes) pages.push(await visitor.post(path, everything))
    const user = await site.signIn()
    for (const { path } of routes.filter(route => !/all|logout|others/.test(route.path))) {
      pages.push(await user.post(path, everything))
    }
    for (const { text } of pages) expect(text).not.toContain('<img src=x')
  })

  it('is shown as text when it is the name of an account', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn({ name: html })
    const { text } = await browser.get('/account')
    expect(text).toContain('&lt;img src=x')
    expect(text).not.toContain('<img src=x')
  })
})

describe('whether there is an account', () => {
  const without = (text: string): string =>
    text.replace(/(nonce|value)="[^"]*"/g, '').replaceAll(/\w+@example\.org/g, '')

  async function ask(path: string, fields: Readonly<Record<string, string>>) {
    const site = await createAccountsSite()
    await site.addAccount()
    const browser = site.openBrowser()
    await browser.get(path)
    const { status, location, text } = await browser.post(path, fields)
    await site.accounts.flows.flush()
    return { status, location, text: without(text) }
  }

  it.each([
    ['/login', { password: otherPassword }],
    ['/forgot', {}],
    ['/register', { 'new-password': otherPassword }],
  ])('is told neither by text nor by status of %s', async (path, fields) => {
    const known = await ask(path, { ...fields, email })
    const unknown = await ask(path, { ...fields, email: 'eve@example.org' })
    expect(known).toEqual(unknown)
  })
})

describe('resolveTexts', () => {
  it('has every text in both languages', () => {
    const namesOf = (value: unknown, path = ''): string[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([name, each]) => namesOf(each, `${path}.${name}`))
        : [path]
    expect(namesOf(resolveTexts('de'))).toEqual(namesOf(resolveTexts('en')))
  })
})
