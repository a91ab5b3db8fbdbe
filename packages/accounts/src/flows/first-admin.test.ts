import { describe, expect, it } from 'vitest'
import { createAccountsWorld, otherPassword, password } from '../../../../test/support/accounts.ts'

const email = 'admin@example.org'

describe('a new installation', () => {
  it('has no account at all, whatever is tried [ASVS 6.3.2]', async () => {
    const world = createAccountsWorld()
    for (const login of ['admin', 'admin@example.org', 'root', 'test@example.org']) {
      for (const given of ['admin', 'password', '', 'changeme']) {
        const result = await world
          .openBrowser()
          .visit(visit => world.accounts.signIn({ login, password: given }, visit))
        expect(result).toEqual({ ok: false, reason: 'wrong' })
      }
    }
    expect(await world.stores.accounts.list({})).toEqual({ accounts: [], cursor: null })
  })
})

describe('createFirstAdmin', () => {
  it('makes an administrator, where there was no account at all', async () => {
    const world = createAccountsWorld()
    expect((await world.stores.accounts.list()).accounts).toEqual([])
    const result = await world.accounts.createFirstAdmin({ email, name: 'Ada', password })
    expect(result).toMatchObject({ ok: true, password: null, account: { role: 'admin' } })
    expect(await (await world.signIn(email)).user()).toMatchObject({ role: 'admin' })
  })

  it('makes up a password that must be changed at the first sign-in [ASVS 6.4.1]', async () => {
    const world = createAccountsWorld()
    const made = await world.accounts.createFirstAdmin({ email })
    const temporary = made.ok ? (made.password ?? '') : ''
    expect(temporary).toMatch(/^[\w-]{43}$/)
    const browser = world.openBrowser()
    const first = await browser.visit(visit =>
      world.accounts.signIn({ login: email, password: temporary }, visit),
    )
    expect(first).toEqual({ ok: false, reason: 'change-password', token: expect.any(String) })
    expect(browser.token).toBeNull()
    const token = 'token' in first ? first.token : ''
    expect(
      await browser.visit(visit => world.accounts.resetPassword({ token, password }, visit)),
    ).toEqual({ ok: true })
    expect(await (await world.signIn(email)).user()).toMatchObject({ role: 'admin' })
    const again = await browser.visit(visit =>
      world.accounts.signIn({ login: email, password: temporary }, visit),
    )
    expect(again).toEqual({ ok: false, reason: 'wrong' })
  })

  it('makes up a password that works for a day [ASVS 6.4.1]', async () => {
    const world = createAccountsWorld()
    const made = await world.accounts.createFirstAdmin({ email })
    const temporary = made.ok ? (made.password ?? '') : ''
    world.clock.advance(86_400_000)
    const result = await world
      .openBrowser()
      .visit(visit => world.accounts.signIn({ login: email, password: temporary }, visit))
    expect(result).toEqual({ ok: false, reason: 'wrong' })
    expect(world.events.at(-1)).toMatchObject({ type: 'auth_failure', reason: 'expired' })
  })

  it('is done by one of several workers that start at once', async () => {
    const world = createAccountsWorld()
    const results = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        world.accounts.createFirstAdmin({ email: `admin${index}@example.org` }),
      ),
    )
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await world.accounts.createFirstAdmin({ email })).toEqual({
      ok: false,
      reason: 'exists',
    })
  })

  it.each([
    ['email', { email: 'admin' }],
    ['name', { email, name: '\u202e' }],
    ['password', { email, password: 'short' }],
    ['taken', { email: 'user@example.org', password: otherPassword }],
  ])('is refused for its %s', async (reason, given) => {
    const world = createAccountsWorld()
    await world.addAccount({ email: 'user@example.org' })
    expect(await world.accounts.createFirstAdmin(given)).toMatchObject({ ok: false, reason })
  })
})
