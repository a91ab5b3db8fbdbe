import { describe, expect, it } from 'vitest'
import type { ImpersonationStore } from './impersonation-store.ts'
import type { StoredToken, TokenStore } from './token-store.ts'

const at = Date.UTC(2026, 0, 1)

/** How single-use tokens are kept. */
export function describeTokens(store: () => TokenStore): void {
  describe('tokens', () => {
    const token: StoredToken = {
      purpose: 'reset',
      hash: 'h1',
      subject: 'account:1',
      facts: { login: 'ada@example.org' },
      expiresAt: at,
    }

    it('are found by purpose and hash, and taken once', async () => {
      await store().put(token)
      expect(await store().find('reset', 'h1')).toEqual(token)
      expect(await store().find('email', 'h1')).toBeNull()
      expect(await store().take('email', 'h1')).toBeNull()
      const takers = await Promise.all(Array.from({ length: 5 }, () => store().take('reset', 'h1')))
      expect(takers.filter(taken => taken !== null)).toEqual([token])
      expect(await store().find('reset', 'h1')).toBeNull()
    })

    it('replace those of the same purpose and subject', async () => {
      const others = [
        { ...token, hash: 'h2', purpose: 'email' as const },
        { ...token, hash: 'h3', subject: 'account:2' },
      ]
      for (const other of others) await store().put(other)
      await store().put(token)
      await store().put({ ...token, hash: 'h4', facts: {} })
      expect(await store().find('reset', 'h1')).toBeNull()
      expect(await store().find('reset', 'h4')).toMatchObject({ facts: {} })
      for (const other of others)
        expect(await store().find(other.purpose, other.hash)).toEqual(other)
    })

    it('go with their subject', async () => {
      await store().put(token)
      await store().put({ ...token, hash: 'h2', subject: 'account:2' })
      await store().deleteOf('account:1')
      expect(await store().find('reset', 'h1')).toBeNull()
      expect(await store().find('reset', 'h2')).not.toBeNull()
    })

    it('are forgotten when they ended', async () => {
      await store().put(token)
      await store().put({ ...token, hash: 'h2', subject: 'account:2', expiresAt: at + 1 })
      await store().deleteExpired(at + 1)
      expect(await store().find('reset', 'h1')).toBeNull()
      expect(await store().find('reset', 'h2')).not.toBeNull()
    })
  })
}

/** How impersonations are kept. */
export function describeImpersonations(store: () => ImpersonationStore): void {
  describe('impersonations', () => {
    const one = {
      sessionId: 's1',
      actorId: 'admin',
      accountId: 'user',
      reason: 'Ticket 7',
      startedAt: at,
      endsAt: at + 60_000,
    }

    it('are found by their session and taken once', async () => {
      await store().add(one)
      expect(await store().find('s1')).toEqual(one)
      expect(await store().find('s2')).toBeNull()
      expect(await Promise.all([store().take('s1'), store().take('s1')])).toContainEqual(one)
      expect(await store().take('s1')).toBeNull()
    })

    it('are one for each session, the first', async () => {
      await store().add(one)
      await store().add({ ...one, reason: 'Second click' })
      expect(await store().find('s1')).toEqual(one)
    })

    it('are taken with their administrator or user', async () => {
      const other = { ...one, sessionId: 's2', actorId: 'user', accountId: 'third' }
      await store().add(one)
      await store().add(other)
      await store().add({ ...one, sessionId: 's3', accountId: 'fourth' })
      const taken = await store().takeOf('user')
      expect(taken.toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1))).toEqual([one, other])
      expect(await store().find('s3')).not.toBeNull()
    })

    it('are forgotten when they ended', async () => {
      await store().add(one)
      await store().deleteExpired(one.endsAt)
      expect(await store().find('s1')).not.toBeNull()
      await store().deleteExpired(one.endsAt + 1)
      expect(await store().find('s1')).toBeNull()
    })
  })
}
