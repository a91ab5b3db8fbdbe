import type { SecurityEvent } from 'cloakroom'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AccountsSite,
  createAccountsSite,
  type SiteBrowser,
} from '../support/accounts-site.ts'

type Who = 'moderator' | 'admin'

/** Who may open or use each route of the console; everybody else is refused. */
const table: Readonly<Record<string, readonly Who[]>> = {
  'GET /admin': ['moderator', 'admin'],
  'GET /admin/activity': ['moderator', 'admin'],
  'GET /admin/sessions': ['moderator', 'admin'],
  'POST /admin/sessions/end': ['moderator', 'admin'],
  'POST /admin/sessions/end-address': ['admin'],
  'GET /admin/users': ['moderator', 'admin'],
  'GET /admin/users/:id': ['moderator', 'admin'],
  'POST /admin/users/invite': ['admin'],
  'POST /admin/users/role': ['admin'],
  'POST /admin/users/status': ['admin'],
  'POST /admin/users/end-sessions': ['moderator', 'admin'],
  'POST /admin/users/reset': ['admin'],
  'POST /admin/users/second-factor': ['admin'],
  'POST /admin/users/delete': ['admin'],
  'POST /admin/users/impersonate': ['admin'],
  'GET /admin/limits': ['moderator', 'admin'],
  'POST /admin/limits/block': ['admin'],
  'POST /admin/limits/unblock': ['admin'],
  'GET /admin/log': ['admin'],
  'GET /admin/log/rows': ['admin'],
  'GET /admin/log/export': ['admin'],
  'GET /admin/keys': ['admin'],
  'GET /admin/health': ['admin'],
}

const forScripts = ['/admin/activity', '/admin/log/rows']

let site: AccountsSite
let targetId: string
let events: SecurityEvent[]

beforeEach(async () => {
  site = await createAccountsSite()
  targetId = await site.addAccount({ email: 'target@example.org', name: 'Target' })
  const factor = { id: 'f', sealed: 'x', usedStep: 0, recovery: [], createdAt: 0 }
  await site.stores.factors?.put({ accountId: targetId, ...factor }, null)
  events = []
  site.cloakroom.events.on(event => events.push(event))
})

const routes = Object.keys(table).map(name => name.split(' ') as [method: string, path: string])

async function use(browser: SiteBrowser, [method, path]: [string, string], token?: string) {
  const address = path.replace(':id', targetId)
  if (method === 'GET') return browser.get(address)
  const fields = {
    id: targetId,
    role: 'user',
    status: 'active',
    email: 'new@example.org',
    address: '203.0.113.9',
    rule: 'login_address',
    subject: '203.0.113.9',
    length: 'hour',
    reason: 'Because it is a test',
    version: 'none',
    ...(token !== undefined && { _csrf: token }),
  }
  return browser.post(address, fields)
}

/** What the console can do to others. */
const effects = (): readonly string[] =>
  events
    .map(({ type }) => type)
    .filter(type => !['access_denied', 'csrf_failed', 'session_rotated'].includes(type))

describe('the routes of the console', () => {
  it('are all in the table [ASVS 8.2.1]', () => {
    const names = site.accounts.routes
      .filter(({ path }) => path.startsWith('/admin'))
      .map(({ method, path }) => `${method} ${path}`)
    expect([...new Set(names)].sort()).toEqual(Object.keys(table).sort())
  })

  it.each(routes)('show nothing to visitors: %s %s', async (...route) => {
    const visitor = site.openBrowser()
    await visitor.get('/login')
    const { status, location, text } = await use(visitor, route)
    if (forScripts.includes(route[1])) expect(status).toBe(401)
    else expect([status, location]).toEqual([303, expect.stringContaining('/login?next=')])
    expect(text).not.toContain('Target')
    expect(effects()).toEqual([])
  })

  it.each(routes)('are refused to users: %s %s [ASVS 8.2.1]', async (...route) => {
    const user = await site.signIn()
    events.length = 0
    const { status, text } = await use(user, route)
    expect(status).toBe(403)
    expect(text).not.toContain('Target')
    expect(effects()).toEqual([])
    expect(events).toContainEqual(expect.objectContaining({ type: 'access_denied' }))
  })

  it.each(routes)(
    'are refused to a moderator where they are for others: %s %s',
    async (...route) => {
      const moderator = await site.signIn({ email: 'mo@example.org', role: 'moderator' })
      events.length = 0
      const { status } = await use(moderator, route)
      const isAllowed = table[route.join(' ')]?.includes('moderator') ?? false
      expect(status === 403).toBe(!isAllowed)
      if (!isAllowed) expect(effects()).toEqual([])
    },
  )

  it.each(routes)('are open to an administrator: %s %s', async (...route) => {
    const admin = await site.signIn({ email: 'root@example.org', role: 'admin' })
    const { status } = await use(admin, route)
    expect([200, 303, 409, 422]).toContain(status)
  })

  it.each(routes)('are refused to one who acts as somebody else: %s %s', async (...route) => {
    const mo = await site.addAccount({ email: 'mo@example.org', role: 'moderator' })
    const admin = await site.signIn({ email: 'root@example.org', role: 'admin' })
    await site.impersonate(admin, mo)
    await admin.get('/account')
    events.length = 0
    expect((await use(admin, route)).status).toBe(403)
    expect(effects()).toEqual([])
  })
})

