import { describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  type Browser,
  createAccountsWorld,
  otherPassword,
  password,
  tokenOf,
} from '../../../../test/support/accounts.ts'
import type { Visit } from '../account/ports.ts'
import type { AccountFlows } from './accounts.ts'

async function openWorld() {
  const world = createAccountsWorld()
  const ids = {
    admin: await world.addAccount({ email: 'admin@example.org', role: 'admin' }),
    moderator: await world.addAccount({ email: 'moderator@example.org', role: 'moderator' }),
    user: await world.addAccount({ email: 'user@example.org' }),
  }
  const admin = await world.signIn('admin@example.org')
  return { world, ids, admin }
}

type Action = (accounts: AccountFlows, accountId: string, visit: Visit) => Promise<object>

/** Everything that is done to the accounts of others. */
const actions: readonly [string, Action][] = [
  ['listAccounts', ({ listAccounts }, _, visit) => listAccounts({}, visit)],
  ['findAccount', ({ findAccount }, accountId, visit) => findAccount({ accountId }, visit)],
  [
    'setStatus',
    ({ setStatus }, accountId, visit) => setStatus({ accountId, status: 'disabled' }, visit),
  ],
  [
    'changeRole',
    ({ changeRole }, accountId, visit) => changeRole({ accountId, role: 'user' }, visit),
  ],
  ['deleteAccount', ({ deleteAccount }, accountId, visit) => deleteAccount({ accountId }, visit)],
  ['endSessions', ({ endSessions }, accountId, visit) => endSessions({ accountId }, visit)],
  ['startReset', ({ startReset }, accountId, visit) => startReset({ accountId }, visit)],
  ['invite', ({ invite }, _, visit) => invite({ email: 'new@example.org', role: 'user' }, visit)],
  [
    'impersonate',
    ({ impersonate }, accountId, visit) => impersonate({ accountId, reason: 'Ticket 4711' }, visit),
  ],
]

const act = (world: AccountsWorld, browser: Browser, action: Action, accountId: string) =>
  browser.visit(visit => action(world.accounts, accountId, visit))

describe('who may do what to other accounts', () => {
  it.each(actions)('%s is refused to visitors and users [ASVS 8.2.1, 8.3.1]', async (_, action) => {
    const { world, ids } = await openWorld()
    const user = await world.signIn('user@example.org')
    const before = await world.stores.accounts.list()
    expect(await act(world, world.openBrowser(), action, ids.moderator)).toEqual({
      ok: false,
      reason: 'unauthenticated',
    })
    expect(await act(world, user, action, ids.moderator)).toEqual({
      ok: false,
      reason: 'forbidden',
    })
    expect(await world.stores.accounts.list()).toEqual(before)
    const denied = world.events.filter(({ type }) => type === 'access_denied')
    expect(denied).toHaveLength(1)
    expect(denied[0]).toMatchObject({ userId: ids.user })
  })

  it.each(actions)('%s is allowed to administrators', async (_, action) => {
    const { world, ids, admin } = await openWorld()
    expect(await act(world, admin, action, ids.user)).toMatchObject({ ok: true })
  })

  const sensitive = ['setStatus', 'changeRole', 'deleteAccount', 'invite', 'impersonate']
  it.each(actions)(
    '%s demands a recent proof where it is sensitive [ASVS 7.5.3]',
    async (name, action) => {
      const { world, ids, admin } = await openWorld()
      world.clock.advance(10 * 60_000 + 1)
      const refused = { ok: false, reason: 'reauthenticate' }
      expect(await act(world, admin, action, ids.user)).toMatchObject(
        sensitive.includes(name) ? refused : { ok: true },
      )
    },
  )

  it.each(actions)(
    '%s judges by the account as it is now, not by the session',
    async (_, action) => {
      const { world, ids, admin } = await openWorld()
      const other = await world.addAccount({ email: 'other@example.org', role: 'admin' })
      await world.stores.accounts.update({ id: ids.admin, version: 1 }, { role: 'user' })
      expect(await act(world, admin, action, ids.user)).toEqual({ ok: false, reason: 'forbidden' })
      expect(await world.stores.accounts.findById(other)).not.toBeNull()
    },
  )

  it.each(actions.slice(2, 7))('%s finds no account that is gone', async (_, action) => {
    const { world, admin } = await openWorld()
    expect(await act(world, admin, action, 'nobody')).toEqual({ ok: false, reason: 'gone' })
  })

  it('lets moderators look and end sessions of those below them, and no more [ASVS 8.2.1]', async () => {
    const { world, ids } = await openWorld()
    const moderator = await world.signIn('moderator@example.org')
    const allowed: string[] = []
    for (const [name, action] of actions) {
      const result = await act(world, moderator, action, ids.user)
      if ('ok' in result && result.ok === true) allowed.push(name)
    }
    expect(allowed).toEqual(['listAccounts', 'findAccount', 'endSessions'])
    const end = actions.find(([name]) => name === 'endSessions')?.[1]
    if (end === undefined) throw new Error('There is no such action.')
    for (const above of [ids.admin, ids.moderator]) {
      expect(await act(world, moderator, end, above)).toEqual({ ok: false, reason: 'forbidden' })
    }
  })
})

