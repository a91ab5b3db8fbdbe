import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  createAccountsWorld,
  otherPassword,
} from '../../../../test/support/accounts.ts'

const email = 'ada@example.org'

describe('what an operator does from the command line', () => {
  let world: AccountsWorld
  beforeEach(() => {
    world = createAccountsWorld()
  })

  const eventsOf = (type: string) => world.events.filter(event => event.type === type)

  it('adds an account, whose password must be changed at once', async () => {
    const added = await world.accounts.addAsOperator({ email, name: 'Ada', role: 'moderator' })
    if (!added.ok) throw new Error(added.reason)
    expect(added.account).toMatchObject({ email, name: 'Ada', role: 'moderator' })
    const browser = world.openBrowser()
    const first = await browser.visit(visit =>
      world.accounts.signIn({ login: email, password: added.password }, visit),
    )
    expect(first).toMatchObject({ ok: false, reason: 'change-password' })
    expect(eventsOf('account_created')).toEqual([
      expect.objectContaining({ actorId: 'operator', userId: added.account.id }),
    ])
    expect(await world.accounts.addAsOperator({ email })).toEqual({ ok: false, reason: 'taken' })
    expect(await world.accounts.addAsOperator({ email: 'ada' })).toMatchObject({ reason: 'email' })
    await expect(world.accounts.addAsOperator({ email, role: 'king' })).rejects.toThrow(/king/)
  })

  it('gives another role and ends sessions', async () => {
    await world.addAccount({ email })
    const browser = await world.signIn(email)
    const changed = await world.accounts.changeRoleAsOperator({ login: email, role: 'moderator' })
    expect(changed).toMatchObject({ ok: true, account: { role: 'moderator' } })
    expect(await browser.user()).toBeNull()
    expect(eventsOf('role_changed')[0]).toMatchObject({
      actorId: 'operator',
      details: { from: 'user', to: 'moderator' },
    })
    expect(
      await world.accounts.changeRoleAsOperator({ login: 'nobody@example.org', role: 'user' }),
    ).toEqual({ ok: false, reason: 'gone' })
  })

  it('disables an account and ends its sessions, and enables it again', async () => {
    await world.addAccount({ email })
    const browser = await world.signIn(email)
    await world.accounts.setStatusAsOperator({ login: email, status: 'disabled' })
    expect(await browser.user()).toBeNull()
    await expect(world.signIn(email)).rejects.toThrow()
    await world.accounts.setStatusAsOperator({ login: email, status: 'active' })
    expect(await (await world.signIn(email)).user()).not.toBeNull()
    expect(eventsOf('account_disabled')).toHaveLength(1)
    expect(eventsOf('account_enabled')).toHaveLength(1)
  })

  it('leaves the last administrator', async () => {
    await world.addAccount({ email, role: 'admin' })
    const refused = { ok: false, reason: 'last-admin' }
    const { accounts } = world
    expect(await accounts.changeRoleAsOperator({ login: email, role: 'user' })).toEqual(refused)
    expect(await accounts.setStatusAsOperator({ login: email, status: 'disabled' })).toEqual(
      refused,
    )
  })

  it('makes a link to choose a new password, and mails nothing', async () => {
    await world.addAccount({ email })
    const made = await world.accounts.makeResetLink({ login: email })
    if (!made.ok) throw new Error(made.reason)
    const token = new URL(made.url).searchParams.get('token') ?? ''
    const browser = world.openBrowser()
    expect(
      await browser.visit(visit =>
        world.accounts.resetPassword({ token, password: otherPassword }, visit),
      ),
    ).toEqual({ ok: true })
    const subjects = (await world.mails()).map(mail => mail.text)
    expect(subjects.join()).not.toContain(token)
    expect(await world.accounts.makeResetLink({ login: 'nobody@example.org' })).toMatchObject({
      ok: false,
    })
  })

  it('lists accounts', async () => {
    await world.addAccount({ email })
    const listed = await world.accounts.listAsOperator({ search: 'ada' })
    expect(listed).toMatchObject({ ok: true, cursor: null, accounts: [{ email }] })
  })
})
