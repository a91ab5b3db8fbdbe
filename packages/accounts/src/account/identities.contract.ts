import { describe, expect, it } from 'vitest'
import type { IdentityStore } from './identity-store.ts'

/** How it is kept whose account belongs to whom at a provider. */
export function describeIdentities(store: () => IdentityStore): void {
  describe('identities', () => {
    const ada = { issuer: 'https://id.example.org', subject: '4711' }

    it('lead to one account each, the one that was linked last', async () => {
      expect(await store().find(ada)).toBeNull()
      await store().link(ada, 'a')
      await store().link({ ...ada, subject: '4712' }, 'b')
      await store().link({ ...ada, issuer: 'https://other.example.org' }, 'c')
      expect(await store().find(ada)).toBe('a')
      await store().link(ada, 'd')
      expect(await store().find(ada)).toBe('d')
    })

    it('bear being linked by many at once', async () => {
      await Promise.all(Array.from({ length: 10 }, () => store().link(ada, 'a')))
      expect(await store().find(ada)).toBe('a')
    })

    it('are forgotten with their account', async () => {
      await store().link(ada, 'a')
      await store().link({ ...ada, subject: '4712' }, 'b')
      await store().forget('a')
      expect(await store().find(ada)).toBeNull()
      expect(await store().find({ ...ada, subject: '4712' })).toBe('b')
    })
  })
}