describe('listAccounts', () => {
  it('shows accounts without what secures them [ASVS 8.2.3]', async () => {
    const { world, admin } = await openWorld()
    const result = await admin.visit(visit =>
      world.accounts.listAccounts({ search: 'user@', count: 1 }, visit),
    )
    expect(result).toMatchObject({ ok: true, accounts: [{ email: 'user@example.org' }] })
    expect(JSON.stringify(result)).not.toMatch(/argon2|login|version/)
  })
})

describe('setStatus', () => {
  it('ends the sessions of an account and keeps it out, until it is enabled [ASVS 7.4.2]', async () => {
    const { world, ids, admin } = await openWorld()
    const user = await world.signIn('user@example.org')
    const set = (status: 'active' | 'disabled') =>
      admin.visit(visit => world.accounts.setStatus({ accountId: ids.user, status }, visit))
    expect(await set('disabled')).toEqual({ ok: true })
    expect(await user.user()).toBeNull()
    await expect(world.signIn('user@example.org')).rejects.toThrow('wrong')
    const disabled = world.events.find(({ type }) => type === 'account_disabled')
    expect(disabled).toMatchObject({ userId: ids.user, actorId: ids.admin })
    expect(await set('active')).toEqual({ ok: true })
    expect(await (await world.signIn('user@example.org')).user()).not.toBeNull()
  })
})

describe('changeRole', () => {
  const change = (world: AccountsWorld, browser: Browser, accountId: string, role: string) =>
    browser.visit(visit => world.accounts.changeRole({ accountId, role }, visit))

  it('takes effect at once, by ending the sessions with the old role [ASVS 8.3.2]', async () => {
    const { world, ids, admin } = await openWorld()
    const user = await world.signIn('user@example.org')
    expect(await change(world, admin, ids.user, 'moderator')).toEqual({ ok: true })
    expect(await user.user()).toBeNull()
    const again = await world.signIn('user@example.org')
    expect(await again.user()).toMatchObject({ role: 'moderator' })
    const changed = world.events.find(({ type }) => type === 'role_changed')
    const details = { from: 'user', to: 'moderator' }
    expect(changed).toMatchObject({ userId: ids.user, actorId: ids.admin, details })
  })

  it('refuses a role that there is not', async () => {
    const { world, ids, admin } = await openWorld()
    for (const role of ['root', '', 'Admin']) {
      expect(await change(world, admin, ids.user, role)).toEqual({ ok: false, reason: 'role' })
    }
  })

  it('leaves an administrator, whoever demotes whom at the same time', async () => {
    const { world, ids, admin } = await openWorld()
    const other = await world.addAccount({ email: 'other@example.org', role: 'admin' })
    const otherBrowser = await world.signIn('other@example.org')
    const results = await Promise.all([
      change(world, admin, other, 'user'),
      change(world, otherBrowser, ids.admin, 'user'),
    ])
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    const left = await world.stores.accounts.list({ role: 'admin', status: 'active' })
    expect(left.accounts).toHaveLength(1)
  })

  it('is refused to the last administrator, as is leaving in other ways', async () => {
    const { world, ids, admin } = await openWorld()
    const accountId = ids.admin
    const refused = { ok: false, reason: 'last-admin' }
    expect(await change(world, admin, accountId, 'user')).toEqual(refused)
    const results = await admin.visit(async visit => [
      await world.accounts.setStatus({ accountId, status: 'disabled' }, visit),
      await world.accounts.deleteAccount({ accountId }, visit),
    ])
    expect(results).toEqual([refused, refused])
    expect(await admin.user()).not.toBeNull()
  })
})

