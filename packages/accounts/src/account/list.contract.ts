import { beforeEach, describe, expect, it } from 'vitest'
import type { NewAccount } from './account.ts'
import { create } from './accounts.contract.ts'
import type { AccountStore } from './store.ts'

/** How accounts are listed and searched. */
export function describeList(store: () => AccountStore): void {
  describe('the list', () => {
    const people: readonly Partial<NewAccount>[] = [
      { login: 'carl@example.org', name: 'Carl Gauß' },
      { login: 'ada@example.org', name: 'Ada Lovelace', role: 'moderator' },
      { login: 'b_b@example.org', name: '100% B', status: 'disabled' },
      { login: 'emmy@example.net', name: 'Émmy NOETHER' },
      { login: 'zoë@example.net', name: '' },
    ]
    const found = async (query: Parameters<AccountStore['list']>[0]) =>
      (await store().list(query)).accounts.map(({ login }) => login.split('@')[0])

    beforeEach(async () => {
      for (const person of people) await create(store(), person)
    })

    it('goes by login, page by page', async () => {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page = await store().list({ cursor, count: 2 })
        expect(page.accounts.length).toBeLessThanOrEqual(2)
        seen.push(...page.accounts.map(({ login }) => login))
        cursor = page.cursor
      } while (cursor !== null)
      expect(seen).toEqual(people.map(({ login }) => login).toSorted())
    })

    it('ends with a full page', async () => {
      expect((await store().list({ count: 5 })).cursor).toBeNull()
    })

    it('finds parts of addresses and names, in any case', async () => {
      expect(await found({ search: 'EXAMPLE.NET' })).toEqual(['emmy', 'zoë'])
      expect(await found({ search: ' émmy noe' })).toEqual(['emmy'])
      expect(await found({ search: 'gauß' })).toEqual(['carl'])
      expect(await found({ search: 'nobody' })).toEqual([])
    })

    it('takes %, _, \\ and NUL as they are', async () => {
      expect(await found({ search: '%' })).toEqual(['b_b'])
      expect(await found({ search: '_' })).toEqual(['b_b'])
      expect(await found({ search: '\\' })).toEqual([])
      expect(await found({ search: 'ada\0' })).toEqual(['ada'])
    })

    it('narrows down by role and status', async () => {
      expect(await found({ role: 'moderator' })).toEqual(['ada'])
      expect(await found({ status: 'disabled' })).toEqual(['b_b'])
      expect(await found({ role: 'moderator', status: 'disabled' })).toEqual([])
    })

    it('finds accounts under what they changed to', async () => {
      const account = await store().findByLogin('carl@example.org')
      if (account === null) throw new Error('There is no account.')
      await store().update(account, { login: 'k@example.org', name: 'Karl' })
      expect(await found({ search: 'karl' })).toEqual(['k'])
      expect(await found({ search: 'gauß' })).toEqual([])
    })
  })
}
