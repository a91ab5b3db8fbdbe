import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCloakroom } from 'cloakroom'
import express, { type Express } from 'express'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { password } from '../../../../test/support/accounts.ts'
import { createAccountsSite } from '../../../../test/support/accounts-site.ts'
import { createHttpClient } from '../../../../test/support/http-client.ts'
import { accountRolePermissions, accountRules } from '../account/roles.ts'
import { createAccounts } from './accounts.ts'
import type { AccountsOptions } from './options.ts'

const publicUrl = 'https://shop.example'
const cleanUps: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

async function serve(app: Express): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function engine(options: Parameters<typeof createCloakroom>[0] = {}) {
  return createCloakroom({
    env: {},
    audit: false,
    rateLimit: { rules: accountRules },
    roles: { permissions: accountRolePermissions },
    ...options,
  })
}

describe('createAccounts', () => {
  it.each([
    [{ texts: 'de' }, 'Du hast schon ein Konto bei'],
    [{ texts: 'de', mails: 'en' }, 'You already have an account at'],
    [{ mails: 'de' }, 'Du hast schon ein Konto bei'],
  ] as const)(
    'writes mails in the language of the pages, or in another: %j',
    async (given, subject) => {
      const site = await createAccountsSite(given)
      await site.addAccount()
      const browser = site.openBrowser()
      await browser.get('/register')
      await browser.post('/register', { email: 'ada@example.org', 'new-password': password })
      await site.accounts.flows.flush()
      expect(site.mails[0]?.subject).toContain(subject)
    },
  )

  it.each([
    ['before', false],
    ['after', true],
  ])('is mounted in Express %s a parser of bodies', async (_place, isAfter) => {
    const site = await createAccountsSite()
    await site.addAccount()
    const app = express()
    if (isAfter) app.use(express.urlencoded())
    app.use(site.accounts.express())
    app.use((_request, response) => response.send('The shop'))
    const browser = createHttpClient(await serve(app))
    expect(await (await browser.send('/cart')).text()).toBe('The shop')
    const page = await (await browser.send('/login')).text()
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
    const body = new URLSearchParams({ _csrf, email: 'ada@example.org', password })
    const answer = await browser.send('/login', { method: 'POST', body })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
  })

  it('is mounted in Hono', async () => {
    const site = await createAccountsSite()
    const app = new Hono().use(site.accounts.hono()).get('/', request => request.text('The shop'))
    expect(await (await app.request('/')).text()).toBe('The shop')
    expect(await (await app.request(`${publicUrl}/login`)).text()).toContain('<h1>Sign in</h1>')
  })

  it('speaks German', async () => {
    const site = await createAccountsSite({ texts: 'de' })
    expect((await site.openBrowser().get('/login')).text).toContain('<h1>Anmelden</h1>')
  })

  it('takes texts of one’s own, and leaves the others', async () => {
    const site = await createAccountsSite({ texts: { signIn: { title: 'Come in' } } })
    const { text } = await site.openBrowser().get('/login')
    expect(text).toContain('<h1>Come in</h1>')
    expect(text).toContain('Forgot your password?')
  })

  it('keeps accounts in the memory of the process by default', async () => {
    const accounts = await createAccounts({ cloakroom: engine(), publicUrl })
    cleanUps.push(accounts.close)
    expect(accounts.storage).toBe('embedded PostgreSQL, in memory')
    const admin = await accounts.firstAdmin({ email: 'admin@shop.example' })
    expect(admin).toMatchObject({ ok: true, account: { role: 'admin' } })
    const again = await accounts.firstAdmin({ email: 'other@shop.example' })
    expect(again).toEqual({ ok: false, reason: 'exists' })
  })

  it.each<[string, Partial<AccountsOptions>]>([
    ['createAccounts.bass', { bass: '/auth' } as Partial<AccountsOptions>],
    ['base', { base: 'auth' }],
    ['base', { base: '/auth/' }],
    ['texts', { texts: 'fr' as 'de' }],
    ['texts.login', { texts: { login: {} } as never }],
    ['theme.accent', { theme: { accent: 'red' } }],
    ['store', { production: true, mail: { url: 'smtps://mail.example', from: 'a@b.example' } }],
    ['mail', { production: true, store: { url: 'postgres://db.example/shop' } }],
    ['roles: { permissions: accountRolePermissions }', { cloakroom: engine({ roles: {} }) }],
  ])('refuses a wrong `%s`', async (name, options) => {
    const opening = createAccounts({ cloakroom: engine(), publicUrl, ...options })
    await expect(opening).rejects.toThrow(`\`${name}\``)
  })
})
