import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StoreError } from 'cloakroom'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { otherPassword, password } from '../../../../test/support/accounts.ts'
import { createApiSite } from '../../../../test/support/api-site.ts'
import { createHttpClient } from '../../../../test/support/http-client.ts'
import { createMemoryAccounts } from '../memory/accounts.ts'

const email = 'ada@example.org'
const minuteMs = 60_000
const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

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
    const user = { email, name: 'Ada', role: 'moderator', roles: ['guest', 'user', 'moderator'] }
    expect((await browser.signIn()).body).toMatchObject({ user, endsInSeconds: 3600 })
    expect((await browser.send('GET /session')).body).toMatchObject({ user, ended: null })
    expect((await browser.send('POST /sign-out')).body).toMatchObject({ user: null })
    expect((await browser.send('GET /account')).body).toMatchObject({
      status: 401,
      code: 'ERR_UNAUTHENTICATED',
      reason: 'unauthenticated',
    })
  })

  it('offers sign-in elsewhere, and says where to sign out there', async () => {
    const providers = [{ name: 'the company account', href: '/oidc/begin' }]
    const afterSignOut = async () => 'https://id.example/end'
    const { openBrowser, signIn } = await createApiSite({ providers, afterSignOut })
    const { body } = await openBrowser().send('GET /session')
    expect(body).toMatchObject({ settings: { providers } })
    expect((await openBrowser().send('POST /sign-out')).body).toMatchObject({ onward: null })
    const signedOut = await (await signIn()).send('POST /sign-out')
    expect(signedOut.body).toMatchObject({ user: null, onward: 'https://id.example/end' })
  })

  it('hands on the token for those who must choose a password first', async () => {
    const { openBrowser, site } = await createApiSite()
    const admin = await site.accounts.firstAdmin({ email })
    const browser = openBrowser()
    const body = { login: email, password: admin.ok ? (admin.password ?? '') : '' }
    const { body: refused } = await browser.send('POST /sign-in', { body })
    expect(refused).toMatchObject({ reason: 'change-password', token: expect.any(String) })
    const { token } = refused as { token: string }
    const chosen = { token, password: otherPassword }
    expect((await browser.send('POST /password/reset', { body: chosen })).status).toBe(204)
    const again = { login: email, password: otherPassword }
    expect((await browser.send('POST /sign-in', { body: again })).status).toBe(200)
  })
})

describe('the session by the API', () => {
  it('is not kept alive by being asked for', async () => {
    const { site, signIn } = await createApiSite()
    const browser = await signIn()
    for (let count = 0; count < 3; count += 1) {
      site.clock.advance(25 * minuteMs)
      await browser.send('GET /session')
    }
    const { body } = await browser.send('GET /session')
    expect(body).toMatchObject({ user: null })
  })

  it('is kept alive by being renewed', async () => {
    const { site, signIn } = await createApiSite()
    const browser = await signIn()
    for (let count = 0; count < 3; count += 1) {
      site.clock.advance(25 * minuteMs)
      const { body } = await browser.send('POST /session/renew')
      expect(body).toMatchObject({ endsInSeconds: 3600 })
    }
  })

  it('says in refusals that it ended by itself', async () => {
    const { site, signIn } = await createApiSite()
    const browser = await signIn()
    site.clock.advance(61 * minuteMs)
    const { body } = await browser.send('GET /account')
    expect(body).toMatchObject({ reason: 'unauthenticated', ended: 'idle' })
  })

  it('asks for a recent proof before what is sensitive', async () => {
    const { site, signIn } = await createApiSite()
    const browser = await signIn()
    site.clock.advance(11 * minuteMs)
    const ask = () => browser.send('DELETE /account/sessions')
    expect((await ask()).body).toMatchObject({ reason: 'reauthenticate', status: 403 })
    const wrong = await browser.send('POST /reauthenticate', { body: { password: 'x' } })
    expect(wrong.body).toMatchObject({ reason: 'wrong' })
    await browser.send('POST /reauthenticate', { body: { password } })
    expect((await ask()).body).toEqual({ ended: 0 })
  })

  it('names who acts in whose place, and lets only the owner change the account', async () => {
    const { site, signIn } = await createApiSite()
    const accountId = await site.addAccount()
    const browser = await signIn({ email: 'root@example.org', role: 'admin' })
    const reason = 'A ticket of the help desk'
    const path = `/admin/accounts/${accountId}/impersonation`
    const begun = await browser.send(`POST ${path}`, { body: { reason } })
    expect(begun.body).toMatchObject({ user: { email }, impersonation: { reason } })
    const changed = await browser.send('PATCH /account', { body: { name: 'Eve' } })
    expect(changed.body).toMatchObject({ reason: 'impersonating' })
    site.clock.advance(31 * minuteMs)
    expect((await browser.send('GET /account')).status).toBe(401)
  })
})

