import { describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  createAccountsWorld,
  otherPassword,
  password,
  tokenOf,
} from '../../../../test/support/accounts.ts'

const email = 'Ada@example.org'
const login = 'ada@example.org'

const register = (world: AccountsWorld, given: object = {}) =>
  world
    .openBrowser()
    .visit(visit => world.accounts.register({ email, password, name: 'Ada', ...given }, visit))

const confirm = (world: AccountsWorld, token: string, given = password) => {
  const browser = world.openBrowser()
  const result = browser.visit(visit =>
    world.accounts.confirmRegistration({ token, password: given }, visit),
  )
  return result.then(outcome => ({ outcome, browser }))
}

describe('register', () => {
  it('sends a link, and makes no account yet', async () => {
    const world = createAccountsWorld()
    expect(await register(world)).toEqual({ ok: true })
    const [mail] = await world.mails()
    expect(mail?.to).toBe(email)
    expect(mail?.text).toContain('https://testshop.example/verify?token=')
    expect(mail?.text).toContain('24 hours')
    expect(await world.stores.accounts.findByLogin(login)).toBeNull()
  })

  it('says the same where there is an account, and the mail says so', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    expect(await register(world, { email: 'ADA@EXAMPLE.ORG' })).toEqual({ ok: true })
    const [mail, ...others] = await world.mails()
    expect(others).toEqual([])
    // To the address that is stored, never to the one that was typed.
    expect(mail?.to).toBe(email)
    expect(mail?.subject).toContain('already')
    expect(mail?.text).not.toContain('token=')
  })

  it.each([
    ['email', { email: 'ada' }],
    ['email', { email: 'ada@example.org, eve@example.org' }],
    ['name', { name: 'Ada\nBcc: eve@example.org' }],
  ])('refuses what is no %s: %j', async (reason, given) => {
    const world = createAccountsWorld()
    expect(await register(world, given)).toEqual({ ok: false, reason })
    expect(await world.mails()).toEqual([])
  })

  it('refuses a password that cannot be chosen, and says why', async () => {
    const world = createAccountsWorld()
    expect(await register(world, { password: 'short' })).toEqual({
      ok: false,
      reason: 'password',
      problem: { reason: 'short', minLength: 15 },
    })
    expect(await register(world, { password: 'testshop 2026 x' })).toMatchObject({
      problem: { reason: 'context', word: 'testshop' },
    })
  })

  it('is done so often from one address and no more', async () => {
    const world = createAccountsWorld()
    const browser = world.openBrowser()
    const attempt = (index: number) =>
      browser.visit(visit =>
        world.accounts.register({ email: `a${index}@example.org`, password }, visit),
      )
    for (let index = 0; index < 3; index += 1) expect(await attempt(index)).toEqual({ ok: true })
    expect(await attempt(3)).toMatchObject({ ok: false, reason: 'limited' })
    expect(await world.mails()).toHaveLength(3)
  })

  it('fills nobody’s mailbox', async () => {
    const world = createAccountsWorld()
    for (let index = 0; index < 15; index += 1) expect(await register(world)).toEqual({ ok: true })
    expect(await world.mails()).toHaveLength(10)
  })

  it('can be closed', async () => {
    const world = createAccountsWorld({ registration: 'closed' })
    expect(await register(world)).toEqual({ ok: false, reason: 'unsupported' })
    const { outcome } = await confirm(world, 'x'.repeat(43))
    expect(outcome).toEqual({ ok: false, reason: 'unsupported' })
  })

  it('is told to come back while too much is being hashed', async () => {
    const world = createAccountsWorld({ hasher: { memoryKib: 16, passes: 1, admitted: 1 } })
    const results = await Promise.all([register(world), register(world)])
    expect(results.map(result => (result.ok ? 'ok' : result.reason)).toSorted()).toEqual([
      'busy',
      'ok',
    ])
  })
})

describe('confirmRegistration', () => {
  it('makes the account and signs in, by link and password', async () => {
    const world = createAccountsWorld()
    await register(world)
    const { outcome, browser } = await confirm(world, await tokenOf(world))
    expect(outcome).toMatchObject({ ok: true, account: { email, name: 'Ada', role: 'user' } })
    expect(await browser.user()).toMatchObject({ role: 'user' })
    expect((await world.signIn(email)).token).not.toBeNull()
    expect(world.events.map(({ type }) => type)).toContain('account_created')
  })

  it('works once', async () => {
    const world = createAccountsWorld()
    await register(world)
    const token = await tokenOf(world)
    const results = await Promise.all([confirm(world, token), confirm(world, token)])
    expect(results.filter(({ outcome }) => outcome.ok)).toHaveLength(1)
    const { outcome } = await confirm(world, token)
    expect(outcome).toEqual({ ok: false, reason: 'token' })
  })

  it('works for a day', async () => {
    const world = createAccountsWorld()
    await register(world)
    const token = await tokenOf(world)
    world.clock.advance(86_400_000 - 1)
    expect(await world.accounts.peekLink('registration', token)).toEqual({ email })
    world.clock.advance(1)
    expect(await world.accounts.peekLink('registration', token)).toBeNull()
    expect((await confirm(world, token)).outcome).toEqual({ ok: false, reason: 'token' })
  })

  it('gives nothing to a stranger who chose the password, when the owner opens the link', async () => {
    const world = createAccountsWorld()
    await register(world, { password: otherPassword })
    const token = await tokenOf(world)
    expect((await confirm(world, token, password)).outcome).toEqual({ ok: false, reason: 'wrong' })
    expect(await world.stores.accounts.findByLogin(login)).toBeNull()
    // The owner registers; the stranger's link and password are worth nothing any more.
    await register(world)
    expect((await confirm(world, token, otherPassword)).outcome).toMatchObject({ ok: false })
    expect((await confirm(world, await tokenOf(world))).outcome).toMatchObject({ ok: true })
    const stranger = world.openBrowser()
    const result = await stranger.visit(visit =>
      world.accounts.signIn({ login: email, password: otherPassword }, visit),
    )
    expect(result).toEqual({ ok: false, reason: 'wrong' })
  })

  it('counts wrong passwords', async () => {
    const world = createAccountsWorld()
    await register(world)
    const token = await tokenOf(world)
    const browser = world.openBrowser()
    const attempt = (given: string) =>
      browser.visit(visit => world.accounts.confirmRegistration({ token, password: given }, visit))
    for (let count = 0; count < 5; count += 1) {
      expect(await attempt(otherPassword)).toEqual({ ok: false, reason: 'wrong' })
    }
    expect(await attempt(password)).toMatchObject({ ok: false, reason: 'limited' })
  })

  it('makes no second account where somebody was faster', async () => {
    const world = createAccountsWorld()
    await register(world)
    const token = await tokenOf(world)
    await world.addAccount({ email })
    expect((await confirm(world, token)).outcome).toEqual({ ok: false, reason: 'token' })
  })

  it.each(['', 'x', 'x'.repeat(43), 'x'.repeat(44), 7 as unknown as string])(
    'refuses the token %j',
    async token => {
      const world = createAccountsWorld()
      expect((await confirm(world, token)).outcome).toEqual({ ok: false, reason: 'token' })
    },
  )
})
