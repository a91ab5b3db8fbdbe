import { afterEach, describe, expect, it } from 'vitest'
import { password } from '../../../../test/support/accounts.ts'
import { type AccountsSite, createAccountsSite } from '../../../../test/support/accounts-site.ts'
import { codeAt } from '../../../../test/support/second-factors.ts'
import { type AccountsClient, createAccountsClient } from './client.ts'

const login = 'ada@example.org'
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** Tabs of one browser: clients that share their cookies. */
function openBrowser(site: AccountsSite) {
  const jar = new Map<string, string>()
  const asked: string[] = []
  const connection = { incoming: { socket: { remoteAddress: '203.0.113.7' } } }
  const state = { isOffline: false, arrival: Promise.resolve() }
  const browserFetch: typeof fetch = async (address, init = {}) => {
    asked.push(`${init.method} ${String(address)}`)
    if (state.isOffline) throw new TypeError('Failed to fetch')
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { 'sec-fetch-site': 'same-origin', cookie, ...(init.headers as object) }
    const request = new Request(`https://shop.example${String(address)}`, { ...init, headers })
    const response = await site.accounts.fetch(request, connection)
    for (const line of response?.headers.getSetCookie() ?? []) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (/max-age=0/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    if (init.method === 'GET') await state.arrival
    return response ?? new Response('<!doctype html>', { status: 404 })
  }
  const openTab = (): AccountsClient => createAccountsClient({ fetch: browserFetch })
  return { openTab, asked, state }
}

/** Resolves when a client has heard of another session. */
function heard(client: AccountsClient): Promise<void> {
  return new Promise(resolve => {
    const stop = client.subscribe(() => {
      stop()
      resolve()
    })
  })
}

describe('createAccountsClient', () => {
  it('signs in by two steps, and hears of nobody before the second', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const home = openBrowser(site).openTab()
    await home.send('POST /sign-in', { login, password })
    const started = await home.send('POST /second-factor/enrolment', {})
    const secret = started.ok ? started.value.secret : ''
    const first = { code: codeAt(secret, site.clock.now()) }
    const enrolled = await home.send('POST /second-factor/enrolment/confirm', first)
    expect(enrolled).toMatchObject({ ok: true, value: { recoveryCodes: expect.any(Array) } })
    site.clock.advance(30_000)

    const client = openBrowser(site).openTab()
    const result = await client.send('POST /sign-in', { login, password })
    expect(result).toMatchObject({ ok: false, reason: 'second-factor' })
    expect(client.session()?.user).toBeNull()
    const wrong = await client.send('POST /sign-in/second-factor', { code: '000000' })
    expect(wrong).toMatchObject({ ok: false, reason: 'wrong' })
    const code = codeAt(secret, site.clock.now())
    expect(await client.send('POST /sign-in/second-factor', { code })).toMatchObject({ ok: true })
    expect(client.session()?.user?.email).toBe(login)
  })

  it('signs in, and knows who is signed in', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const client = openBrowser(site).openTab()
    expect(client.session()).toBeNull()
    const result = await client.send('POST /sign-in', { login, password })
    expect(result).toMatchObject({ ok: true, value: { user: { email: login } } })
    expect(client.session()?.user?.email).toBe(login)
    expect(await client.send('PATCH /account', { name: 'Ada L.' })).toMatchObject({
      ok: true,
      value: { name: 'Ada L.' },
    })
    expect(await client.send('POST /sign-out')).toMatchObject({ ok: true })
    expect(client.session()?.user).toBeNull()
  })

  it('gives refusals as values, with what the API says', async () => {
    const site = await createAccountsSite()
    const { openTab, state } = openBrowser(site)
    const client = openTab()
    expect(await client.send('POST /sign-in', { login, password })).toMatchObject({
      ok: false,
      reason: 'wrong',
      problem: { status: 403, code: 'ERR_FORBIDDEN' },
    })
    const input = { email: login, password: 'short' }
    expect(await client.send('POST /register', input)).toMatchObject({
      ok: false,
      reason: 'password',
      problem: { password: { reason: 'short', minLength: 15 } },
    })
    state.isOffline = true
    const offline = { ok: false, reason: 'offline', problem: null }
    expect(await client.send('GET /account')).toEqual(offline)
    expect(await client.refresh()).toEqual(offline)
  })

  it('takes an answer that is none of the API for none', async () => {
    const fetch = async () => new Response('<!doctype html>', { status: 502 })
    const client = createAccountsClient({ fetch })
    expect(await client.refresh()).toEqual({ ok: false, reason: 'offline', problem: null })
  })

  it('goes on with a fresh token when its own is too old', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const client = openBrowser(site).openTab()
    await client.send('POST /sign-in', { login, password })
    site.clock.advance(31 * 60_000)
    expect(await client.send('PATCH /account', { name: 'Ada' })).toMatchObject({ ok: true })
  })

  it('puts into path, query and body what belongs there', async () => {
    const site = await createAccountsSite()
    await site.addAccount({ role: 'admin' })
    const { openTab, asked } = openBrowser(site)
    const client = openTab()
    await client.send('POST /sign-in', { login, password })
    await client.send('GET /admin/accounts', { search: 'a&b', role: undefined, count: 5 })
    expect(asked.at(-1)).toBe('GET /api/auth/admin/accounts?search=a%26b&count=5')
    const accountId = '../account'
    expect(
      await client.send('PUT /admin/accounts/{accountId}/role', { accountId, role: 'user' }),
    ).toMatchObject({ ok: false, reason: 'gone' })
    expect(asked.at(-1)).toBe('PUT /api/auth/admin/accounts/..%2Faccount/role')
    expect(await client.send('GET /admin/audit/export', { format: 'csv' })).toMatchObject({
      ok: true,
      value: { type: 'text/csv; charset=utf-8', text: expect.stringContaining('timestamp,') },
    })
  })

  it('sees by a refusal that the session has ended', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const client = openBrowser(site).openTab()
    await client.send('POST /sign-in', { login, password })
    site.clock.advance(2 * 3_600_000)
    expect(await client.send('GET /account')).toMatchObject({ reason: 'unauthenticated' })
    expect(client.session()).toMatchObject({ user: null, ended: 'idle' })
  })

  it('tells other tabs, and hears of them', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const { openTab } = openBrowser(site)
    const [here, there] = [openTab(), openTab()]
    stops.push(here.watch(), there.watch())
    await there.refresh()
    const signedIn = heard(there)
    await here.send('POST /sign-in', { login, password })
    await signedIn
    expect(there.session()?.user?.email).toBe(login)
    const signedOut = heard(there)
    await here.send('POST /sign-out')
    await signedOut
    expect(there.session()?.user).toBeNull()
  })

  it('is not told the past by an answer that was on its way during a sign-in', async () => {
    const site = await createAccountsSite()
    await site.addAccount()
    const { openTab, state } = openBrowser(site)
    const client = openTab()
    await client.refresh()
    let arrive = (): void => undefined
    state.arrival = new Promise(resolve => {
      arrive = resolve
    })
    const refreshing = client.refresh()
    await client.send('POST /sign-in', { login, password })
    arrive()
    expect(await refreshing).toMatchObject({ value: { user: { email: login } } })
    expect(client.session()?.user?.email).toBe(login)
  })
})
