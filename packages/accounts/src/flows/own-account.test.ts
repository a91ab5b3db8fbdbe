import { describe, expect, it } from 'vitest'
import {
  type Browser,
  createAccountsWorld,
  password,
  tokenOf,
} from '../../../../test/support/accounts.ts'
import type { AccountStore } from '../account/store.ts'

const email = 'ada@example.org'
const newEmail = 'Ada@new.example'

async function openWorld() {
  const world = createAccountsWorld()
  const id = await world.addAccount({ email })
  const browser = await world.signIn(email)
  const changeEmail = (to: string, from: Browser = browser) =>
    from.visit(visit => world.accounts.changeEmail({ email: to }, visit))
  const confirmEmail = (token: string, from: Browser = browser) =>
    from.visit(visit => world.accounts.confirmEmail({ token }, visit))
  return { world, id, browser, changeEmail, confirmEmail }
}

describe('findOwn', () => {
  it('shows the account without what secures it', async () => {
    const { world, id, browser } = await openWorld()
    const own = await browser.visit(visit => world.accounts.findOwn(visit))
    const at = world.clock.now()
    const shown = { id, email, name: 'Ada', role: 'user', status: 'active' }
    expect(own).toEqual({ ...shown, createdAt: at, signedInAt: at })
    expect(await world.openBrowser().visit(visit => world.accounts.findOwn(visit))).toBeNull()
  })
})

describe('changeName', () => {
  it('changes the name, cleaned, and refuses what is none', async () => {
    const { world, id, browser } = await openWorld()
    const change = (name: string) =>
      browser.visit(visit => world.accounts.changeName({ name }, visit))
    expect(await change('  Ada   Lovelace ')).toEqual({ ok: true })
    expect(await world.stores.accounts.findById(id)).toMatchObject({ name: 'Ada Lovelace' })
    expect(await change('a\u202eb')).toEqual({ ok: false, reason: 'name' })
    expect(await change('x'.repeat(101))).toEqual({ ok: false, reason: 'name' })
  })
})

describe('changeName, while others change the account', () => {
  /** Has something happen between reading the account and writing it. */
  async function change(
    meanwhile: (store: AccountStore, account: { id: string; version: number }) => Promise<unknown>,
  ) {
    const { world, id, browser } = await openWorld()
    const { accounts } = world.stores
    const { update } = accounts
    Object.assign(accounts, {
      async update(...given: Parameters<typeof update>) {
        Object.assign(accounts, { update })
        await meanwhile(accounts, given[0])
        return update(...given)
      },
    })
    const result = await browser.visit(visit => world.accounts.changeName({ name: 'A' }, visit))
    return { result, account: await accounts.findById(id) }
  }

  it('is done on top of what they changed', async () => {
    const { result, account } = await change((store, read) => store.update(read, { role: 'guest' }))
    expect(result).toEqual({ ok: true })
    expect(account).toMatchObject({ name: 'A', role: 'guest' })
  })

  it('is not done when they deleted it', async () => {
    const { result, account } = await change((store, { id }) => store.delete(id))
    expect(result).toEqual({ ok: false, reason: 'unauthenticated' })
    expect(account).toBeNull()
  })
})

describe('changeEmail', () => {
  it('writes to both addresses, and changes nothing yet', async () => {
    const { world, id, changeEmail } = await openWorld()
    expect(await changeEmail(newEmail)).toEqual({ ok: true })
    const mails = await world.mails()
    expect(mails.map(({ to }) => to)).toEqual([email, newEmail])
    expect(mails[0]?.text).toContain('A…@new.example')
    expect(mails[0]?.text).not.toContain('token=')
    expect(mails[1]?.text).toContain('/account/email?token=')
    expect(await world.stores.accounts.findById(id)).toMatchObject({ email })
  })

  it('says the same where somebody has that address, and mails them nothing', async () => {
    const { world, changeEmail } = await openWorld()
    await world.addAccount({ email: newEmail })
    expect(await changeEmail(newEmail)).toEqual({ ok: true })
    expect((await world.mails()).map(({ to }) => to)).toEqual([email])
  })

  it('refuses what is no address', async () => {
    const { changeEmail } = await openWorld()
    expect(await changeEmail('ada')).toEqual({ ok: false, reason: 'email' })
  })

  it('demands a recent proof [ASVS 7.5.1]', async () => {
    const { world, browser, changeEmail } = await openWorld()
    world.clock.advance(10 * 60_000 + 1)
    expect(await changeEmail(newEmail)).toEqual({ ok: false, reason: 'reauthenticate' })
    await browser.visit(visit => world.accounts.reauthenticate({ password }, visit))
    expect(await changeEmail(newEmail)).toEqual({ ok: true })
  })
})

