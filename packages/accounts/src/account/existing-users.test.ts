import { describe, expect, it } from 'vitest'
import {
  createAccountsWorld,
  otherPassword,
  password,
  tokenOf,
} from '../../../../test/support/accounts.ts'
import { createMemoryImpersonations } from '../memory/impersonations.ts'
import { createMemoryTokens } from '../memory/tokens.ts'
import { createPasswordHasher } from '../passwords/hasher.ts'
import { adaptExistingUsers, type ExistingUser, type ExistingUsers } from './existing-users.ts'

/** A table as an application may have had it for years: user names, and hashes of its own. */
async function openTable(isOpen = true) {
  const rows = new Map<string, ExistingUser>([
    [
      '1',
      {
        id: '1',
        login: 'ada',
        email: 'ada@example.org',
        passwordHash: `plain:${password}`,
        status: 'active',
      },
    ],
    [
      '2',
      {
        id: '2',
        login: 'root',
        email: 'root@example.org',
        passwordHash: await createPasswordHasher({ memoryKib: 16, passes: 1 }).hash(password),
        status: 'active',
        role: 'admin',
      },
    ],
  ])
  const change = (id: string, changes: Partial<ExistingUser>): boolean => {
    const user = rows.get(id)
    if (user !== undefined) rows.set(id, { ...user, ...changes })
    return user !== undefined
  }
  const findByLogin = async (login: string) =>
    [...rows.values()].find(user => user.login === login || user.email === login) ?? null
  const users: ExistingUsers = {
    findByLogin,
    findById: async id => rows.get(id) ?? null,
    async create({ login, ...user }) {
      if ((await findByLogin(login)) !== null) return null
      const added = { id: String(rows.size + 1), login, ...user }
      rows.set(added.id, added)
      return added
    },
    updatePassword: async (id, passwordHash) => change(id, { passwordHash }),
    setStatus: async (id, status) => change(id, { status }),
  }
  if (!isOpen) delete users.create
  const world = createAccountsWorld({
    stores: {
      accounts: adaptExistingUsers(users),
      tokens: createMemoryTokens(),
      impersonations: createMemoryImpersonations(),
    },
    hasher: {
      memoryKib: 16,
      passes: 1,
      verifyForeign: async (given, hash) => hash === `plain:${given}`,
    },
  })
  return { rows, world }
}

describe('adaptExistingUsers', () => {
  it('signs in by user name or address, and replaces a foreign hash', async () => {
    const { rows, world } = await openTable()
    const browser = await world.signIn(' ADA ')
    expect(await browser.user()).toMatchObject({ id: '1', role: 'user' })
    expect(rows.get('1')?.passwordHash).toMatch(/^\$argon2id\$/)
    await world.signIn('Ada@example.org')
    await expect(world.signIn('eve')).rejects.toThrow('wrong')
    await expect(world.signIn('\0')).rejects.toThrow('wrong')
  })

  it('resets a password, ending all sessions', async () => {
    const { world } = await openTable()
    const browser = await world.signIn('ada')
    await browser.visit(visit => world.accounts.forgotPassword({ login: 'ada' }, visit))
    const token = await tokenOf(world)
    const reset = { token, password: otherPassword }
    expect(await browser.visit(visit => world.accounts.resetPassword(reset, visit))).toEqual({
      ok: true,
    })
    expect(await browser.user()).toBeNull()
    await expect(world.signIn('ada')).rejects.toThrow('wrong')
  })

  it('changes a password', async () => {
    const { world } = await openTable()
    const browser = await world.signIn('ada')
    const change = { current: password, password: otherPassword }
    expect(await browser.visit(visit => world.accounts.changePassword(change, visit))).toEqual({
      ok: true,
    })
  })

  it('disables and impersonates', async () => {
    const { rows, world } = await openTable()
    const [admin, ada] = [await world.signIn('root'), await world.signIn('ada')]
    const target = { accountId: '1' }
    const acting = { ...target, reason: 'Ticket 4711' }
    const other = await world.signIn('root')
    expect(await other.visit(visit => world.accounts.impersonate(acting, visit))).toMatchObject({
      ok: true,
    })
    const disable = { ...target, status: 'disabled' as const }
    expect(await admin.visit(visit => world.accounts.setStatus(disable, visit))).toEqual({
      ok: true,
    })
    expect(rows.get('1')?.status).toBe('disabled')
    expect([await ada.user(), await other.user()]).toEqual([null, null])
    await expect(world.signIn('ada')).rejects.toThrow('wrong')
  })

  it('registers where there is a way to', async () => {
    const { world } = await openTable()
    const browser = world.openBrowser()
    const given = { email: 'new@example.org', password }
    await browser.visit(visit => world.accounts.register(given, visit))
    const token = await tokenOf(world)
    const confirmed = await browser.visit(visit =>
      world.accounts.confirmRegistration({ token, password }, visit),
    )
    expect(confirmed).toMatchObject({ ok: true, account: { id: '3' } })
    await world.signIn('new@example.org')
  })

  it('does not where there is none', async () => {
    const { world } = await openTable(false)
    const given = { email: 'new@example.org', password }
    const result = await world.openBrowser().visit(visit => world.accounts.register(given, visit))
    expect(result).toEqual({ ok: false, reason: 'unsupported' })
    expect([...world.accounts.lacks]).toContain('creation')
  })

  it('refuses what the five methods cannot do', async () => {
    const { world } = await openTable()
    const admin = await world.signIn('root')
    const { accounts } = world
    const results = await admin.visit(async visit => [
      await accounts.changeName({ name: 'A' }, visit),
      await accounts.changeEmail({ email: 'a@example.org' }, visit),
      await accounts.confirmEmail({ token: 'x' }, visit),
      await accounts.deleteOwn(visit),
      await accounts.listAccounts({}, visit),
      await accounts.changeRole({ accountId: '1', role: 'admin' }, visit),
      await accounts.deleteAccount({ accountId: '1' }, visit),
      await accounts.createFirstAdmin({ email: 'a@example.org' }),
    ])
    expect(results).toEqual(Array(8).fill({ ok: false, reason: 'unsupported' }))
  })

  it('throws where it is asked all the same', async () => {
    const { world } = await openTable(false)
    const { accounts } = world.stores
    const asked = [
      accounts.list(),
      accounts.delete('1'),
      accounts.update({ id: '1', version: 0 }, { role: 'admin' }),
      accounts.createFirst({} as never),
      accounts.create({} as never),
    ]
    for (const promise of asked) await expect(promise).rejects.toThrow('`lacks`')
  })

  it('says when a user is gone', async () => {
    const { world } = await openTable()
    const { accounts } = world.stores
    const gone = { id: '9', version: 0 }
    expect(await accounts.update(gone, { status: 'disabled' })).toEqual({ state: 'gone' })
    expect(await accounts.update(gone, { passwordHash: 'x' })).toEqual({ state: 'gone' })
    const note = { id: '9', role: 'user', passwordHash: null, at: 0 }
    expect(await accounts.noteSignIn(note)).toBe(false)
  })
})
