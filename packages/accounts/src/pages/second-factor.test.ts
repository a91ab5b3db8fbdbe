import { describe, expect, it } from 'vitest'
import { password } from '../../../../test/support/accounts.ts'
import {
  type AccountsSite,
  createAccountsSite,
  type SiteBrowser,
  type SitePage,
} from '../../../../test/support/accounts-site.ts'
import { codeAt } from '../../../../test/support/second-factors.ts'

const email = 'ada@example.org'
const root = '/account/second-factor'

const secretIn = ({ text }: SitePage): string =>
  (/<code class="secret">([A-Z2-7 ]+)</.exec(text)?.[1] ?? '').replaceAll(' ', '')

const recoveryCodesIn = ({ text }: SitePage): readonly string[] =>
  [...text.matchAll(/<li><code>([\w-]+)<\/code>/g)].map(([, code = '']) => code)

/** Reads the page that a form led to, as browsers do by themselves. */
const follow = (browser: SiteBrowser, page: SitePage): Promise<SitePage> =>
  browser.get(page.location ?? '')

/** Sets a second factor up at the pages, and gives its secret and its recovery codes. */
async function setUp(site: AccountsSite, browser: SiteBrowser) {
  await browser.get(root)
  const setup = await follow(browser, await browser.post(`${root}/start`))
  const secret = secretIn(setup)
  const done = await browser.post(`${root}/setup`, { code: codeAt(secret, site.clock.now()) })
  site.clock.advance(30_000)
  return { secret, codes: recoveryCodesIn(done), setup, done }
}

async function giveName(site: AccountsSite, next = '/account'): Promise<[SiteBrowser, SitePage]> {
  const browser = site.openBrowser()
  await browser.get('/login')
  return [browser, await browser.post('/login', { email, password, next })]
}