describe('deleteAccount', () => {
  it('ends sessions, makes links void and tells the owner [ASVS 7.4.2]', async () => {
    const { world, ids, admin } = await openWorld()
    const user = await world.signIn('user@example.org')
    await user.visit(visit => world.accounts.forgotPassword({ login: 'user@example.org' }, visit))
    const token = await tokenOf(world)
    await admin.visit(visit => world.accounts.deleteAccount({ accountId: ids.user }, visit))
    expect(await user.user()).toBeNull()
    expect(await world.accounts.peekLink('reset', token)).toBeNull()
    expect((await world.mails()).at(-1)).toMatchObject({ to: 'user@example.org' })
  })
})

describe('startReset', () => {
  it('mails the owner a link, and changes nothing before it is used [ASVS 6.4.6]', async () => {
    const { world, ids, admin } = await openWorld()
    await admin.visit(visit => world.accounts.startReset({ accountId: ids.user }, visit))
    expect((await world.mails()).at(-1)).toMatchObject({ to: 'user@example.org' })
    await world.signIn('user@example.org')
    const result = await world.openBrowser().visit(async visit => {
      const token = await tokenOf(world)
      return world.accounts.resetPassword({ token, password: otherPassword }, visit)
    })
    expect(result).toEqual({ ok: true })
  })

  it('is of no use to a disabled account', async () => {
    const { world, ids, admin } = await openWorld()
    await world.stores.accounts.update({ id: ids.user, version: 1 }, { status: 'disabled' })
    expect(
      await admin.visit(visit => world.accounts.startReset({ accountId: ids.user }, visit)),
    ).toEqual({ ok: false, reason: 'gone' })
  })
})

describe('invite', () => {
  const invite = (world: AccountsWorld, browser: Browser, given: object = {}) =>
    browser.visit(visit =>
      world.accounts.invite({ email: 'New@example.org', role: 'moderator', ...given }, visit),
    )
  const accept = async (world: AccountsWorld, given: object = {}) => {
    const token = await tokenOf(world)
    const browser = world.openBrowser()
    const result = await browser.visit(visit =>
      world.accounts.acceptInvitation({ token, password, ...given }, visit),
    )
    return { result, browser }
  }

  it('lets somebody choose the password of an account with a role', async () => {
    const { world, admin } = await openWorld()
    expect(await invite(world, admin, { name: 'Neo' })).toEqual({ ok: true })
    const token = await tokenOf(world)
    expect(await world.accounts.peekLink('invitation', token)).toEqual({ email: 'New@example.org' })
    const { result, browser } = await accept(world)
    expect(result).toEqual({ ok: true })
    expect(browser.token).toBeNull()
    const user = await (await world.signIn('new@example.org')).user()
    expect(user).toMatchObject({ role: 'moderator' })
    expect((await accept(world)).result).toEqual({ ok: false, reason: 'token' })
  })

  it('keeps the link after a name or password that cannot be chosen', async () => {
    const { world, admin } = await openWorld()
    await invite(world, admin)
    expect((await accept(world, { password: 'short' })).result).toMatchObject({
      reason: 'password',
    })
    expect((await accept(world, { name: '\0' })).result).toEqual({ ok: false, reason: 'name' })
    expect((await accept(world, { name: 'Trinity' })).result).toEqual({ ok: true })
    const account = await world.stores.accounts.findByLogin('new@example.org')
    expect(account).toMatchObject({ name: 'Trinity' })
  })

  it.each([
    ['email', { email: 'new' }],
    ['name', { name: 'a\nb' }],
    ['role', { role: 'root' }],
    ['taken', { email: 'user@example.org' }],
  ])('is refused for its %s', async (reason, given) => {
    const { world, admin } = await openWorld()
    expect(await invite(world, admin, given)).toEqual({ ok: false, reason })
    expect(await world.mails()).toEqual([])
  })

  it('gives no role above the one who invites', async () => {
    const permissions = { moderator: ['accounts:invite'] as const }
    const world = createAccountsWorld({ permissions })
    await world.addAccount({ email: 'moderator@example.org', role: 'moderator' })
    const moderator = await world.signIn('moderator@example.org')
    expect(await invite(world, moderator, { role: 'admin' })).toEqual({ ok: false, reason: 'role' })
    expect(await invite(world, moderator, { role: 'user' })).toEqual({ ok: true })
  })
})
