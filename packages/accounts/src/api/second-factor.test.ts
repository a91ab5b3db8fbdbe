import { describe, expect, it } from 'vitest'
import { createApiSite } from '../../../../test/support/api-site.ts'
import { codeAt } from '../../../../test/support/second-factors.ts'

describe('the API with second factors', () => {
  it('says at the first step what comes next, and signs nobody in', async () => {
    const api = await createApiSite({ requireSecondFactor: ['user'] })
    await api.site.addAccount()
    const browser = api.openBrowser()
    const first = await browser.signIn()
    expect(first).toMatchObject({ status: 403, body: { reason: 'enrol-second-factor' } })
    expect((await browser.send('GET /account')).status).toBe(401)
    expect((await browser.send('GET /session')).body).toMatchObject({ user: null })
    const started = await browser.send('POST /second-factor/enrolment', { body: {} })
    const { secret } = started.body as { secret: string }
    const code = codeAt(secret, api.site.clock.now())
    const done = await browser.send('POST /second-factor/enrolment/confirm', { body: { code } })
    expect(done).toMatchObject({ status: 200, body: { user: { email: 'ada@example.org' } } })
    expect((await browser.send('GET /second-factor')).body).toMatchObject({
      isRequired: true,
      recoveryCodesLeft: 10,
    })
    const removed = await browser.send('POST /second-factor/remove', { body: { code } })
    expect(removed).toMatchObject({ status: 409, body: { reason: 'required' } })
    const again = await api.openBrowser().signIn()
    expect(again).toMatchObject({ status: 403, body: { reason: 'second-factor' } })
  })

  it('never says that nobody is signed in where only a code is wrong', async () => {
    const api = await createApiSite()
    const browser = await api.signIn()
    const started = await browser.send('POST /second-factor/enrolment', { body: {} })
    expect(started.status).toBe(200)
    const body = { code: '000000' }
    const wrong = await browser.send('POST /second-factor/enrolment/confirm', { body })
    expect(wrong).toMatchObject({ status: 403, body: { reason: 'wrong' } })
    const visitor = await api.openBrowser().send('POST /second-factor/enrolment', { body: {} })
    expect(visitor).toMatchObject({ status: 401, body: { reason: 'unauthenticated' } })
    const gone = await api.openBrowser().send('POST /sign-in/second-factor', { body })
    expect(gone).toMatchObject({ status: 404, body: { reason: 'gone' } })
  })
})
