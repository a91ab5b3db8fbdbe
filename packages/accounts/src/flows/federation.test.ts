import { describe, expect, it } from 'vitest'
import { createAccountsWorld } from '../../../../test/support/accounts.ts'
import type { FederatedInput } from './federation.ts'

const ada: FederatedInput = {
  issuer: 'https://id.example.org',
  subject: '4711',
  email: 'ada@example.org',
  isEmailVerified: true,
  name: 'Ada',
}

function openWorld(options: Parameters<typeof createAccountsWorld>[0] = {}) {
  const world = createAccountsWorld(options)
  const signIn = (browser: ReturnType<typeof world.openBrowser>, changes = {}) =>
    browser.visit(visit => world.accounts.signInFederated({ ...ada, ...changes }, visit))
  return { world, signIn, browser: world.openBrowser() }
}

describe('signInFederated', () => {
  it('makes an account the first time, and finds it by the provider’s name afterwards', async () => {
    const { world, signIn, browser } = openWorld()
    const first = await signIn(browser)
    expect(first).toMatchObject({ ok: true, account: { email: 'ada@example.org', name: 'Ada' } })
    const user = await browser.user()
    expect(user).toMatchObject({ role: 'user' })
    const again = await signIn(world.openBrowser(), { email: 'new@example.org' })
    expect(again).toMatchObject({ ok: true, account: { id: user?.id } })
  })

  it('gives an account with the same verified address to its owner', async () => {
    const { world, signIn, browser } = openWorld()
    const id = await world.addAccount({ email: 'ada@example.org' })
    expect(await signIn(browser)).toMatchObject({ ok: true, account: { id } })
  })

  it('gives nothing for an address that nobody verified', async () => {
    const { world, signIn, browser } = openWorld()
    await world.addAccount({ email: 'ada@example.org' })
    const refused = { ok: false, reason: 'unverified' }
    expect(await signIn(browser, { isEmailVerified: false })).toEqual(refused)
    expect(await signIn(browser, { email: undefined })).toEqual(refused)
    expect(await browser.user()).toBeNull()
  })

  it('does not give an account to whoever has its address at another provider by now', async () => {
    const { world, signIn, browser } = openWorld()
    await signIn(browser)
    const other = world.openBrowser()
    const result = await signIn(other, { subject: '9', email: 'other@example.org' })
    expect(result).toMatchObject({ ok: true })
    expect((await other.user())?.id).not.toBe((await browser.user())?.id)
  })

  it('makes no account where registration is closed, and opens those there are', async () => {
    const { world, signIn, browser } = openWorld({ registration: 'closed' })
    expect(await signIn(browser)).toEqual({ ok: false, reason: 'closed' })
    const other = { subject: '9', email: 'other@example.org', mayRegister: true }
    expect(await signIn(world.openBrowser(), other)).toMatchObject({ ok: true })
    await world.addAccount({ email: 'ada@example.org' })
    expect(await signIn(browser)).toMatchObject({ ok: true })
  })

  it('refuses an account that is disabled', async () => {
    const { world, signIn, browser } = openWorld()
    await world.addAccount({ email: 'ada@example.org', status: 'disabled' })
    expect(await signIn(browser)).toEqual({ ok: false, reason: 'disabled' })
    expect(world.events.at(-1)).toMatchObject({ type: 'auth_failure', reason: 'disabled' })
  })

  it('follows the role that the provider says, and ends sessions that had another', async () => {
    const { world, signIn, browser } = openWorld()
    await signIn(browser, { role: 'moderator' })
    expect(await browser.user()).toMatchObject({ role: 'moderator' })
    const second = world.openBrowser()
    await signIn(second, { role: 'user' })
    expect(await second.user()).toMatchObject({ role: 'user' })
    expect(await browser.user()).toBeNull()
  })

  it('leaves the last administrator one', async () => {
    const { world, signIn, browser } = openWorld()
    await world.addAccount({ email: 'ada@example.org', role: 'admin' })
    expect(await signIn(browser, { role: 'user' })).toMatchObject({ account: { role: 'admin' } })
  })

  it('forgets whose it was when an account is deleted', async () => {
    const { world, signIn, browser } = openWorld()
    await signIn(browser)
    const before = await browser.user()
    expect(await browser.visit(visit => world.accounts.deleteOwn(visit))).toEqual({ ok: true })
    await signIn(browser)
    expect((await browser.user())?.id).not.toBe(before?.id)
  })

  it('is not there without a store for identities', async () => {
    const { stores } = createAccountsWorld()
    const { identities: _none, ...rest } = stores
    const { signIn, browser } = openWorld({ stores: rest })
    expect(await signIn(browser)).toEqual({ ok: false, reason: 'unsupported' })
  })

  it('makes one account for two tabs', async () => {
    const { world, signIn } = openWorld()
    const browsers = Array.from({ length: 5 }, () => world.openBrowser())
    await Promise.all(browsers.map(browser => signIn(browser)))
    const ids = await Promise.all(browsers.map(async browser => (await browser.user())?.id))
    expect(new Set(ids).size).toBe(1)
  })
})