describe('confirmEmail', () => {
  it('changes the address, once, and says so at the old one [ASVS 6.3.7]', async () => {
    const { world, id, changeEmail, confirmEmail } = await openWorld()
    await changeEmail(newEmail)
    const token = await tokenOf(world)
    expect(await confirmEmail(token)).toEqual({ ok: true })
    expect(await confirmEmail(token)).toEqual({ ok: false, reason: 'token' })
    const login = 'ada@new.example'
    expect(await world.stores.accounts.findById(id)).toMatchObject({ email: newEmail, login })
    const last = (await world.mails()).at(-1)
    expect(last).toMatchObject({ to: email, subject: expect.stringContaining('was changed') })
    await world.signIn(newEmail)
    expect(world.events.find(({ type }) => type === 'email_changed')).toMatchObject({ userId: id })
  })

  it('is done by whoever asked for it, and nobody else who opens the link [ASVS 6.6.2]', async () => {
    const { world, changeEmail, confirmEmail } = await openWorld()
    await world.addAccount({ email: 'eve@example.org' })
    const eve = await world.signIn('eve@example.org')
    await changeEmail(newEmail)
    const token = await tokenOf(world)
    expect(await confirmEmail(token, eve)).toEqual({ ok: false, reason: 'token' })
    expect(await confirmEmail(token, world.openBrowser())).toEqual({
      ok: false,
      reason: 'unauthenticated',
    })
    expect(await confirmEmail(token)).toEqual({ ok: true })
  })

  it('fails when somebody took the address meanwhile', async () => {
    const { world, id, changeEmail, confirmEmail } = await openWorld()
    await changeEmail(newEmail)
    const token = await tokenOf(world)
    await world.addAccount({ email: newEmail })
    expect(await confirmEmail(token)).toEqual({ ok: false, reason: 'token' })
    expect(await world.stores.accounts.findById(id)).toMatchObject({ email })
  })

  it('makes links void that went to the old address', async () => {
    const { world, browser, changeEmail, confirmEmail } = await openWorld()
    await changeEmail(newEmail)
    const token = await tokenOf(world)
    await browser.visit(visit => world.accounts.forgotPassword({ login: email }, visit))
    const resetToken = await tokenOf(world)
    expect(await confirmEmail(token)).toEqual({ ok: true })
    expect(await world.accounts.peekLink('reset', resetToken)).toBeNull()
  })
})

describe('deleteOwn', () => {
  it('deletes the account, ends its sessions and says so', async () => {
    const { world, id, browser } = await openWorld()
    const other = await world.signIn(email)
    expect(await browser.visit(visit => world.accounts.deleteOwn(visit))).toEqual({ ok: true })
    expect(browser.token).toBeNull()
    expect(await other.user()).toBeNull()
    expect(await world.stores.accounts.findById(id)).toBeNull()
    expect((await world.mails()).at(-1)).toMatchObject({ to: email })
    expect(world.events.find(({ type }) => type === 'account_deleted')).toMatchObject({
      userId: id,
    })
  })

  it('demands a recent proof', async () => {
    const { world, browser } = await openWorld()
    world.clock.advance(10 * 60_000 + 1)
    expect(await browser.visit(visit => world.accounts.deleteOwn(visit))).toEqual({
      ok: false,
      reason: 'reauthenticate',
    })
  })

  it('is refused to the last administrator', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email, role: 'admin' })
    const browser = await world.signIn(email)
    expect(await browser.visit(visit => world.accounts.deleteOwn(visit))).toEqual({
      ok: false,
      reason: 'last-admin',
    })
    expect(await browser.user()).not.toBeNull()
  })

  it('leaves a session without an account with nothing to do', async () => {
    const { world, id, browser } = await openWorld()
    await world.stores.accounts.delete(id)
    const results = await browser.visit(async visit => [
      await world.accounts.deleteOwn(visit),
      await world.accounts.changeName({ name: 'A' }, visit),
    ])
    expect(results).toEqual(Array(2).fill({ ok: false, reason: 'unauthenticated' }))
  })
})
