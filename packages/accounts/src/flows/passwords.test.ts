import { describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  createAccountsWorld,
  otherPassword,
  password,
  tokenOf,
} from '../../../../test/support/accounts.ts'

const email = 'ada@example.org'

async function openWorld() {
  const world = createAccountsWorld()
  const id = await world.addAccount({ email })
  return { world, id }
}

const forgot = (world: AccountsWorld, login = email, browser = world.openBrowser()) =>
  browser.visit(visit => world.accounts.forgotPassword({ login }, visit))

const reset = (world: AccountsWorld, token: string, given = otherPassword) =>
  world
    .openBrowser()
    .visit(visit => world.accounts.resetPassword({ token, password: given }, visit))

const canSignIn = async (world: AccountsWorld, given: string) => {
  const browser = world.openBrowser()
  const result = await browser.visit(visit =>
    world.accounts.signIn({ login: email, password: given }, visit),
  )
  return result.ok
}

describe('forgotPassword', () => {
  it('mails a link to the address that is stored', async () => {
    const { world, id } = await openWorld()
    expect(await forgot(world, ' ADA@Example.org')).toEqual({ ok: true })
    const [mail] = await world.mails()
    expect(mail?.to).toBe(email)
    expect(mail?.text).toContain('https://testshop.example/reset?token=')
    expect(mail?.text).toContain('10 minutes')
    const requested = world.events.find(({ type }) => type === 'password_reset_requested')
    expect(requested).toMatchObject({ userId: id })
    expect(await canSignIn(world, password)).toBe(true)
  })

  it('says the same of unknown and disabled accounts, and mails nobody', async () => {
    const { world } = await openWorld()
    const id = await world.addAccount({ email: 'disabled@example.org' })
    await world.stores.accounts.update({ id, version: 1 }, { status: 'disabled' })
    for (const login of ['eve@example.org', 'disabled@example.org', 'nonsense', '']) {
      expect(await forgot(world, login)).toEqual({ ok: true })
    }
    expect(await world.mails()).toEqual([])
  })

  it('looks the account up after the answer was given', async () => {
    const { world } = await openWorld()
    const { accounts } = world.stores
    const lookups: string[] = []
    const { findByLogin } = accounts
    Object.assign(accounts, {
      findByLogin(login: string) {
        lookups.push(login)
        return findByLogin(login)
      },
    })
    await forgot(world)
    expect(lookups).toEqual([])
    await world.mails()
    expect(lookups).toEqual([email])
  })

  it('is done so often from one address, whatever is typed [ASVS 6.6.3]', async () => {
    const { world } = await openWorld()
    const browser = world.openBrowser()
    for (const login of [email, 'eve@example.org', email]) {
      expect(await forgot(world, login, browser)).toEqual({ ok: true })
    }
    for (const login of [email, 'eve@example.org']) {
      expect(await forgot(world, login, browser)).toEqual({
        ok: false,
        reason: 'limited',
        retryAfterMs: 3_600_000,
      })
    }
  })

  it('fills nobody’s mailbox', async () => {
    const { world } = await openWorld()
    for (let count = 0; count < 15; count += 1) expect(await forgot(world)).toEqual({ ok: true })
    expect(await world.mails()).toHaveLength(10)
  })
})