describe('requests that are too many', () => {
  it('are counted by user, and told when to come back', async () => {
    const { signIn } = await createApiSite()
    const browser = await signIn()
    let last = await browser.send('GET /account')
    for (let count = 0; count < 100 && last.status === 200; count += 1) {
      last = await browser.send('GET /account')
    }
    expect(last.body).toMatchObject({ status: 429, reason: 'limited', retryAfterSeconds: 60 })
    expect(last.headers.get('retry-after')).toBe('60')
    expect((await browser.send('GET /session')).status).toBe(200)
  })
})

describe('a store that does not answer', () => {
  it('is a problem with the status 503, which names no store', async () => {
    const findById = async () => {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'PostgreSQL at 192.0.2.1 does not answer.')
    }
    const { openBrowser, site } = await createApiSite({
      accounts: { ...createMemoryAccounts(), findById },
    })
    await site.addAccount()
    const { status, body, headers } = await openBrowser().signIn()
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
    expect(body).toMatchObject({ code: 'ERR_UNAVAILABLE', reason: 'busy' })
    expect(JSON.stringify(body)).not.toContain('PostgreSQL')
  })
})

describe('the place of the API', () => {
  const ask = async (path: string, options: Parameters<typeof createApiSite>[0]) => {
    const { site } = await createApiSite(options)
    return site.accounts.fetch(new Request(`https://shop.example${path}`))
  }

  it('is below the base', async () => {
    expect((await ask('/members/api/auth/session', { base: '/members' }))?.status).toBe(200)
    expect(await ask('/api/auth/session', { base: '/members' })).toBeNull()
  })

  it('is left to the application when there is no API', async () => {
    expect(await ask('/api/auth/session', { api: false })).toBeNull()
  })

  it('has nothing for operators when there is no console', async () => {
    const { signIn } = await createApiSite({ admin: false })
    const browser = await signIn({ role: 'admin' })
    expect((await browser.send('GET /admin/health')).body).toMatchObject({ reason: 'not-found' })
    expect((await browser.send('GET /admin/accounts')).status).toBe(200)
  })

  it('answers problems at paths that there are not', async () => {
    const answer = await ask('/api/auth/nothing', {})
    expect([answer?.status, await answer?.json()]).toMatchObject([404, { reason: 'not-found' }])
    expect(await ask('/api/authority', {})).toBeNull()
  })

  it('may be behind a parser that has read the body already', async () => {
    const { site } = await createApiSite()
    await site.addAccount()
    const app = express().use(express.json()).use(site.accounts.express())
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanUps.push(
      () => server.closeAllConnections(),
      () => server.close(),
    )
    const { port } = server.address() as AddressInfo
    const client = createHttpClient(`http://127.0.0.1:${port}`)
    const answer = await client.send('/api/auth/sign-in', {
      method: 'POST',
      body: JSON.stringify({ login: email, password }),
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    })
    expect(await answer.json()).toMatchObject({ user: { email } })
  })
})
