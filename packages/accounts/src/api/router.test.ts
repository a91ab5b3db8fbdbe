import { describe, expect, it } from 'vitest'
import { createApiSite } from '../../../../test/support/api-site.ts'

const email = 'ada@example.org'

describe('signing in by the API', () => {
  it('answers with the session, and tells who it is from then on', async () => {
    const { openBrowser, site } = await createApiSite()
    await site.addAccount({ role: 'moderator' })
    const browser = openBrowser()
    expect((await browser.send('GET /session')).body).toMatchObject({
      user: null,
      endsInSeconds: null,
      settings: { isRegistrationOpen: true, passwordMinLength: 15 },
    })
    const user = {
      email,
      name: 'Ada',
      role: 'moderator',
      roles: ['guest', 'user', 'moderator'],
    }
    expect((await browser.signIn()).body).toMatchObject({ user, endsInSeconds: 3600 })
    expect((await browser.send('GET /session')).body).toMatchObject({ user, ended: null })
    expect((await browser.send('POST /sign-out')).body).toMatchObject({ user: null })
    expect((await browser.send('GET /account')).body).toMatchObject({
      status: 401,
      code: 'ERR_UNAUTHENTICATED',
      reason: 'unauthenticated',
    })
  })
})
