import { describe, expect, it } from 'vitest'
import { otherPassword, password } from '../../../../test/support/accounts.ts'
import {
  type ApiAnswer,
  type ApiBrowser,
  type ApiSite,
  createApiSite,
} from '../../../../test/support/api-site.ts'
import { codeAt } from '../../../../test/support/second-factors.ts'
import type { AccountsCalls } from '../wire/calls.ts'
import { findDeviation } from './conformance.contract.ts'
import { apiRoutes, statusOf } from './table.ts'

type Ask = (api: ApiSite) => Promise<ApiAnswer>

const ada = { email: 'ada@example.org', password }
const signedIn =
  (asked: string, body?: object): Ask =>
  async api =>
    (await api.signIn()).send(asked, { body })

/** Asks as an administrator, about another account. */
const onGrace =
  (asked: string, body?: object): Ask =>
  async api => {
    const id = await api.site.addAccount({ email: 'grace@example.org' })
    const browser = await api.signIn({ email: 'root@example.org', role: 'admin' })
    return browser.send(asked.replace('{accountId}', id), { body })
  }

async function tokenOf({ site }: ApiSite): Promise<string> {
  return new URLSearchParams((await site.link()).split('?')[1]).get('token') ?? ''
}

async function act({ site, signIn }: ApiSite) {
  const id = await site.addAccount({ email: 'grace@example.org' })
  const browser = await signIn({ email: 'root@example.org', role: 'admin' })
  const body = { reason: 'A ticket of the help desk' }
  const begun = await browser.send(`POST /admin/accounts/${id}/impersonation`, { body })
  expect(begun.status).toBe(200)
  return browser
}

/** Sets a second factor up for somebody, and gives a code of it that was not used. */
async function enrol({ site }: ApiSite, browser: ApiBrowser): Promise<string> {
  const { body } = await browser.send('POST /second-factor/enrolment', { body: {} })
  const { secret } = body as { secret: string }
  const code = codeAt(secret, site.clock.now())
  await browser.send('POST /second-factor/enrolment/confirm', { body: { code } })
  site.clock.advance(30_000)
  return codeAt(secret, site.clock.now())
}

const withCode =
  (asked: string): Ask =>
  async api => {
    const browser = await api.signIn()
    const code = await enrol(api, browser)
    return browser.send(asked, { body: { code } })
  }

const asAdmin =
  (asked: string, body?: object): Ask =>
  async api =>
    (await api.signIn({ role: 'admin' })).send(asked, { body })

const block = { rule: 'auth_register', subject: '192.0.2.7', seconds: 600, reason: 'Spam' }

