import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { password } from '../support/accounts.ts'
import { type AccountsSite, createAccountsSite } from '../support/accounts-site.ts'
import { liveAnHour } from '../support/console-life.ts'
import {
  type Browsing,
  findBarriers,
  findOverflow,
  openBrowser,
  screenshots,
  takePicture,
} from './browsing.ts'

const root = 'root@shop.example'
let site: AccountsSite
let server: Server
let browsing: Browsing
let people: readonly string[]

beforeAll(async () => {
  server = createServer((request, response) => {
    site.accounts.express()(request, response, error => {
      response.statusCode = error === undefined ? 200 : 500
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><html lang="en"><title>Shop</title><h1>The shop</h1>')
    })
  })
  server.listen(0)
  await once(server, 'listening')
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  site = await createAccountsSite({
    publicUrl: origin,
    theme: { name: 'Small shop' },
    engine: { session: { limit: false } },
  })
  people = await liveAnHour(site)
  await site.addAccount({ email: root, role: 'admin', name: 'Rosalind Franklin' })
  browsing = await openBrowser(origin)
})

afterEach(() => {
  // An account may not be signed in to more than ten times in five minutes.
  site.clock.advance(40_000)
  expect(browsing.takeProblems()).toEqual([])
})

afterAll(async () => {
  await browsing.close()
  server.closeAllConnections()
  server.close()
  await site.accounts.close()
  console.log(`Pictures of all pages: ${screenshots}`)
})

async function signIn(page: Page, email: string = root): Promise<void> {
  await page.goto('/login?next=/admin')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL('/admin')
}

describe('the overview', () => {
  it('draws charts, and keeps numbers and charts up to date', async () => {
    const page = await browsing.newVisitor()
    await signIn(page)
    expect(await page.locator('.chart canvas').count()).toBe(3)
    const failures = page.locator('[data-number=failures]')
    const before = Number(await failures.textContent())
    site.cloakroom.events.emit({ type: 'auth_failure', reason: 'password' })
    await failures.and(page.getByText(String(before + 1), { exact: true })).waitFor()
    const legend = page.locator('.legend .series-failures b')
    expect(await legend.textContent()).toBe(String(before + 1))
  })

  it('sends whoever is signed out meanwhile to sign in', async () => {
    const page = await browsing.newVisitor()
    await signIn(page)
    await page.waitForLoadState('networkidle')
    const account = await site.stores.accounts.findByLogin(root)
    await site.cloakroom.sessions.revokeAll(account?.id ?? '')
    await page.waitForURL('**/login?next=%2Fadmin**')
  })
})

describe('the log', () => {
  it('shows what happens while somebody looks, and stops when told', async () => {
    const page = await browsing.newVisitor()
    await signIn(page)
    await page.goto('/admin/log')
    const rows = page.locator('.log tbody tr')
    site.cloakroom.events.emit({ type: 'csrf_failed', reason: 'seen' })
    await page.getByText('seen', { exact: true }).waitFor()
    expect(await rows.first().textContent()).toContain('seen')
    const polls: string[] = []
    page.on('request', request => polls.push(request.url()))
    await page.getByLabel('Live').uncheck()
    polls.length = 0
    await page.waitForTimeout(2500)
    expect(polls).toEqual([])
  })

  it('is taken away as a file', async () => {
    const page = await browsing.newVisitor({ acceptDownloads: true })
    await signIn(page)
    await page.goto('/admin/log?type=role_changed')
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'CSV' }).click()
    expect((await download).suggestedFilename()).toBe('log.csv')
  })
})

describe.each([true, false])('the console, with scripts: %j', javaScriptEnabled => {
  it('lets an administrator block, and end what goes on', async () => {
    const page = await browsing.newVisitor({ javaScriptEnabled })
    await signIn(page)
    await page.getByRole('link', { name: 'Blocks' }).click()
    await page.getByText('Block by hand').first().click()
    await page.getByLabel('Whom').fill('203.0.113.99')
    await page.getByLabel('Reason').fill('Tries every password')
    await page.getByRole('button', { name: 'Block by hand' }).click()
    expect(await page.getByRole('status').textContent()).toBe('The block has begun.')
    await page.getByRole('button', { name: 'Unblock: 203.0.113.99' }).click()
    expect(await page.getByRole('status').textContent()).toBe('The block is lifted.')

    await page.getByRole('link', { name: 'Sessions' }).click()
    await page.getByLabel('User').fill('grace@shop.example')
    await page.getByRole('button', { name: 'Search' }).click()
    await page
      .getByRole('button', { name: /^End: Grace Hopper/ })
      .first()
      .click()
    expect(await page.getByRole('status').textContent()).toBe('The session has ended.')
  })
})

describe('the console', () => {
  it('can be used with the keyboard alone', async () => {
    const page = await browsing.newVisitor()
    await signIn(page)
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Skip to content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Overview')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL('/admin/users')
    await page.getByLabel('Part of the name').focus()
    await page.keyboard.type('Sophie')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/admin/users?search=Sophie**')
    await page.getByRole('link', { name: 'Sophie Germain' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/admin/users/*')
    expect(await page.locator('h1').textContent()).toBe('Sophie Germain')
  })
})

describe.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the console at %i pixels, %s', (width, colorScheme) => {
  it('can be seen and used', async () => {
    const viewport = { width, height: width === 390 ? 844 : 800 }
    const page = await browsing.newVisitor({ viewport, colorScheme })
    await signIn(page)
    const places = {
      overview: '/admin',
      sessions: '/admin/sessions?user=ada',
      address: '/admin/sessions?address=198.51.100.22',
      users: '/admin/users',
      user: `/admin/users/${people[1]}`,
      limits: '/admin/limits',
      log: '/admin/log?type=rate_limit_blocked',
      keys: '/admin/keys',
      health: '/admin/health',
    }
    for (const [name, path] of Object.entries(places)) {
      await page.goto(path)
      for (const summary of await page.locator('summary').all()) await summary.click()
      await takePicture(page, `admin-${name}-${width}-${colorScheme}`)
      expect.soft(await findBarriers(page), name).toEqual([])
      expect.soft(await findOverflow(page), name).toBe(0)
    }
  })
})

describe('a search through very many sessions', () => {
  it('goes on by itself, page by page, while nothing fits', async () => {
    const { sessions } = site.cloakroom
    for (let count = 0; count < 2500; count += 1) await sessions.create(null)
    const page = await browsing.newVisitor()
    await signIn(page)
    await page.goto('/admin/sessions')
    await page.getByLabel('Address').fill('203.0.113.200')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.waitForURL('**/admin/sessions?**cursor=**')
    await page.getByText('No session fits.').waitFor()
    expect(await page.getByRole('link', { name: 'Go on' }).count()).toBe(0)
  })
})
