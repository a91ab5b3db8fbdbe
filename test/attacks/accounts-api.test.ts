import { describe, expect, it } from 'vitest'
import { refusals } from '../../packages/accounts/src/api/refusals.ts'
import { apiRoutes, type PlacedRoute } from '../../packages/accounts/src/api/table.ts'
import { otherPassword, password } from '../support/accounts.ts'
import { type ApiBrowser, createApiSite } from '../support/api-site.ts'

const email = 'ada@example.org'

/** Something that the schema of each input lets pass. */
const values: Readonly<Record<string, unknown>> = {
  remember: false,
  status: 'disabled',
  purpose: 'reset',
}

/** A request to a route with everything it asks for, and perhaps more. */
async function ask(
  browser: ApiBrowser,
  { method, path, route }: PlacedRoute,
  given: { body?: object; text?: string; headers?: Readonly<Record<string, string>> } = {},
) {
  const asked = `${method} ${path.replace(/\{\w+\}/g, 'nobody')}`
  if (method === 'GET') return browser.send(asked, { headers: given.headers ?? {} })
  if (route.input === null) return browser.send(asked, given)
  const empty = (await browser.send(asked, { body: {} })).body as { faults?: { path: string }[] }
  const needed = (empty.faults ?? []).map(({ path: name }) => [name, values[name] ?? 'x'])
  const body: object = Object.fromEntries(needed)
  return browser.send(asked, { ...given, body: { ...body, ...given.body } })
}

const changes = apiRoutes.filter(({ method }) => method !== 'GET')

const reasonOf = ({ body }: { body: unknown }): unknown => (body as { reason?: unknown })?.reason

describe('routes for those who are signed in', () => {
  it('are closed to visitors, each of them', async () => {
    const { openBrowser } = await createApiSite()
    const browser = openBrowser()
    const own = apiRoutes.filter(({ route }) => route.access !== 'anyone')
    expect(own.length).toBeGreaterThan(15)
    for (const placed of own) {
      const answer = await ask(browser, placed)
      expect([placed.route.id, answer.status]).toEqual([placed.route.id, 401])
      expect(reasonOf(answer)).toBe('unauthenticated')
    }
  })

  const grants = {
    user: [],
    moderator: ['accounts:read', 'sessions:read', 'sessions:end', 'limits:read'],
  }

  it.each(Object.entries(grants))('are open to a %s by permission only', async (role, granted) => {
    const api = await createApiSite()
    const browser = await api.signIn({ role })
    const other = apiRoutes.filter(({ route }) => !['anyone', 'user'].includes(route.access))
    expect(other.length).toBeGreaterThan(8)
    for (const placed of other) {
      const isGranted = (granted as string[]).includes(placed.route.access)
      const { status } = await ask(browser, placed)
      const given = [placed.route.id, status === 403]
      expect(given).toEqual([placed.route.id, !isGranted])
    }
  })

  it('are judged by the account as it is stored, not by the session', async () => {
    const api = await createApiSite()
    const browser = await api.signIn({ role: 'admin' })
    const account = await api.site.stores.accounts.findByLogin(email)
    await api.site.addAccount({ email: 'root@example.org', role: 'admin' })
    await api.site.stores.accounts.update(account ?? { id: '', version: 0 }, { role: 'user' })
    expect(reasonOf(await browser.send('GET /admin/accounts'))).toBe('forbidden')
  })
})

describe('requests forged by another site', () => {
  it.each(changes.map(placed => [placed.route.id, placed] as const))(
    'do not reach %s',
    async (_, { method, path }) => {
      const api = await createApiSite()
      const asked = `${method} ${path.replace(/\{\w+\}/g, 'nobody')}`
      const user = await api.signIn()
      for (const browser of [user, api.openBrowser()]) {
        const forgeries = [
          { 'sec-fetch-site': 'cross-site' },
          { 'sec-fetch-site': 'same-site' },
          { 'sec-fetch-site': '', origin: 'https://evil.example' },
          { 'sec-fetch-site': '', 'x-csrf-token': '' },
          { 'sec-fetch-site': '', 'x-csrf-token': 'made-up' },
          ...(browser === user ? [{ 'x-csrf-token': '' }, { 'x-csrf-token': 'made-up' }] : []),
        ]
        for (const headers of forgeries) {
          const answer = await browser.send(asked, { body: {}, headers })
          expect([headers, answer.status, reasonOf(answer)]).toEqual([headers, 403, 'csrf'])
        }
      }
    },
  )

  it('learn no token', async () => {
    const { openBrowser } = await createApiSite()
    const headers = { 'sec-fetch-site': 'cross-site' }
    const answer = await openBrowser().send('POST /sign-out', { headers })
    expect(answer.headers.get('x-csrf-token')).toBeNull()
  })
})

