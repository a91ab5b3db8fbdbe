import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fresh, rateLimit, requireAuth, sensitive } from 'cloakroom/express'
import * as honoGuards from 'cloakroom/hono'
import express from 'express'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { password } from '../../../../test/support/accounts.ts'
import {
  type AccountsSite,
  createAccountsSite,
  type SiteBrowser,
} from '../../../../test/support/accounts-site.ts'

const cleanUps: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Asks a route of the application in the name of a browser. */
type Ask = (path: string, browser: SiteBrowser, init?: RequestInit) => Promise<Answer>

const rules = { twice: { limit: 2, window: '60s' } } as const
const mistake = (): never => {
  throw new Error('A mistake')
}

async function openExpress(site: AccountsSite): Promise<Ask> {
  const app = express()
  app.use(site.accounts.express())
  app.get('/broken-early', mistake)
  app.use(site.cloakroom.express({ csrf: false }))
  app.get('/members', requireAuth('user'), (_request, response) => response.send('members'))
  app.post('/members', requireAuth('user'), (_request, response) => response.send('members'))
  app.get('/admins', requireAuth('admin'), (_request, response) => response.send('admins'))
  app.get('/fresh', fresh('5m'), (_request, response) => response.send('fresh'))
  app.post('/fresh', fresh('5m'), (_request, response) => response.send('fresh'))
  app.get('/pay', sensitive(), (_request, response) => response.send('paid'))
  app.get('/limited', rateLimit('twice'), (_request, response) => response.send('limited'))
  app.get('/broken', mistake)
  app.use(site.accounts.expressErrors())
  app.use(((error, _request, response, _next) => {
    response.status(500).send(`of the application: ${error.message}`)
  }) satisfies express.ErrorRequestHandler)
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return async (path, browser, init = {}) =>
    answerOf(await fetch(origin + path, { ...init, ...headersOf(browser, init) }))
}

async function openHono(site: AccountsSite): Promise<Ask> {
  const app = new Hono()
  app.use(site.accounts.hono())
  app.get('/broken-early', mistake)
  app.use(site.cloakroom.hono({ csrf: false }))
  app.on(['GET', 'POST'], '/members', honoGuards.requireAuth('user'), c => c.text('members'))
  app.get('/admins', honoGuards.requireAuth('admin'), c => c.text('admins'))
  app.on(['GET', 'POST'], '/fresh', honoGuards.fresh('5m'), c => c.text('fresh'))
  app.get('/pay', honoGuards.sensitive(), c => c.text('paid'))
  app.get('/limited', honoGuards.rateLimit('twice'), c => c.text('limited'))
  app.get('/broken', mistake)
  app.onError(async (error, context) => {
    try {
      return await site.accounts.honoErrors()(error, context)
    } catch {
      return context.text(`of the application: ${error.message}`, 500)
    }
  })
  return async (path, browser, init = {}) =>
    answerOf(
      await app.request(`https://shop.example${path}`, { ...init, ...headersOf(browser, init) }),
    )
}

function headersOf({ jar }: SiteBrowser, init: RequestInit) {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const own = { accept: 'text/html', 'sec-fetch-site': 'same-origin', cookie }
  return { redirect: 'manual', headers: { ...own, ...(init.headers as object) } } as const
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const frameworks = [
  ['Express', openExpress],
  ['Hono', openHono],
] as const

describe.each(frameworks)('the pages about errors in routes of %s', (_name, open) => {
  async function setUp() {
    const site = await createAccountsSite({ rules, engine: { cookie: { development: false } } })
    return { site, ask: await open(site), visitor: site.openBrowser() }
  }

  it('send visitors to the sign-in page, and back afterwards', async () => {
    const { ask, visitor } = await setUp()
    const { status, headers } = await ask('/members?page=2', visitor)
    expect([status, headers.get('location')]).toEqual([303, '/login?next=%2Fmembers%3Fpage%3D2'])
    const post = await ask('/members', visitor, { method: 'POST' })
    expect(post.status).toBe(401)
    expect(post.text).toContain('Sign in first')
    expect(post.text).toContain('href="/login"')
  })

  it('tell people that something is not for them, as themselves', async () => {
    const { site, ask } = await setUp()
    const { status, headers, text } = await ask('/admins', await site.signIn({ name: 'Ada' }))
    expect(status).toBe(403)
    expect(headers.get('content-type')).toContain('text/html')
    expect(headers.get('content-security-policy')).toContain("'nonce-")
    expect(headers.get('cache-control')).toContain('no-store')
    expect(text).toContain('Ada')
    const nonce = /nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '')?.[1]
    expect(text).toContain(`nonce="${nonce}"`)
  })

  it('let people prove again who they are', async () => {
    const { site, ask } = await setUp()
    const browser = await site.signIn()
    site.clock.advance(6 * 60_000)
    const { status, headers } = await ask('/fresh', browser)
    expect([status, headers.get('location')]).toEqual([303, '/confirm?next=%2Ffresh'])
    const post = await ask('/fresh', browser, { method: 'POST' })
    expect([post.status, post.headers.get('location')]).toEqual([303, '/confirm?next=%2F'])
  })

  it('close what is sensitive to who acts as somebody else', async () => {
    const { site, ask } = await setUp()
    const userId = await site.addAccount({ email: 'user@example.org', name: 'User' })
    const browser = await site.signIn({ role: 'admin' })
    await site.impersonate(browser, userId)
    for (const path of ['/fresh', '/pay']) {
      const { status, text } = await ask(path, browser)
      expect(status).toBe(403)
      expect(text).toContain('You act as somebody else')
      expect(text).toContain('action="/impersonation/stop"')
    }
  })

  it('say when to come back', async () => {
    const { ask, visitor } = await setUp()
    await ask('/limited', visitor)
    await ask('/limited', visitor)
    const { status, headers, text } = await ask('/limited', visitor)
    expect(status).toBe(429)
    const wait = headers.get('retry-after') ?? ''
    expect(Number(wait)).toBeGreaterThan(0)
    expect(text).toContain(`data-seconds="${wait}"`)
  })

  it('are not for programs', async () => {
    const { ask, visitor } = await setUp()
    const { status, headers, text } = await ask('/members', visitor, {
      headers: { accept: 'application/json' },
    })
    expect(status).toBe(401)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.parse(text)).toMatchObject({ code: 'ERR_UNAUTHENTICATED' })
  })

  it.each(['/broken', '/broken-early'])('leave other errors to the application: %s', async path => {
    const { ask, visitor } = await setUp()
    const { status, text } = await ask(path, visitor)
    expect([status, text]).toEqual([500, 'of the application: A mistake'])
  })
})

describe('/confirm', () => {
  it('asks for the password and leads back', async () => {
    const site = await createAccountsSite()
    expect((await site.openBrowser().get('/confirm?next=/pay')).location).toBe(
      '/login?next=%2Fconfirm%3Fnext%3D%2Fpay',
    )
    const browser = await site.signIn()
    const page = await browser.get('/confirm?next=/pay')
    expect(page.text).toContain('name="next" value="/pay"')
    const wrong = await browser.post('/confirm', { next: '/pay', password: 'x' })
    expect([wrong.status, wrong.text.includes('name="next" value="/pay"')]).toEqual([422, true])
    const right = await browser.post('/confirm', { next: '//evil.example', password })
    expect([right.status, right.location]).toEqual([303, '/'])
  })
})