describe('what another site sends to the console', () => {
  const mutating = routes.filter(([method]) => method === 'POST')

  it.each(mutating)('changes nothing: %s %s', async (...route) => {
    const admin = await site.signIn({ email: 'root@example.org', role: 'admin' })
    events.length = 0
    for (const token of ['', 'made-up']) {
      expect((await use(admin, route, token)).status).toBe(403)
    }
    expect(effects()).toEqual([])
  })
})

describe('what people typed', () => {
  const html = `"><img src=x onerror=alert(1)>'</script><!--`

  it('is shown as text on every page of the console', async () => {
    const { cloakroom } = site
    const admin = await site.signIn({ email: 'root@example.org', role: 'admin', name: html })
    const id = await site.addAccount({ email: 'evil@example.org', name: html })
    const source = { ip: '203.0.113.9', userAgent: html }
    await cloakroom.sessions.create({ id, role: 'user' }, { source })
    await cloakroom.sessions.create({ id: html, role: html }, { source })
    await cloakroom.limiter.block('api_call', 'x', { reason: html, subject: html, actorId: 'x' })
    const { events: hub } = cloakroom
    hub.emit({ type: 'auth_failure', userId: html, actorId: html, ip: html, reason: html })
    hub.emit({ type: 'auth_failure', details: { [html]: html } })
    const query = ['user', 'address', 'device', 'search', 'role', 'status', 'subject', 'type']
    const everything = new URLSearchParams(
      [...query, 'actor', 'ip', 'done'].map((name): [string, string] => [name, html]),
    ).toString()
    const texts: string[] = []
    for (const [method, path] of routes) {
      const address = path.replace(':id', id)
      if (method === 'GET') {
        texts.push(
          (await admin.get(address)).text,
          (await admin.get(`${address}?${everything}`)).text,
        )
      }
    }
    const names = ['email', 'name', 'role', 'status', 'id', 'address', 'rule', 'subject', 'length']
    const fields = Object.fromEntries([...names, 'reason', 'version'].map(name => [name, html]))
    await admin.get('/admin')
    for (const [method, path] of routes) {
      if (method === 'POST') texts.push((await admin.post(path, fields)).text)
    }
    const shown = texts.filter(text => text.includes('onerror'))
    expect(shown.length).toBeGreaterThan(8)
    const isExport = (text: string): boolean => text.startsWith('{"')
    for (const text of shown.filter(text => !isExport(text))) {
      expect(text).not.toContain('<img src=x')
      expect(text).not.toContain(`'</script><!--`)
    }
  })

  it('runs in no spreadsheet', async () => {
    const admin = await site.signIn({ email: 'root@example.org', role: 'admin' })
    site.cloakroom.events.emit({ type: 'auth_failure', userId: '=1+1', reason: '@SUM(A1)' })
    const { text, headers } = await admin.get('/admin/log/export?format=csv&type=auth_failure')
    expect(text).toContain(`,'=1+1,`)
    expect(text).toContain(`,'@SUM(A1),`)
    expect(headers.get('content-disposition')).toContain('attachment')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('a page of the console that is left open', () => {
  it('does not keep its session alive by asking for news', async () => {
    const admin = await site.signIn({ email: 'root@example.org', role: 'admin' })
    for (let minute = 0; minute < 59; minute += 1) {
      site.clock.advance(60_000)
      expect((await admin.get('/admin/activity')).status).toBe(200)
      expect((await admin.get('/admin/log/rows')).status).toBe(200)
    }
    site.clock.advance(61_000)
    for (const path of forScripts) expect((await admin.get(path)).status).toBe(401)
  })

  it('gets no more news once the account is disabled, or has another role [ASVS 8.3.2]', async () => {
    const admin = await site.signIn({ email: 'root@example.org', role: 'admin' })
    await site.addAccount({ email: 'other@example.org', role: 'admin' })
    const { accounts } = site.stores
    const root = await accounts.findByLogin('root@example.org')
    if (root === null) throw new Error('There is no such account.')
    const changed = await accounts.update(root, { role: 'user' })
    for (const path of forScripts) expect((await admin.get(path)).status).toBe(403)
    if (changed.state === 'updated') await accounts.update(changed.account, { status: 'disabled' })
    for (const path of forScripts) expect((await admin.get(path)).status).toBe(401)
  })
})
