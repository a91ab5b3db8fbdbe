import { describe, expect, it } from 'vitest'
import type { Account, NewAccount } from './account.ts'
import { newId } from './secret.ts'
import type { AccountStore } from './store.ts'

const at = Date.UTC(2026, 0, 1)

/** An account of which a test says only what matters to it. */
export function newAccount(given: Partial<NewAccount> = {}): NewAccount {
  const login = given.login ?? `${newId().toLowerCase()}@example.org`
  return {
    id: newId(),
    login,
    email: login,
    name: 'Ada Lovelace',
    role: 'user',
    status: 'active',
    passwordHash: '$argon2id$stored',
    passwordExpiresAt: null,
    createdAt: at,
    ...given,
  }
}

/** Puts an account into a store. */
export async function create(
  store: AccountStore,
  given: Partial<NewAccount> = {},
): Promise<Account> {
  const result = await store.create(newAccount(given))
  if (result.state !== 'created') throw new Error(`The account is ${result.state}.`)
  return result.account
}

/** How accounts are made, changed and deleted. */
export function describeAccounts(store: () => AccountStore): void {
  describe('accounts', () => {
    it('come back as they were made', async () => {
      const fresh = newAccount({ name: 'Zoë "Q" \\ 林 🧥', passwordExpiresAt: at + 1 })
      const account = { ...fresh, signedInAt: null, version: 1 }
      expect(await store().create(fresh)).toEqual({ state: 'created', account })
      expect(await store().findById(fresh.id)).toEqual(account)
      expect(await store().findByLogin(fresh.login)).toEqual(account)
    })

    it('may have no password', async () => {
      const { id } = await create(store(), { passwordHash: null })
      expect(await store().findById(id)).toMatchObject({ passwordHash: null })
    })

    it('are absent when nobody made them', async () => {
      expect(await store().findById('nobody')).toBeNull()
      expect(await store().findByLogin('nobody@example.org')).toBeNull()
    })

    it('have a login of their own', async () => {
      const { login } = await create(store())
      expect(await store().create(newAccount({ login }))).toEqual({ state: 'taken' })
    })

    it('cannot take one login together', async () => {
      const attempts = Array.from({ length: 8 }, () =>
        store().create(newAccount({ login: 'one@example.org' })),
      )
      const states = (await Promise.all(attempts)).map(({ state }) => state)
      expect(states.toSorted()).toEqual(['created', ...Array(7).fill('taken')])
    })

    it('change where they are still as they were read', async () => {
      const account = await create(store())
      const changes = {
        login: 'b@example.org',
        email: 'B@example.org',
        name: '',
        role: 'moderator',
      }
      const changed = { ...account, ...changes, version: 2 }
      expect(await store().update(account, changes)).toEqual({ state: 'updated', account: changed })
      expect(await store().findById(account.id)).toEqual(changed)
      expect(await store().update(account, { name: 'Late' })).toEqual({ state: 'conflict' })
    })

    it('change their password and its deadline', async () => {
      const account = await create(store(), { passwordExpiresAt: at })
      const changes = { passwordHash: '$argon2id$other', passwordExpiresAt: null }
      await store().update(account, changes)
      expect(await store().findById(account.id)).toMatchObject(changes)
    })

    it('take one of several changes made at once', async () => {
      const account = await create(store())
      const attempts = Array.from({ length: 6 }, (_, index) =>
        store().update(account, { name: `Name ${index}` }),
      )
      const states = (await Promise.all(attempts)).map(({ state }) => state)
      expect(states.toSorted()).toEqual([...Array(5).fill('conflict'), 'updated'])
    })

    it('cannot change to a login that another one has', async () => {
      const [one, other] = [await create(store()), await create(store())]
      expect(await store().update(one, { login: other.login })).toEqual({ state: 'taken' })
      expect(await store().update(one, { login: one.login })).toMatchObject({ state: 'updated' })
    })

    it('are gone once deleted', async () => {
      const account = await create(store())
      expect(await store().delete(account.id)).toBe('deleted')
      expect(await store().delete(account.id)).toBe('gone')
      expect(await store().findById(account.id)).toBeNull()
      expect(await store().update(account, { name: '' })).toEqual({ state: 'gone' })
    })

    it('note when somebody signed in, without counting as changed', async () => {
      const { id, role, passwordHash, version } = await create(store())
      expect(await store().noteSignIn({ id, role, passwordHash, at: at + 5 })).toBe(true)
      expect(await store().findById(id)).toMatchObject({ signedInAt: at + 5, version })
    })

    it('refuse a sign-in that was overtaken by a change', async () => {
      const account = await create(store())
      const { id, role, passwordHash } = account
      expect(await store().noteSignIn({ id, role: 'admin', passwordHash, at })).toBe(false)
      expect(await store().noteSignIn({ id, role, passwordHash: 'other', at })).toBe(false)
      expect(await store().noteSignIn({ id: 'nobody', role, passwordHash, at })).toBe(false)
      await store().update(account, { status: 'disabled' })
      expect(await store().noteSignIn({ id, role, passwordHash, at })).toBe(false)
      expect(await store().findById(id)).toMatchObject({ signedInAt: null })
    })
  })
}

/** How somebody always remains who can administer. */
export function describeLastAdmin(store: () => AccountStore): void {
  describe('the last administrator', () => {
    it('is neither demoted, disabled nor deleted', async () => {
      const admin = await create(store(), { role: 'admin' })
      await create(store(), { role: 'admin', status: 'disabled' })
      expect(await store().update(admin, { role: 'user' })).toEqual({ state: 'last-admin' })
      expect(await store().update(admin, { status: 'disabled' })).toEqual({ state: 'last-admin' })
      expect(await store().delete(admin.id)).toBe('last-admin')
      expect(await store().findById(admin.id)).toEqual(admin)
      expect(await store().update(admin, { name: 'Other' })).toMatchObject({ state: 'updated' })
    })

    it('may go once there is another', async () => {
      const admin = await create(store(), { role: 'admin' })
      await create(store(), { role: 'admin' })
      expect(await store().delete(admin.id)).toBe('deleted')
    })

    it('remains however many administrators go at once', async () => {
      const admins = await Promise.all(
        Array.from({ length: 6 }, () => create(store(), { role: 'admin' })),
      )
      const attempts = admins.map((admin, index) => {
        if (index % 3 === 0) return store().delete(admin.id)
        const change = index % 3 === 1 ? { role: 'user' } : { status: 'disabled' as const }
        return store().update(admin, change)
      })
      const results = await Promise.all(attempts)
      const refused = results.filter(result => JSON.stringify(result).includes('last-admin'))
      expect(refused).toHaveLength(1)
      const left = await store().list({ role: 'admin', status: 'active' })
      expect(left.accounts).toHaveLength(1)
    })

    it('is made first by one of several that start at once', async () => {
      const attempts = Array.from({ length: 6 }, () =>
        store().createFirst(newAccount({ role: 'admin' })),
      )
      const states = (await Promise.all(attempts)).map(({ state }) => state)
      expect(states.toSorted()).toEqual(['created', ...Array(5).fill('exists')])
    })

    it('is not made with the login of somebody else', async () => {
      const { login } = await create(store())
      const admin = newAccount({ login, role: 'admin' })
      expect(await store().createFirst(admin)).toEqual({ state: 'taken' })
    })
  })
}