/** Every call, asked in a way that nothing speaks against. */
const asks: Readonly<Record<keyof AccountsCalls, Ask>> = {
  'GET /session': api => api.openBrowser().send('GET /session'),
  'POST /session/renew': signedIn('POST /session/renew'),
  'POST /sign-in': async ({ site, openBrowser }) => {
    await site.addAccount()
    return openBrowser().signIn()
  },
  'POST /sign-out': signedIn('POST /sign-out'),
  'POST /sign-out-everywhere': signedIn('POST /sign-out-everywhere'),
  'POST /reauthenticate': signedIn('POST /reauthenticate', { password }),
  'DELETE /impersonation': async api => (await act(api)).send('DELETE /impersonation'),

  'POST /register': api => api.openBrowser().send('POST /register', { body: ada }),
  'POST /register/confirm': async api => {
    const browser = api.openBrowser()
    await browser.send('POST /register', { body: { ...ada, name: 'Ada' } })
    const body = { token: await tokenOf(api), password }
    return browser.send('POST /register/confirm', { body })
  },
  'POST /password/strength': api =>
    api.openBrowser().send('POST /password/strength', { body: { password: 'short' } }),
  'POST /password/forgot': api =>
    api.openBrowser().send('POST /password/forgot', { body: { login: ada.email } }),
  'POST /password/reset': async api => {
    await api.site.addAccount()
    const browser = api.openBrowser()
    await browser.send('POST /password/forgot', { body: { login: ada.email } })
    const body = { token: await tokenOf(api), password: otherPassword }
    return browser.send('POST /password/reset', { body })
  },
  'POST /invitation/accept': async api => {
    const root = await api.signIn({ email: 'root@example.org', role: 'admin' })
    await root.send('POST /admin/accounts', { body: { email: ada.email, role: 'user' } })
    const body = { token: await tokenOf(api), password, name: 'Ada' }
    return api.openBrowser().send('POST /invitation/accept', { body })
  },
  'POST /links/check': async api => {
    await api.openBrowser().send('POST /register', { body: ada })
    const body = { purpose: 'registration', token: await tokenOf(api) }
    return api.openBrowser().send('POST /links/check', { body })
  },

  'GET /account': signedIn('GET /account'),
  'PATCH /account': signedIn('PATCH /account', { name: 'Ada L.' }),
  'DELETE /account': signedIn('DELETE /account'),
  'POST /account/password': signedIn('POST /account/password', {
    current: password,
    password: otherPassword,
  }),
  'POST /account/email': signedIn('POST /account/email', { email: 'new@example.org' }),
  'POST /account/email/confirm': async api => {
    const browser = await api.signIn()
    await browser.send('POST /account/email', { body: { email: 'new@example.org' } })
    const body = { token: await tokenOf(api) }
    return browser.send('POST /account/email/confirm', { body })
  },
  'GET /account/sessions': signedIn('GET /account/sessions'),
  'DELETE /account/sessions': signedIn('DELETE /account/sessions'),
  'DELETE /account/sessions/{sessionId}': async api => {
    const browser = await api.signIn()
    const { body } = await browser.send('GET /account/sessions')
    const [{ id } = { id: '' }] = (body as { sessions: { id: string }[] }).sessions
    return browser.send(`DELETE /account/sessions/${id}`)
  },

  'POST /sign-in/second-factor': async api => {
    const code = await enrol(api, await api.signIn())
    const browser = api.openBrowser()
    await browser.signIn()
    await browser.send('GET /session')
    return browser.send('POST /sign-in/second-factor', { body: { code } })
  },
  'GET /second-factor': signedIn('GET /second-factor'),
  'POST /second-factor/enrolment': signedIn('POST /second-factor/enrolment', {}),
  'POST /second-factor/enrolment/confirm': async api => {
    const browser = await api.signIn()
    const { body } = await browser.send('POST /second-factor/enrolment', { body: {} })
    const code = codeAt((body as { secret: string }).secret, api.site.clock.now())
    return browser.send('POST /second-factor/enrolment/confirm', { body: { code } })
  },
  'POST /second-factor/recovery-codes': withCode('POST /second-factor/recovery-codes'),
  'POST /second-factor/remove': withCode('POST /second-factor/remove'),
  'GET /admin/accounts/{accountId}/second-factor': onGrace(
    'GET /admin/accounts/{accountId}/second-factor',
  ),
  'DELETE /admin/accounts/{accountId}/second-factor': async api => {
    const id = await api.site.addAccount({ email: 'grace@example.org' })
    const grace = api.openBrowser()
    await grace.signIn('grace@example.org')
    await enrol(api, grace)
    const browser = await api.signIn({ email: 'root@example.org', role: 'admin' })
    return browser.send(`DELETE /admin/accounts/${id}/second-factor`)
  },

  'GET /admin/accounts': onGrace('GET /admin/accounts?search=grace&count=10&status=active'),
  'POST /admin/accounts': onGrace('POST /admin/accounts', { email: ada.email, role: 'user' }),
  'GET /admin/accounts/{accountId}': onGrace('GET /admin/accounts/{accountId}'),
  'DELETE /admin/accounts/{accountId}': onGrace('DELETE /admin/accounts/{accountId}'),
  'PUT /admin/accounts/{accountId}/status': onGrace('PUT /admin/accounts/{accountId}/status', {
    status: 'disabled',
  }),
  'PUT /admin/accounts/{accountId}/role': onGrace('PUT /admin/accounts/{accountId}/role', {
    role: 'moderator',
  }),
  'POST /admin/accounts/{accountId}/reset': onGrace('POST /admin/accounts/{accountId}/reset'),
  'DELETE /admin/accounts/{accountId}/sessions': onGrace(
    'DELETE /admin/accounts/{accountId}/sessions',
  ),
  'POST /admin/accounts/{accountId}/impersonation': onGrace(
    'POST /admin/accounts/{accountId}/impersonation',
    { reason: 'A ticket of the help desk' },
  ),

  'GET /admin/overview': asAdmin('GET /admin/overview'),
  'GET /admin/sessions': asAdmin('GET /admin/sessions?address=203.0.113.1'),
  'DELETE /admin/sessions/{sessionId}': async api => {
    const user = await api.signIn()
    const { body } = await user.send('GET /account/sessions')
    const [{ id } = { id: '' }] = (body as { sessions: { id: string }[] }).sessions
    const browser = await api.signIn({ email: 'root@example.org', role: 'admin' })
    return browser.send(`DELETE /admin/sessions/${id}`)
  },
  'POST /admin/addresses/end-sessions': asAdmin('POST /admin/addresses/end-sessions', {
    address: '192.0.2.7',
  }),
  'GET /admin/blocks': asAdmin('GET /admin/blocks?subject=192.0.2.7'),
  'POST /admin/blocks': asAdmin('POST /admin/blocks', block),
  'DELETE /admin/blocks/{rule}/{version}/{id}': async api => {
    const browser = await api.signIn({ role: 'admin' })
    await browser.send('POST /admin/blocks', { body: block })
    const { body } = await browser.send('GET /admin/blocks?subject=192.0.2.7')
    const [found] = (body as { blocks: { rule: string; version: string; id: string }[] }).blocks
    return browser.send(`DELETE /admin/blocks/${found?.rule}/${found?.version}/${found?.id}`)
  },
  'GET /admin/audit': asAdmin('GET /admin/audit?type=auth_success&from=2020-01-01T00:00:00Z'),
  'GET /admin/audit/export': asAdmin('GET /admin/audit/export?format=csv'),
  'GET /admin/keys': asAdmin('GET /admin/keys'),
  'GET /admin/health': asAdmin('GET /admin/health'),
}

