import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { otherPassword, password } from '../support/accounts.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import {
  type Browsing,
  findBarriers,
  findOverflow,
  openBrowser,
  screenshots,
  takePicture,
} from './browsing.ts'

const admin = 'admin@cloakroom.example'
const ada = 'ada@example.org'
let demo: Demo
let browsing: Browsing

beforeAll(async () => {
  demo = await startDemo()
  browsing = await openBrowser(demo.origin)
  const page = await browsing.newVisitor()
  await signIn(page, admin, demo.password)
  await page.getByLabel('New password').fill(otherPassword)
  await press(page, 'Set password')
  await page.context().close()
  await register(await browsing.newVisitor(), ada, 'Ada Lovelace')
}, 120_000)

afterEach(() => {
  expect(browsing.takeProblems()).toEqual([])
})

afterAll(async () => {
  await browsing.close()
  await demo.stop()
  console.log(`Pictures of all pages: ${screenshots}`)
})

const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent()

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('main').getByRole('button', { name, exact: true }).click()

async function signIn(page: Page, email: string, secret: string, next = '/'): Promise<void> {
  await page.goto(`/login?next=${encodeURIComponent(next)}`)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(secret)
  await press(page, 'Sign in')
}

/** Registers somebody by the link in the mail, which the demo prints. */
async function register(page: Page, email: string, name: string): Promise<void> {
  await page.goto('/register')
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Create account')
  const findLink = () =>
    new RegExp(`Mail to ${email}[^]*?(/verify\\?token=\\S+)`).exec(demo.output())
  await vi.waitFor(() => expect(findLink()).not.toBeNull(), 10_000)
  await page.goto(findLink()?.[1] ?? '')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Confirm address')
}

describe('the demo', () => {
  it('keeps visits, cart and note without any script', async () => {
    const page = await browsing.newVisitor({ javaScriptEnabled: false })
    await page.goto('/')
    await page.goto('/')
    expect(await page.locator('#visits').textContent()).toBe('2')
    await press(page, 'Put in one: Umbrella')
    await press(page, 'Put in one: Umbrella')
    await press(page, 'Take out one: Umbrella')
    expect(await page.locator('[data-item=umbrella]').textContent()).toBe('1')
    await page.getByLabel('Only this session can read it.').fill('<b>second hook</b>')
    await press(page, 'Keep the note')
    expect(await page.locator('#note').inputValue()).toBe('<b>second hook</b>')
  })

  it('stops a form without a token', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/')
    await press(page, 'Send a forged note')
    expect(await heading(page)).toBe('Load the page again')
    await page.goto('/')
    expect(await page.locator('#note').inputValue()).toBe('')
  })

  it('carries a visitor’s cart over when they sign in, and sells it to them', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/')
    await press(page, 'Put in one: Wool scarf')
    await press(page, 'Order')
    expect(await heading(page)).toBe('Sign in first')
    await signIn(page, ada, password)
    expect(await page.locator('[data-item=scarf]').textContent()).toBe('1')
    await press(page, 'Order')
    expect(await page.getByRole('status').textContent()).toContain('Ordered.')
  })

  it('lets nobody but operators into the console', async () => {
    const page = await browsing.newVisitor()
    await signIn(page, ada, password, '/admin')
    expect(await heading(page)).toBe('Not for you')
  })
})

describe.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the demo at %i pixels, %s', (width, colorScheme) => {
  const viewport = { width, height: width === 390 ? 844 : 800 }

  it('can be seen and used on every page', async () => {
    const page = await browsing.newVisitor({ viewport, colorScheme })
    const look = async (name: string): Promise<void> => {
      await takePicture(page, `demo-${name}-${width}-${colorScheme}`)
      expect.soft(await findBarriers(page), name).toEqual([])
      expect.soft(await findOverflow(page), name).toBe(0)
    }
    await page.goto('/')
    await press(page, 'Put in one: Umbrella')
    await press(page, 'Put in one: Wool scarf')
    await page.getByLabel('Only this session can read it.').fill('The grey coat, second hook.')
    await press(page, 'Keep the note')
    await look('home')
    await press(page, 'Order')
    await look('refused-401')
    await page.goto('/login')
    await look('sign-in')
    await page.goto('/nowhere')
    await look('refused-404')
    await signIn(page, ada, password, '/account')
    await look('account')
    await page.goto('/')
    await press(page, 'Order')
    await look('ordered')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, admin, otherPassword, '/admin')
    await look('console')
  })
})
