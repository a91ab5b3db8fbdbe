import type { Server } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { password } from '../support/accounts.ts'
import { type AccountsSite, createAccountsSite } from '../support/accounts-site.ts'
import { type Browsing, findBarriers, openBrowser, takePicture } from './browsing.ts'
import { serveReactExample } from './react-example.ts'

const login = 'ada@example.org'
let site: AccountsSite
let server: Server
let browsing: Browsing

/** The pages of the example on a clock that is moved by hand. */
beforeAll(async () => {
  const served = await serveReactExample(() => site)
  server = served.server
  const { origin } = served
  site = await createAccountsSite({ publicUrl: origin })
  await site.addAccount({ email: login })
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

async function signIn(): Promise<Page> {
  const page = await browsing.newVisitor()
  await page.goto('/')
  await page.getByLabel('E-mail address').fill(login)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('This device').waitFor()
  return page
}

describe('the list of sessions', () => {
  it('asks for the password when the proof of who it is is too old', async () => {
    await signIn()
    const page = await signIn()
    site.clock.advance(11 * 60_000)
    await page.getByRole('button', { name: 'End all other sessions' }).click()
    const confirm = page.getByRole('group', { name: 'Confirm that it is you' })
    await confirm.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'End all other sessions' }).click()
    await page.keyboard.type('not the password')
    await confirm.getByRole('button', { name: 'Confirm' }).click()
    await confirm.getByText('This is not your password.').waitFor()
    expect(await findBarriers(page)).toEqual([])
    await takePicture(page, 'react-confirm')
    await confirm.getByLabel('Password').fill(password)
    await confirm.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('This device').waitFor()
    expect(await page.getByRole('listitem').count()).toBe(1)
  })
})

describe('the end of a session', () => {
  it('is seen when the page is looked at, and said', async () => {
    const page = await signIn()
    site.clock.advance(61 * 60_000)
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await page.getByText('Your session has ended. Sign in again.').waitFor()
  })

  it('is seen by what is refused, and said', async () => {
    await signIn()
    const page = await signIn()
    site.clock.advance(61 * 60_000)
    await page.getByRole('button', { name: 'End all other sessions' }).click()
    await page.getByText('Your session has ended. Sign in again.').waitFor()
  })
})
