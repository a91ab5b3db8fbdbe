import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { otherPassword, password } from '../support/accounts.ts'
import {
  type Browsing,
  findBarriers,
  findOverflow,
  openBrowser,
  screenshots,
  takePicture,
} from './browsing.ts'
import { reactExample } from './react-example.ts'

const admin = 'admin@library.example'

let server: ChildProcess
let browsing: Browsing
let printed = ''

beforeAll(async () => {
  const port = await findPort()
  const env = { ...process.env, PORT: String(port), NODE_ENV: 'development' }
  server = spawn(process.execPath, ['server.js'], { cwd: reactExample, env })
  server.stdout?.on('data', chunk => {
    printed += chunk
  })
  await waitFor(() => printed.includes('Stop with Ctrl+C'))
  browsing = await openBrowser(`http://localhost:${port}`)
})

afterEach(() => {
  expect(browsing.takeProblems()).toEqual([])
})

afterAll(async () => {
  await browsing?.close()
  const ended = once(server, 'close')
  server.kill('SIGTERM')
  await ended
  console.log(`Pictures of the React example: ${screenshots}`)
})

async function findPort(): Promise<number> {
  const found = createServer().listen(0)
  await once(found, 'listening')
  const address = found.address()
  found.close()
  await once(found, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Waits for something that the server prints. */
async function waitFor(isThere: () => boolean): Promise<void> {
  while (!isThere() && server.exitCode === null) {
    await Promise.race([once(server.stdout ?? server, 'data'), once(server, 'close')])
  }
  if (!isThere()) throw new Error(`The example ended: ${printed}`)
}

async function signIn(page: Page, login: string, secret = password): Promise<void> {
  await page.getByLabel('E-mail address').fill(login)
  await page.getByLabel('Password').fill(secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

const seesRoom = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: 'Where you are signed in' }).waitFor()

const seesEntrance = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: 'Sign in' }).waitFor()

/** Makes an account through the pages, as its owner would. */
async function register(login: string): Promise<Page> {
  const page = await browsing.newVisitor()
  await page.goto('/')
  await page.getByRole('button', { name: 'Become a reader' }).click()
  await page.getByLabel('Name').fill('Ada')
  await page.getByLabel('E-mail address').fill(login)
  await page.getByLabel('Password').fill('short')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByText('Take at least 15 characters.').waitFor()
  await page.getByLabel('Password').fill(password)
  const before = printed.length
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('status').getByText('Look into your mail').waitFor()
  await waitFor(() => /\/verify\?token=\S+/.test(printed.slice(before)))
  await page.goto(/\/verify\?token=\S+/.exec(printed.slice(before))?.[0] ?? '')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Confirm address' }).click()
  await page.goto('/')
  await seesRoom(page)
  return page
}

describe('the React example', () => {
  it('lets a reader register, sign in on two devices and end one of them', async () => {
    const login = 'ada@example.org'
    const page = await register(login)
    await page.getByText('Only moderators see how many there were.').waitFor()
    const other = await browsing.newVisitor()
    await other.goto('/')
    await signIn(other, login, 'not the password')
    await other
      .getByRole('alert')
      .getByText('The e-mail address or the password is wrong.')
      .waitFor()
    await takePicture(other, 'react-wrong')
    await signIn(other, login)
    await seesRoom(other)

    await page.reload()
    await page.getByText('This device').waitFor()
    await takePicture(page, 'react-room')
    expect(await page.getByRole('listitem').count()).toBe(2)
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await page.getByRole('listitem').nth(1).waitFor({ state: 'detached' })
    // It looks again when it is looked at.
    await other.evaluate('dispatchEvent(new Event("focus"))')
    await seesEntrance(other)
  })

  it('shows what a role allows, once the first password is changed', async () => {
    const page = await browsing.newVisitor()
    await page.goto('/')
    await signIn(page, admin, /(?<=Password\s+)\S+/.exec(printed)?.[0])
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
    await page.getByLabel('New password').fill(otherPassword)
    await page.getByRole('main').getByRole('button').last().click()
    await page.waitForURL(/login/)
    await page.goto('/')
    await signIn(page, admin, otherPassword)
    await page.getByText('There were 42 today.').waitFor()
  })

  it('sees in a second tab that the first one signed out', async () => {
    const page = await register('grace@example.org')
    const tab = await page.context().newPage()
    await tab.goto('/')
    await seesRoom(tab)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await seesEntrance(page)
    await seesEntrance(tab)
  })

  it.each(['light', 'dark'] as const)(
    'has no barriers and fits a phone, in the %s theme',
    async colorScheme => {
      const viewport = { width: 390, height: 800 }
      const page = await browsing.newVisitor({ colorScheme, viewport })
      await page.goto('/')
      await seesEntrance(page)
      expect(await findBarriers(page)).toEqual([])
      expect(await findOverflow(page)).toBe(0)
      await takePicture(page, `react-entrance-${colorScheme}`)
      await signIn(page, 'ada@example.org')
      await seesRoom(page)
      await page.getByText('This device').waitFor()
      expect(await findBarriers(page)).toEqual([])
      expect(await findOverflow(page)).toBe(0)
      await takePicture(page, `react-room-${colorScheme}`)
    },
  )
})