describe('bodies of another kind', () => {
  it.each(changes.map(placed => [placed.route.id, placed] as const))(
    'are refused by %s, with the right token too',
    async (_, { method, path, route }) => {
      const api = await createApiSite()
      const isForOthers = !['anyone', 'user'].includes(route.access)
      const browser = await api.signIn({ role: isForOthers ? 'admin' : 'user' })
      const asked = `${method} ${path.replace(/\{\w+\}/g, 'nobody')}`
      const text = '{"login":"ada@example.org","password":"x"}'
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json5',
        'text/plain; application/json',
        'application/json; charset=utf-7',
      ]) {
        const answer = await browser.send(asked, { text, headers: { 'content-type': type } })
        expect([type, answer.status]).toEqual([type, 415])
      }
    },
  )

  it.each(['[]', '"x"', 'null', '7', '{', '{"login":"a","login":{}}', '\u0000'])(
    'are refused when they are no object of JSON: %j',
    async text => {
      const { openBrowser } = await createApiSite()
      const answer = await openBrowser().send('POST /sign-in', { text })
      expect([answer.status, reasonOf(answer)]).toEqual([422, 'invalid'])
    },
  )

  it('are refused when they are too large, also without saying how large', async () => {
    const { openBrowser } = await createApiSite()
    const body = { login: 'a'.repeat(70_000), password: 'x' }
    const announced = { 'content-length': String(JSON.stringify(body).length) }
    for (const headers of [{}, announced]) {
      const answer = await openBrowser().send('POST /sign-in', { body, headers })
      expect([answer.status, reasonOf(answer)]).toEqual([413, 'too-large'])
    }
  })
})

describe('keys that nobody asked for', () => {
  it.each(changes.map(placed => [placed.route.id, placed] as const))(
    'are refused by %s',
    async (_, placed) => {
      const api = await createApiSite()
      const isForOthers = !['anyone', 'user'].includes(placed.route.access)
      const browser = await api.signIn({ role: isForOthers ? 'admin' : 'user' })
      for (const body of [
        { isAdmin: true },
        { accountId: 'me', sessionId: 'me' },
        JSON.parse('{"__proto__":{"role":"admin"}}') as object,
        { constructor: { prototype: { role: 'admin' } } },
      ]) {
        const answer = await ask(browser, placed, { body })
        expect([body, answer.status, reasonOf(answer)]).toEqual([body, 422, 'invalid'])
      }
    },
  )

  it('make nobody an administrator', async () => {
    const api = await createApiSite()
    const body = { email, password, role: 'admin' }
    expect((await api.openBrowser().send('POST /register', { body })).status).toBe(422)
    const user = await api.signIn()
    expect((await user.send('PATCH /account', { body: { name: 'A', role: 'admin' } })).status).toBe(
      422,
    )
    expect((await api.site.stores.accounts.findByLogin(email))?.role).toBe('user')
  })

  it('are refused in a query too', async () => {
    const api = await createApiSite()
    const browser = await api.signIn({ role: 'admin' })
    for (const query of ['all=1', 'count=10&count=20', 'count=0', 'count=x', 'status=any']) {
      const answer = await browser.send(`GET /admin/accounts?${query}`)
      expect([query, answer.status]).toEqual([query, 422])
    }
  })
})

describe('whether there is an account', () => {
  async function answerTo(path: string, body: object) {
    const api = await createApiSite()
    await api.site.addAccount()
    const answer = await api.openBrowser().send(`POST ${path}`, { body })
    await api.site.accounts.flows.flush()
    const { status, body: said, headers } = answer
    const names = [...headers.keys()].filter(name => name !== 'set-cookie')
    return { status, said, names, cookies: headers.getSetCookie().length }
  }

  it.each([
    ['/sign-in', { password: otherPassword }, 'login'],
    ['/password/forgot', {}, 'login'],
    ['/register', { password: otherPassword }, 'email'],
  ])('is told neither by text nor by status of %s', async (path, body, name) => {
    const known = await answerTo(path, { ...body, [name]: email })
    expect(known).toEqual(await answerTo(path, { ...body, [name]: 'eve@example.org' }))
  })

  it('is not told when it is too often asked', async () => {
    const api = await createApiSite()
    await api.site.addAccount()
    const answersTo = async (login: string) => {
      const browser = api.openBrowser()
      const answers: unknown[] = []
      for (let count = 0; count < 7; count += 1) {
        const { status, body } = await browser.send('POST /sign-in', {
          body: { login, password: otherPassword },
        })
        answers.push([status, body])
      }
      return answers
    }
    const known = await answersTo(email)
    expect(known.at(-1)).toMatchObject([429, { reason: 'limited', retryAfterSeconds: 900 }])
    expect(await answersTo('eve@example.org')).toEqual(known)
  })
})

describe('the status 401', () => {
  it('means in every refusal that nobody is signed in', () => {
    const reasons = Object.entries(refusals).filter(([, { status }]) => status === 401)
    expect(reasons.map(([reason]) => reason)).toEqual(['unauthenticated'])
  })
})