describe('the pages about second factors', () => {
  it('show a picture, the same as text, and the recovery codes once', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    const { secret, codes, setup, done } = await setUp(site, browser)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(setup.text).toContain('<svg class="qr"')
    expect(setup.text).toContain(`href="otpauth://totp/`)
    expect(setup.text).not.toMatch(/<[^>]+ style=/)
    expect(setup.headers.get('cache-control')).toContain('no-store')
    expect(done.headers.get('cache-control')).toContain('no-store')
    expect(codes).toHaveLength(10)
    const overview = await browser.get(root)
    expect(overview.text).toContain('Recovery codes left: 10.')
    expect(overview.text).not.toContain(codes[0])
    expect((await browser.get('/account')).text).toContain('Recovery codes left: 10.')
  })

  it('help phones and password managers with the code', async () => {
    const site = await createAccountsSite()
    await setUp(site, await site.signIn())
    const [browser, first] = await giveName(site)
    const page = await follow(browser, first)
    const field = /<input[^>]*id="code"[^>]*>/.exec(page.text)?.[0]
    expect(field).toContain('autocomplete="one-time-code"')
    expect(field).toContain('inputmode="numeric"')
  })

  it('lead through the second step to where somebody wanted to go', async () => {
    const site = await createAccountsSite()
    const { secret } = await setUp(site, await site.signIn())
    const [browser, first] = await giveName(site, '/account?x=1')
    expect(first).toMatchObject({ status: 303, location: '/login/code?next=%2Faccount%3Fx%3D1' })
    expect((await browser.get('/account')).location).toMatch(/^\/login\?/)
    await follow(browser, first)
    const code = codeAt(secret, site.clock.now())
    const wrong = await browser.post('/login/code', { code: '000000', next: '/account?x=1' })
    expect(wrong.status).toBe(401)
    expect(wrong.text).toContain('The code is not right')
    const right = await browser.post('/login/code', { code, next: '/account?x=1' })
    expect(right).toMatchObject({ status: 303, location: '/account?x=1' })
    expect((await browser.get('/account')).status).toBe(200)
  })

  it('never lead from the second step to another site', async () => {
    const site = await createAccountsSite()
    const { secret } = await setUp(site, await site.signIn())
    const [browser, first] = await giveName(site, 'https://evil.example/')
    await follow(browser, first)
    const code = codeAt(secret, site.clock.now())
    const right = await browser.post('/login/code', { code, next: '//evil.example' })
    expect(right).toMatchObject({ status: 303, location: '/' })
  })

  it('take a recovery code', async () => {
    const site = await createAccountsSite()
    const { codes } = await setUp(site, await site.signIn())
    const [browser, first] = await giveName(site)
    await follow(browser, first)
    const form = { kind: 'recovery', code: codes[3] ?? '' }
    expect((await browser.post('/login/code', form)).status).toBe(303)
    const [other, second] = await giveName(site)
    await follow(other, second)
    const again = await other.post('/login/code', form)
    expect(again.status).toBe(401)
    expect(again.text).toContain('<details open="">')
  })

  it('begin anew when the second step took too long', async () => {
    const site = await createAccountsSite()
    await setUp(site, await site.signIn())
    const [browser, first] = await giveName(site)
    site.clock.advance(300_000)
    const page = await follow(browser, first)
    expect(page.location).toBe('/login?refused=step&next=%2Faccount')
    expect((await follow(browser, page)).text).toContain('This sign-in is over.')
  })

  it('have whoever must have one set it up, and then go on', async () => {
    const site = await createAccountsSite({ requireSecondFactor: ['user'] })
    await site.addAccount({ email })
    const [browser, first] = await giveName(site, '/account?x=1')
    expect(first.location).toBe(`${root}/setup?next=%2Faccount%3Fx%3D1`)
    const setup = await follow(browser, first)
    const code = codeAt(secretIn(setup), site.clock.now())
    expect((await browser.get('/account')).location).toMatch(/^\/login/)
    await follow(browser, first)
    const wrong = await browser.post(`${root}/setup`, { code: '000000', next: '/account?x=1' })
    expect(wrong).toMatchObject({ status: 422 })
    expect(secretIn(wrong)).toBe(secretIn(setup))
    const done = await browser.post(`${root}/setup`, { code, next: '/account?x=1' })
    expect(recoveryCodesIn(done)).toHaveLength(10)
    expect(done.text).toContain('href="/account?x=1"')
    const overview = await browser.get(root)
    expect(overview.status).toBe(200)
    expect(overview.text).not.toContain('Turn off')
    expect((await browser.post(`${root}/remove`, { code: '000000' })).status).toBe(403)
  })

  it('make new recovery codes and turn it off, by a code', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    const { secret, codes } = await setUp(site, browser)
    await browser.get(root)
    expect((await browser.post(`${root}/codes`, { code: '000000' })).status).toBe(422)
    const code = codeAt(secret, site.clock.now())
    const made = recoveryCodesIn(await browser.post(`${root}/codes`, { code }))
    expect(made).toHaveLength(10)
    expect(made.some(each => codes.includes(each))).toBe(false)
    const removed = await browser.post(`${root}/remove`, { code: made[0] ?? '' })
    expect(removed).toMatchObject({ status: 303, location: `${root}?done=removed` })
    expect((await follow(browser, removed)).text).toContain('Two-step sign-in is off.')
    expect((await giveName(site))[1].location).toBe('/account')
  })

  it('ask for the password first when the last proof is too old', async () => {
    const site = await createAccountsSite()
    const browser = await site.signIn()
    const { secret } = await setUp(site, browser)
    site.clock.advance(660_000)
    await browser.get(root)
    const code = codeAt(secret, site.clock.now())
    const asked = await browser.post(`${root}/remove`, { code })
    expect(asked.status).toBe(403)
    expect(asked.text).toContain('name="password"')
    const done = await browser.post(`${root}/remove`, { code, password })
    expect(done.location).toBe(`${root}?done=removed`)
  })

  it('show administrators who has one, and let them take it away', async () => {
    const site = await createAccountsSite()
    const admin = await site.signIn({ email: 'root@example.org', role: 'admin' })
    const browser = await site.signIn({ email })
    const { id } = (await site.stores.accounts.findByLogin(email)) ?? { id: '' }
    expect((await admin.get(`/admin/users/${id}`)).text).not.toContain('Take the second step away')
    await setUp(site, browser)
    expect((await admin.get(`/admin/users/${id}`)).text).toContain('Take the second step away')
    const done = await admin.post('/admin/users/second-factor', { id })
    expect(done.location).toBe(`/admin/users/${id}?done=factor`)
    expect((await follow(admin, done)).text).toContain('The second step is gone')
    expect((await browser.get('/account')).location).toMatch(/^\/login/)
    expect((await giveName(site))[1].location).toBe('/account')
  })

  it('are in German as well', async () => {
    const site = await createAccountsSite({ texts: 'de' })
    const { done } = await setUp(site, await site.signIn())
    expect(done.text).toContain('Deine Ersatzcodes')
  })
})
