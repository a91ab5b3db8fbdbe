import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Demo, startDemo } from '../support/demo.ts'
import {
  type Browsing,
  findBarriers,
  findOverflow,
  openBrowser,
  screenshots,
  takePicture,
} from './browsing.ts'

const ada = { name: 'ada.lovelace', password: 'correct horse battery' }
let demo: Demo
let browsing: Browsing

beforeAll(async () => {
  demo = await startDemo({}, 'examples/express')
  browsing = await openBrowser(demo.origin)
  const page = await browsing.newVisitor()
  await page.goto('/register')
  await fillIn(page, ada, 'Register')
  await page.context().close()
})

afterEach(() => {
  expect(browsing.takeProblems()).toEqual([])
})

afterAll(async () => {
  await browsing.close()
  await demo.stop()
  console.log(`Pictures of all pages: ${screenshots}`)
})

async function fillIn(page: Page, { name, password }: typeof ada, button: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('main').getByRole('button', { name: button }).click()
}

async function signIn(page: Page, account: typeof ada, path: string): Promise<void> {
  await page.goto(`/sign-in?next=${encodeURIComponent(path)}`)
  await fillIn(page, account, 'Sign in')
}

async function failToSignIn(page: Page, name: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await page.goto('/sign-in')
    await fillIn(page, { name, password: 'guess' }, 'Sign in')
  }
}

const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent()
const admin = () => ({ name: 'admin', password: demo.password })

describe('the example of Express', () => {
  it('keeps visits, cart and note without any script', async () => {
    const page = await browsing.newVisitor({ javaScriptEnabled: false })
    await page.goto('/')
    await page.goto('/')
    expect(await page.locator('#visits').textContent()).toBe('2')
    await page.getByRole('button', { name: 'Put in one: Umbrella' }).click()
    await page.getByRole('button', { name: 'Put in one: Umbrella' }).click()
    await page.getByRole('button', { name: 'Take out one: Umbrella' }).click()
    expect(await page.locator('[data-item=umbrella]').textContent()).toBe('1')
    await page.getByLabel('Only this session can read it.').fill('<b>second hook</b>')
    await page.getByRole('button', { name: 'Keep the note' }).click()
    expect(await page.locator('#note').inputValue()).toBe('<b>second hook</b>')
  })

  it('stops a form without a token', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/')
    await page.getByRole('button', { name: 'Send a forged note' }).click()
    expect(await heading(page)).toBe('That did not come from here')
    await page.goto('/')
    expect(await page.locator('#note').inputValue()).toBe('')
  })

  it('carries a visitor’s cart over when they sign in, and forgets it when they leave', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/')
    await page.getByRole('button', { name: 'Put in one: Wool scarf' }).click()
    await signIn(page, ada, '/')
    expect(await heading(page)).toBe('Welcome, ada.lovelace')
    expect(await page.locator('[data-item=scarf]').textContent()).toBe('1')
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect(await heading(page)).toBe('Welcome')
    expect(await page.locator('[data-item=scarf]').textContent()).toBe('0')
  })

  it('can be signed in to with the keyboard alone', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/sessions')
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL('/sign-in?next=%2Fsessions')
    await page.locator('#name:focus').waitFor()
    await page.keyboard.type(ada.name)
    await page.keyboard.press('Tab')
    await page.keyboard.type(ada.password)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.waitForURL('/sessions')
    expect(await page.getByText('This one', { exact: true }).count()).toBe(1)
    const cookies = await page.context().cookies()
    expect(cookies.some(({ httpOnly, expires }) => httpOnly && expires > 0)).toBe(true)
  })

  it('ends a session in one browser from another', async () => {
    const phone = await browsing.newVisitor()
    const desk = await browsing.newVisitor()
    await signIn(phone, ada, '/sessions')
    await signIn(desk, ada, '/sessions')
    const others = desk.locator('.session').filter({ hasNot: desk.locator('.badge') })
    const before = await others.count()
    await others.first().getByRole('button').click()
    expect(await others.count()).toBe(before - 1)
    await phone.reload()
    expect(await heading(phone)).toBe('Sign in first')

    await signIn(phone, ada, '/sessions')
    await desk.reload()
    await desk.getByRole('button', { name: 'End all others' }).click()
    expect(await desk.locator('.session').count()).toBe(1)
    await phone.reload()
    expect(await heading(phone)).toBe('Sign in first')
  })

  it('blocks after five wrong passwords, and counts down', async () => {
    const page = await browsing.newVisitor()
    await failToSignIn(page, 'mallory', 5)
    expect(await page.getByRole('alert').textContent()).toBe('The name or the password is wrong.')
    await fillIn(page, { name: 'mallory', password: 'guess' }, 'Sign in')
    expect(await heading(page)).toBe('Too many attempts')
    await expect.poll(() => page.getByRole('timer').textContent()).toMatch(/^14:5\d$/)
  })

  it('says why nobody can be registered like that', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/register')
    await fillIn(page, { name: 'a b', password: 'long enough' }, 'Register')
    expect(await page.getByRole('alert').textContent()).toContain('Choose a name')
    await fillIn(page, { name: ada.name, password: 'long enough' }, 'Register')
    expect(await page.getByRole('alert').textContent()).toContain('That name is taken')
  })

  it('lets only the administrator see and end all sessions', async () => {
    const user = await browsing.newVisitor()
    await signIn(user, ada, '/admin')
    expect(await heading(user)).toBe('Not with this ticket')

    const page = await browsing.newVisitor()
    await signIn(page, admin(), '/admin')
    expect(await heading(page)).toBe('Administration')
    const rows = page.getByRole('row', { name: /ada\.lovelace/ })
    while ((await rows.count()) > 0) await rows.first().getByRole('button').click()
    await user.reload()
    expect(await heading(user)).toBe('Sign in first')
  })
})

describe.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the example of Express at %i pixels, %s', (width, colorScheme) => {
  const viewport = { width, height: width === 390 ? 844 : 800 }

  it('can be seen and used on every page', async () => {
    const page = await browsing.newVisitor({ viewport, colorScheme })
    const other = await browsing.newVisitor({ userAgent: phoneAgent })
    const look = async (name: string): Promise<void> => {
      await takePicture(page, `express-${name}-${width}-${colorScheme}`)
      expect.soft(await findBarriers(page), name).toEqual([])
      expect.soft(await findOverflow(page), name).toBe(0)
    }
    const visit = async (name: string, path: string): Promise<void> => {
      await page.goto(path)
      await look(name)
    }

    await visit('register', '/register')
    await visit('refused-401', '/sessions')
    await visit('refused-404', '/nowhere')
    const stranger = `stranger-${width}-${colorScheme}`
    await failToSignIn(page, stranger, 5)
    await look('sign-in')
    await failToSignIn(page, stranger, 1)
    await look('refused-429')

    await signIn(other, ada, '/')
    await signIn(page, ada, '/')
    await page.getByRole('button', { name: 'Put in one: Umbrella' }).click()
    await page.getByRole('button', { name: 'Put in one: Wool scarf' }).click()
    await page.getByLabel('Only this session can read it.').fill('The grey coat, second hook.')
    await page.getByRole('button', { name: 'Keep the note' }).click()
    await look('home')
    await visit('sessions', '/sessions')
    await visit('refused-403', '/admin')
    await page.goto('/')
    await page.getByRole('button', { name: 'Send a forged note' }).click()
    await look('forged')
    await page.goto('/')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, admin(), '/admin')
    await look('admin')
  })
})

const phoneAgent =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
