import { describe, expect, it } from 'vitest'
import { otherPassword, password } from '../../../../test/support/accounts.ts'
import {
  type AccountsSite,
  createAccountsSite,
  type SiteBrowser,
} from '../../../../test/support/accounts-site.ts'

const sessionCookie = '__Host-Http-cloakroom'

/** Paths that answer with a page, whoever asks; those of links in mails without a token too. */
const pathsOf = (site: AccountsSite): readonly string[] =>
  site.accounts.routes
    .filter(({ method, path }) => method === 'GET' && !/[*:]/.test(path))
    .map(({ path }) => path)

/** What a browser is shown at each of them, but for what is no page. */
async function visitAll(site: AccountsSite, browser: SiteBrowser) {
  const pages = []
  for (const path of pathsOf(site)) {
    const page = await browser.get(path)
    const isPage = page.headers.get('content-type')?.startsWith('text/html') === true
    if (isPage && page.text.startsWith('<!doctype')) pages.push({ path, ...page })
  }
  return pages
}

describe('every page', () => {
  it('lets whoever is signed in sign out [ASVS 7.4.4]', async () => {
    const site = await createAccountsSite()
    const pages = await visitAll(site, await site.signIn({ role: 'admin' }))
    const paths = pages.map(({ path }) => path)
    expect(paths).toEqual(
      expect.arrayContaining(['/account', '/confirm', '/admin', '/admin/users']),
    )
    const without = pages.filter(({ text }) => !/<form method="post" action="\/logout">/.test(text))
    expect(without.map(({ path }) => path)).toEqual([])
  })

  it('is only looked at: no session of a user begins by that [ASVS 7.6.2]', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const visitor = site.openBrowser()
    await visitAll(site, visitor)
    await visitor.get('/forgot')
    await visitor.post('/forgot', { email: 'ada@example.org' })
    await visitor.get(await site.link())
    expect(visitor.jar.has(sessionCookie)).toBe(false)
    expect((await site.cloakroom.sessions.scan()).entries).toEqual([])
  })

  it('hides what is typed as a password, and tells password managers which one it is [ASVS 6.2.6, 6.2.7]', async () => {
    const site = await createAccountsSite()
    const pages = [
      ...(await visitAll(site, site.openBrowser())),
      ...(await visitAll(site, await site.signIn({ role: 'admin' }))),
    ]
    const fields = pages.flatMap(
      ({ text }) => text.match(/<input[^>]*name="[^"]*password"[^>]*>/g) ?? [],
    )
    expect(fields.length).toBeGreaterThan(5)
    for (const field of fields) {
      const isNew = field.includes('name="new-password"')
      expect(field).toContain('type="password"')
      expect(field).toContain(`autocomplete="${isNew ? 'new' : 'current'}-password"`)
    }
  })

  it('takes no more from a form than it asks for [ASVS 8.2.3]', async () => {
    const site = await createAccountsSite()
    const visitor = site.openBrowser()
    await visitor.get('/register')
    const email = 'mallory@example.org'
    const more = { role: 'admin', status: 'active', permissions: 'accounts:read', id: 'x' }
    await visitor.post('/register', { email, 'new-password': password, ...more })
    const link = await site.link()
    await visitor.get(link)
    const token = new URLSearchParams(link.split('?')[1]).get('token') ?? ''
    await visitor.post('/verify', { token, password, ...more })
    await visitor.get('/account')
    await visitor.post('/account/profile', { name: 'Mallory', ...more })
    const fields = { password, 'new-password': otherPassword, ...more }
    await visitor.post('/account/password', fields)
    const account = await site.stores.accounts.findByLogin(email)
    expect(account).toMatchObject({ role: 'user', status: 'active', name: 'Mallory' })
    expect(account?.id).not.toBe('x')
    expect((await visitor.get('/admin')).status).toBe(403)
  })
})
