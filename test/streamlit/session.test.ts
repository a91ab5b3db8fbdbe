import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takePicture } from '../browser/browsing.ts'
import {
  createStreamlitGround,
  dropSockets,
  expectValue,
  openTab,
  type StreamlitGround,
  signIn,
  untilRun,
} from './ground.ts'

let ground: StreamlitGround
beforeAll(async () => {
  ground = await createStreamlitGround()
  await ground.addAccount('ada@example.org', 'moderator')
  await ground.addAccount('bob@example.org')
})
afterAll(() => ground?.close())

describe('a visitor [F 1]', () => {
  it('signs in, comes back to the same address, and stays in', async () => {
    const page = await ground.browsing.newVisitor()
    await page.goto('/?q=2026')
    await takePicture(page, 'streamlit-sign-in')
    await signIn(page, 'ada@example.org')
    expect(new URL(page.url()).search).toBe('?q=2026')
    await expectValue(page, 'query', '2026')
    await takePicture(page, 'streamlit-signed-in')
    await page.reload()
    await expectValue(page, 'query', '2026')
    const second = await page.context().newPage()
    await second.goto(ground.origin)
    await expectValue(second, 'header', 'ada@example.org')
    // A browser that was closed and opened again has its cookies, and nothing else.
    const cookies = await page.context().cookies()
    const again = await ground.browsing.newVisitor()
    await again.context().addCookies(cookies)
    await again.goto('/')
    await expectValue(again, 'header', 'ada@example.org')
  })
})

describe('an app [F 2]', () => {
  it('runs again at a click, and three times within one socket', async () => {
    const page = await openTab(ground)
    await page.getByRole('button', { name: 'Count' }).click()
    await expectValue(page, 'count', 1)
    await page.getByRole('button', { name: 'Count' }).click()
    await expectValue(page, 'count', 2)
    await page.getByRole('button', { name: 'Rerun thrice' }).click()
    await expectValue(page, 'loops', 3)
  })

  it('goes on where it was when its socket is cut', async () => {
    const page = await openTab(ground)
    await page.getByRole('button', { name: 'Count' }).click()
    await expectValue(page, 'count', 1)
    await dropSockets(page)
    await page.getByRole('button', { name: 'Count' }).click()
    await expectValue(page, 'count', 2)
  })
})

describe('who somebody is [F 6]', () => {
  it('is told to the app, and the ticket is not', async () => {
    const page = await openTab(ground)
    await expectValue(page, 'user', 'ada@example.org')
    await expectValue(page, 'roles', 'moderator,user,guest')
    await page.context().addCookies([{ name: 'mine', value: '1', url: ground.origin }])
    await page.reload()
    await expectValue(page, 'cookies', ['_streamlit_xsrf', 'mine'])
  })
})

describe('ten tabs [F 13]', () => {
  it('are signed in by one sign-in, with a small Cookie header', async () => {
    const page = await ground.browsing.newVisitor()
    const context = page.context()
    const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()))
    await Promise.all(tabs.map((tab, index) => tab.goto(`${ground.origin}/?q=tab${index}`)))
    const [first, ...others] = tabs
    if (first === undefined) throw new Error('There are no tabs.')
    await signIn(first, 'ada@example.org')
    await expectValue(first, 'query', 'tab0')
    for (const [index, tab] of others.entries()) {
      await tab.reload()
      await tab.waitForURL(url => url.search === `?q=tab${index + 1}`)
    }
    const cookies = await context.cookies()
    expect(cookies.map(({ name, value }) => `${name}=${value}`).join('; ').length).toBeLessThan(
      1024,
    )
  })
})

describe('values that the script keeps [F 18]', () => {
  it('outlive a reload and the app, are one for all tabs, and end with the session', async () => {
    const page = await openTab(ground, { email: 'bob@example.org' })
    const second = await page.context().newPage()
    await second.goto(ground.origin)
    await untilRun(second)
    await page.getByRole('button', { name: 'Keep', exact: true }).click()
    await expectValue(page, 'kept', 1)
    // The first tab is at its work when the second one writes: it does it again, on top.
    await page.getByRole('button', { name: 'Keep slowly' }).click()
    await second.getByRole('button', { name: 'Keep', exact: true }).click()
    await expectValue(second, 'kept', 2)
    await expectValue(page, 'kept', 3)
    await expectValue(page, 'tries', 2)
    await page.reload()
    await expectValue(page, 'kept', 3)
    await ground.apps[0]?.restart()
    await page.reload()
    await expectValue(page, 'kept', 3)
    await page.goto('/_cloakroom/account')
    await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
    await page.goto('/')
    await signIn(page, 'bob@example.org')
    await expectValue(page, 'kept', 0)
  })
})
