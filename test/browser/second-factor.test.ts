import type { Server } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { password } from '../support/accounts.ts'
import { type AccountsSite, createAccountsSite } from '../support/accounts-site.ts'
import { codeAt } from '../support/second-factors.ts'
import { type Browsing, findBarriers, findOverflow, openBrowser, takePicture } from './browsing.ts'
import { serveReactExample } from './react-example.ts'

let site: AccountsSite
let server: Server
let browsing: Browsing

/** The pages, and the React example at all other addresses, on a clock that is moved by hand. */
beforeAll(async () => {
  const served = await serveReactExample(() => site)
  server = served.server
  const { origin } = served
  const theme = { name: 'Small shop' }
  site = await createAccountsSite({ publicUrl: origin, theme, requireSecondFactor: ['moderator'] })
  browsing = await openBrowser(origin)
})

afterEach(() => {
  expect(browsing.takeProblems()).toEqual([])
})

afterAll(async () => {
  await browsing?.close()
  server.closeAllConnections()
  server.close()
})

const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent()

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('main').getByRole('button', { name, exact: true }).click()

/** What the owner's app shows for a key that is on the page. */
async function codeOf(page: Page, selector: string): Promise<() => string> {
  const secret = ((await page.locator(selector).textContent()) ?? '').replaceAll(' ', '')
  return () => codeAt(secret, site.clock.now())
}

async function examine(page: Page, name: string): Promise<void> {
  await takePicture(page, name)
  expect(await findBarriers(page)).toEqual([])
  expect(await findOverflow(page)).toBe(0)
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto('/login?next=/account')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Sign in')
}

describe.each([true, false])('second factors at the pages, with scripts: %j', javaScriptEnabled => {
  it('are set up, asked for, replaced by a recovery code, and turned off', async () => {
    const options = { javaScriptEnabled, viewport: { width: 390, height: 844 } }
    const email = `ada-${javaScriptEnabled}@example.org`
    await site.addAccount({ email })
    const home = await browsing.newVisitor(options)
    await signIn(home, email)
    await home.getByRole('main').getByRole('link', { name: 'Turn on' }).click()
    await press(home, 'Turn on')
    expect(await heading(home)).toBe('Set up two-step sign-in')
    if (javaScriptEnabled) await examine(home, 'second-factor-setup')
    const code = await codeOf(home, 'code.secret')
    await home.getByLabel('Code of six digits').fill(code())
    await press(home, 'Turn on')
    expect(await heading(home)).toBe('Your recovery codes')
    const [recoveryCode = ''] = await home.locator('.recovery code').allTextContents()
    if (javaScriptEnabled) await examine(home, 'second-factor-recovery-codes')
    await home.getByRole('link', { name: 'Go on' }).click()
    if (javaScriptEnabled) await examine(home, 'second-factor')
    site.clock.advance(30_000)

    const page = await browsing.newVisitor(options)
    await signIn(page, email)
    expect(await heading(page)).toBe('Enter your code')
    if (javaScriptEnabled) await examine(page, 'second-factor-code')
    await page.getByLabel('Code of six digits').fill('000000')
    await press(page, 'Sign in')
    await page.getByText('The code is not right, or was used already.').waitFor()
    await page.getByLabel('Code of six digits').fill(code())
    await press(page, 'Sign in')
    expect(await heading(page)).toBe('Your account')

    const other = await browsing.newVisitor(options)
    await signIn(other, email)
    await other.getByText('Use a recovery code instead').click()
    await other.getByLabel('Recovery code').fill(recoveryCode.toLowerCase())
    await other.getByRole('button', { name: 'Sign in' }).last().click()
    expect(await heading(other)).toBe('Your account')
    site.clock.advance(30_000)

    await page.goto('/account/second-factor')
    await page.getByLabel('Code of your app').fill(code())
    await press(page, 'Turn off')
    expect(await page.getByRole('status').textContent()).toBe('Two-step sign-in is off.')
  })
})

describe('second factors in React', () => {
  it('are set up where the role demands it, and asked for from then on', async () => {
    const email = 'grace@example.org'
    await site.addAccount({ email, role: 'moderator' })
    const page = await browsing.newVisitor()
    const giveName = async () => {
      await page.goto('/')
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    }
    await giveName()
    await page.getByRole('button', { name: 'Set up the second step' }).click()
    await page.getByRole('img').waitFor()
    await takePicture(page, 'react-second-factor')
    expect(await findBarriers(page)).toEqual([])
    const code = await codeOf(page, 'form code')
    await page.getByLabel('Code of your authenticator app').fill(code())
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('button', { name: 'I have kept them' }).waitFor()
    const [recoveryCode = ''] = await page.locator('ol code').allTextContents()
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('This device').waitFor()
    site.clock.advance(30_000)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await giveName()
    await page.getByLabel('Code of your authenticator app').fill('000000')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This code is wrong, or was used already.').waitFor()
    await page.getByLabel('Code of your authenticator app').fill(code())
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This device').waitFor()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await giveName()
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(recoveryCode)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This device').waitFor()
  })
})