describe('apiRoutes', () => {
  it.each(apiRoutes.map(placed => [`${placed.method} ${placed.path}`, placed] as const))(
    '%s answers as it is described',
    async (key, { route }) => {
      const answer = await asks[key as keyof AccountsCalls](await createApiSite())
      expect([answer.status, answer.body]).toEqual([
        statusOf(route),
        route.answer === null ? null : expect.anything(),
      ])
      expect(answer.headers.get('cache-control')).toContain('no-store')
    },
  )

  it('gives every operation a name of its own', () => {
    const ids = apiRoutes.map(({ route }) => route.id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('findDeviation', () => {
  it('finds what an answer has too much, lacks, or may not be', () => {
    const answer = { method: 'POST', path: '/links/check', type: 'application/json' }
    const email = 'ada@example.org'
    expect(findDeviation({ ...answer, status: 200, body: { email } })).toBeNull()
    expect(findDeviation({ ...answer, status: 200, body: { email, id: '7' } })).toMatch(/id/)
    expect(findDeviation({ ...answer, status: 200, body: {} })).toMatch(/email/)
    expect(findDeviation({ ...answer, status: 201, body: { email } })).toMatch(/201/)
    const problem = {
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: '',
      code: 'ERR_CONFLICT',
    }
    const refused = { ...answer, status: 409, type: 'application/problem+json' }
    const reason = 'last-admin'
    expect(findDeviation({ ...refused, body: { ...problem, reason } })).toMatch(/reason/)
    expect(findDeviation({ ...refused, body: { ...problem, reason: 'conflict' } })).toBeNull()
  })
})
