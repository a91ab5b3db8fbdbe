import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { otherPassword, password } from '../support/accounts.ts'
import { type AccountsSite, createAccountsSite } from '../support/accounts-site.ts'
import {
  type Browsing,
  findBarriers,
  findOverflow,
  openBrowser,
  screenshots,
  takePicture,
} from './browsing.ts'

let site: AccountsSite
let server: Server
let browsing: Browsing

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
  site = await createAccountsSite({ publicUrl: origin, theme: { name: 'Small shop' } })
  browsing = await openBrowser(origin)
})

afterEach(() => {
  expect(browsing.takeProblems()).toEqual([])
})

afterAll(async () => {
  await browsing.close()
  server.closeAllConnections()
  server.close()
  console.log(`Pictures of all pages: ${screenshots}`)
})

const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent()

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('main').getByRole('button', { name, exact: true }).click()

async function signIn(page: Page, email: string, secret: string = password): Promise<void> {
  await page.goto('/login?next=/account')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(secret)
  await press(page, 'Sign in')
}

async function newcomer(name: string): Promise<string> {
  const email = `${name}@example.org`
  await site.addAccount({ email, name })
  return email
}

describe.each([true, false])('the pages, with scripts: %j', javaScriptEnabled => {
  const suffix = javaScriptEnabled ? 'js' : 'plain'

  it('let a visitor register, and forget their password', async () => {
    const page = await browsing.newVisitor({ javaScriptEnabled })
    const email = `new-${suffix}@example.org`
    await page.goto('/register')
    await page.getByLabel('Name').fill('Newcomer')
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press(page, 'Create account')
    expect(await heading(page)).toBe('Look into your mail')
    await page.goto(await site.link())
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press(page, 'Confirm address')
    expect(await page.getByRole('status').textContent()).toBe('Welcome. Your account is ready.')

    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await page.getByLabel('E-mail address').fill(email)
    await press(page, 'Send link')
    await page.goto(await site.link())
    await page.getByLabel('New password').fill(otherPassword)
    await press(page, 'Set password')
    expect(await page.getByRole('status').textContent()).toContain('Your password is changed')
    await signIn(page, email, otherPassword)
    expect(await heading(page)).toBe('Your account')
  })

  it('let somebody in who was invited', async () => {
    const admin = await site.signIn({ email: `admin-${suffix}@example.org`, role: 'admin' })
    const email = `guest-${suffix}@example.org`
    const invite = { email, name: 'Guest', role: 'moderator' }
    await site.act(admin, visit => site.accounts.flows.invite(invite, visit))
    const page = await browsing.newVisitor({ javaScriptEnabled })
    await page.goto(await site.link())
    expect(await heading(page)).toBe('You are invited')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press(page, 'Create account')
    expect(await page.getByRole('status').textContent()).toBe('Your account is ready. Sign in.')
    await signIn(page, email)
    expect(await page.getByLabel('Name').inputValue()).toBe('Guest')
  })

  it('let people see and end their sessions [ASVS 7.5.2]', async () => {
    const email = await newcomer(`sessions-${suffix}`)
    const desk = await browsing.newVisitor({ javaScriptEnabled })
    const phone = await browsing.newVisitor({ javaScriptEnabled })
    await signIn(phone, email)
    await signIn(desk, email)
    await press(desk, 'End')
    expect(await desk.getByRole('status').textContent()).toBe('The session has ended.')
    await phone.reload()
    expect(await heading(phone)).toBe('Sign in')
  })
})

describe('the pages', () => {
  it('can be used with the keyboard alone', async () => {
    const email = await newcomer('keyboard')
    const page = await browsing.newVisitor()
    await page.goto('/login?next=/account')
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Skip to content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type(email)
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.waitForURL('/account')
    expect(await heading(page)).toBe('Your account')
  })

  it('take a pasted password [ASVS 6.2.7]', async () => {
    const page = await browsing.newVisitor({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto('/register')
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(password)})`)
    for (const path of ['/register', '/login']) {
      await page.goto(path)
      const field = page.getByLabel('Password', { exact: true })
      await field.focus()
      await page.keyboard.press('Control+V')
      expect(await field.inputValue()).toBe(password)
    }
  })

  it('judge a password while it is typed', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/register')
    await page.getByLabel('E-mail address').fill('wolfeschlegelstein@example.org')
    const field = page.getByLabel('Password', { exact: true })
    const verdict = page.locator('.strength p')
    expect(await verdict.isVisible()).toBe(false)
    for (const [text, words] of [
      ['short', 'The password is too short.'],
      ['wolfeschlegelstein', /your name, your address/],
      [password, /^(good|strong)$/],
    ] as const) {
      await field.fill(text)
      await expect.poll(() => verdict.textContent()).toMatch(words)
    }
    expect(Number(await page.locator('.strength meter').getAttribute('value'))).toBeGreaterThan(2)
    await field.fill('')
    expect(await verdict.isVisible()).toBe(false)
  })

  it('show and hide a password', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/login')
    const field = page.getByLabel('Password', { exact: true })
    await page.getByRole('button', { name: 'Show password' }).click()
    expect(await field.getAttribute('type')).toBe('text')
    await page.getByRole('button', { name: 'Hide password' }).click()
    expect(await field.getAttribute('type')).toBe('password')
  })

  it('warn before a session ends, and keep it on request', async () => {
    const email = await newcomer('timeout')
    const page = await browsing.newVisitor()
    await page.clock.install()
    await signIn(page, email)
    await page.clock.fastForward(59 * 60_000 + 1000)
    await page.getByRole('dialog').waitFor()
    const renewed = page.waitForResponse('**/session/renew')
    await page.getByRole('button', { name: 'Stay signed in' }).click()
    expect((await renewed).status()).toBe(200)
  })
})

describe.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the pages at %i pixels, %s', (width, colorScheme) => {
  it('can be seen and used', async () => {
    const viewport = { width, height: width === 390 ? 844 : 800 }
    const page = await browsing.newVisitor({ viewport, colorScheme })
    const look = async (name: string): Promise<void> => {
      await takePicture(page, `accounts-${name}-${width}-${colorScheme}`)
      expect.soft(await findBarriers(page), name).toEqual([])
      expect.soft(await findOverflow(page), name).toBe(0)
    }
    const visit = async (name: string, path: string): Promise<void> => {
      await page.goto(path)
      await look(name)
    }
    const email = await newcomer(`look-${width}-${colorScheme}`)
    const stranger = `stranger-${width}-${colorScheme}@example.org`

    await visit('register', '/register')
    await page.getByLabel('E-mail address').fill('nobody@nowhere')
    await page.getByLabel('Password', { exact: true }).fill('short')
    await press(page, 'Create account')
    await look('register-refused')
    await visit('sent', '/register/sent')
    await visit('forgot', '/forgot?done=sent')
    await visit('link-used', '/reset?token=none')
    await visit('not-found', '/account/nowhere')
    await signIn(page, stranger)
    await look('login-refused')
    for (let count = 0; count < 4; count += 1) await signIn(page, stranger)
    await signIn(page, stranger)
    await look('limited')

    await page.goto('/forgot')
    await page.getByLabel('E-mail address').fill(email)
    await press(page, 'Send link')
    await visit('reset', await site.link())
    const other = await browsing.newVisitor()
    await signIn(other, email)
    await signIn(page, email)
    await look('account')
    await page.locator('#delete-password').fill('not this one')
    await press(page, 'Delete my account')
    await look('account-refused')
  })
})