describe('resetPassword', () => {
  it('sets the password, ends all sessions, signs nobody in and tells the owner [ASVS 6.3.6, 6.3.7, 7.4.3, 7.6.2]', async () => {
    const { world, id } = await openWorld()
    const browsers = [await world.signIn(email), await world.signIn(email)]
    await forgot(world)
    const token = await tokenOf(world)
    const browser = world.openBrowser()
    const result = await browser.visit(visit =>
      world.accounts.resetPassword({ token, password: otherPassword }, visit),
    )
    expect(result).toEqual({ ok: true })
    expect(browser.token).toBeNull()
    expect(await Promise.all(browsers.map(each => each.user()))).toEqual([null, null])
    expect(await canSignIn(world, password)).toBe(false)
    expect(await canSignIn(world, otherPassword)).toBe(true)
    const told = { to: email, subject: expect.stringContaining('was changed') }
    expect(await world.mails()).toContainEqual(expect.objectContaining(told))
    const changed = world.events.find(({ type }) => type === 'password_changed')
    expect(changed).toMatchObject({ userId: id, reason: 'reset' })
  })

  it('works once, also for several at once [ASVS 6.5.1]', async () => {
    const { world } = await openWorld()
    await forgot(world)
    const token = await tokenOf(world)
    const results = await Promise.all(Array.from({ length: 5 }, () => reset(world, token)))
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await reset(world, token)).toEqual({ ok: false, reason: 'token' })
  })

  it('works for ten minutes [ASVS 6.5.5]', async () => {
    const { world } = await openWorld()
    await forgot(world)
    const token = await tokenOf(world)
    world.clock.advance(599_999)
    expect(await world.accounts.peekLink('reset', token)).toEqual({ email })
    world.clock.advance(1)
    expect(await world.accounts.peekLink('reset', token)).toBeNull()
    expect(await reset(world, token)).toEqual({ ok: false, reason: 'token' })
  })

  it('keeps the link after a password that cannot be chosen', async () => {
    const { world } = await openWorld()
    await forgot(world)
    const token = await tokenOf(world)
    expect(await reset(world, token, 'short')).toMatchObject({ ok: false, reason: 'password' })
    expect(await reset(world, token)).toEqual({ ok: true })
  })

  it('takes the newest link only', async () => {
    const { world } = await openWorld()
    await forgot(world)
    const older = await tokenOf(world)
    await forgot(world)
    await world.mails()
    expect(await reset(world, older)).toEqual({ ok: false, reason: 'token' })
    expect(await reset(world, await tokenOf(world))).toEqual({ ok: true })
  })

  it('takes no link of another purpose [ASVS 6.4.3, 6.6.2]', async () => {
    const { world } = await openWorld()
    await world
      .openBrowser()
      .visit(visit => world.accounts.register({ email: 'b@example.org', password }, visit))
    expect(await reset(world, await tokenOf(world))).toEqual({ ok: false, reason: 'token' })
  })

  it('is void once the account was disabled', async () => {
    const { world, id } = await openWorld()
    await forgot(world)
    const token = await tokenOf(world)
    await world.stores.accounts.update({ id, version: 1 }, { status: 'disabled' })
    expect(await reset(world, token)).toEqual({ ok: false, reason: 'token' })
    expect(await world.accounts.peekLink('reset', token)).toBeNull()
  })

  it('is void once the password was changed [ASVS 6.4.3]', async () => {
    const { world } = await openWorld()
    const browser = await world.signIn(email)
    await forgot(world)
    const token = await tokenOf(world)
    await browser.visit(visit =>
      world.accounts.changePassword({ current: password, password: otherPassword }, visit),
    )
    expect(await reset(world, token, 'a third good sentence')).toEqual({
      ok: false,
      reason: 'token',
    })
  })

  it('stores no token that could be used [ASVS 6.5.2]', async () => {
    const { world } = await openWorld()
    const put: unknown[] = []
    const { tokens } = world.stores
    const keep = tokens.put
    Object.assign(tokens, {
      put(token: Parameters<typeof keep>[0]) {
        put.push(token)
        return keep(token)
      },
    })
    await forgot(world)
    const token = await tokenOf(world)
    expect(put).toHaveLength(1)
    expect(JSON.stringify(put)).not.toContain(token)
  })
})

describe('changePassword', () => {
  const change = (world: AccountsWorld, browser = world.openBrowser(), current = password) =>
    browser.visit(visit =>
      world.accounts.changePassword({ current, password: otherPassword }, visit),
    )

  it('ends the other sessions, keeps this one with a new token, and tells the owner [ASVS 6.2.2, 6.3.7, 7.4.3]', async () => {
    const { world } = await openWorld()
    const [here, there] = [await world.signIn(email), await world.signIn(email)]
    const before = here.token
    expect(await change(world, here)).toEqual({ ok: true })
    expect(here.token).not.toBe(before)
    expect(await here.user()).not.toBeNull()
    expect(await there.user()).toBeNull()
    expect(await canSignIn(world, password)).toBe(false)
    expect(await canSignIn(world, otherPassword)).toBe(true)
    const told = { to: email, subject: expect.stringContaining('was changed') }
    expect(await world.mails()).toContainEqual(expect.objectContaining(told))
  })

  it('demands the old password, and counts wrong ones [ASVS 6.2.3]', async () => {
    const { world } = await openWorld()
    const browser = await world.signIn(email)
    for (let count = 0; count < 5; count += 1) {
      expect(await change(world, browser, 'wrong')).toEqual({ ok: false, reason: 'wrong' })
    }
    expect(await change(world, browser)).toMatchObject({ ok: false, reason: 'limited' })
    expect(await canSignIn(world, password)).toBe(true)
  })

  it('refuses a password that cannot be chosen', async () => {
    const { world } = await openWorld()
    const browser = await world.signIn(email)
    const result = await browser.visit(visit =>
      world.accounts.changePassword({ current: password, password: 'aaaaaaaaaaaaaaaa' }, visit),
    )
    expect(result).toMatchObject({ reason: 'password', problem: { reason: 'common' } })
  })

  it('is for those who are signed in', async () => {
    const { world } = await openWorld()
    expect(await change(world)).toEqual({ ok: false, reason: 'unauthenticated' })
  })
})

describe('passwords', () => {
  it('do not age [ASVS 6.2.10]', async () => {
    const { world } = await openWorld()
    world.clock.advance(5 * 365 * 86_400_000)
    expect(await canSignIn(world, password)).toBe(true)
  })
})
