import { describe, expect, it } from 'vitest'
import { createAccountsSite } from '../../../../test/support/accounts-site.ts'

const providers = [{ name: 'Acme', href: '/oidc/login' }]

describe('providers', () => {
  it('stand on the sign-in page, and come back to where somebody was going', async () => {
    const site = await createAccountsSite({ providers })
    const { text } = await site.openBrowser().get('/login?next=/orders%3Fpage%3D2')
    expect(text).toContain('href="/oidc/login?next=%2Forders%3Fpage%3D2"')
    expect(text).toContain('Sign in with Acme')
  })

  it('are not there unless somebody set them', async () => {
    const site = await createAccountsSite()
    expect((await site.openBrowser().get('/login')).text).not.toContain('class="providers"')
  })

  it('have the page say why a sign-in came to nothing, in its own words alone', async () => {
    const site = await createAccountsSite({ providers })
    const refused = async (why: string) =>
      (await site.openBrowser().get(`/login?refused=${why}`)).text
    expect(await refused('closed')).toContain('There is no account for you here.')
    expect(await refused('disabled')).toContain('This account cannot be used.')
    for (const why of ['constructor', '%3Cb%3E', '']) {
      expect(await refused(why)).not.toMatch(/class="notice bad"|<b>/)
    }
  })

  it('say where to go after signing out, while the session still lives', async () => {
    const ids: string[] = []
    const site = await createAccountsSite({
      providers,
      afterSignOut: async id => {
        ids.push(id)
        return 'https://id.example.org/end'
      },
    })
    const browser = await site.signIn()
    await browser.get('/account')
    expect(await browser.post('/logout')).toMatchObject({
      status: 303,
      location: 'https://id.example.org/end',
    })
    expect(ids).toEqual([expect.stringMatching(/^[\w-]{22}$/)])
    expect((await browser.get('/account')).status).not.toBe(200)
  })
})
