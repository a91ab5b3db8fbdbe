import { describe, expect, it } from 'vitest'
import type { FactorStore, StoredFactor } from './factor-store.ts'

const factor: StoredFactor = {
  id: 'f1',
  accountId: 'ada',
  sealed: 'sealed once',
  usedStep: 58_000_000,
  recovery: ['h1', 'h2', 'h3'],
  createdAt: Date.UTC(2026, 0, 1),
}

/** How second factors are kept. */
export function describeFactors(store: () => FactorStore): void {
  describe('second factors', () => {
    it('come back as they were made, one for each account', async () => {
      expect(await store().find('ada')).toBeNull()
      expect(await store().put(factor, null)).toBe(true)
      await store().put({ ...factor, id: 'f2', accountId: 'eve', recovery: [] }, null)
      expect(await store().find('ada')).toEqual(factor)
      const newer = { ...factor, id: 'f3', recovery: ['h4'] }
      expect(await store().put(newer, 'f1')).toBe(true)
      expect(await store().find('ada')).toEqual(newer)
      expect(await store().find('eve')).toMatchObject({ id: 'f2', recovery: [] })
    })

    it('replace the one that was expected, and no other', async () => {
      const newer = { ...factor, id: 'f2' }
      expect(await store().put(newer, 'f1')).toBe(false)
      await store().put(factor, null)
      for (const replaces of [null, 'f0']) expect(await store().put(newer, replaces)).toBe(false)
      expect(await store().find('ada')).toEqual(factor)
      const puts = ['f3', 'f4', 'f5'].map(id => store().put({ ...factor, id }, 'f1'))
      expect((await Promise.all(puts)).filter(Boolean)).toHaveLength(1)
    })

    it('use a step of time up once, however many try at once [ASVS 6.5.1]', async () => {
      await store().put(factor, null)
      const use = { id: 'f1', usedStep: factor.usedStep + 1, sealed: 'sealed anew' }
      const uses = await Promise.all(Array.from({ length: 6 }, () => store().takeStep(use)))
      expect(uses.filter(Boolean)).toHaveLength(1)
      expect(await store().find('ada')).toEqual({ ...factor, ...use })
    })

    it('use up all steps before as well', async () => {
      await store().put(factor, null)
      for (const usedStep of [factor.usedStep, factor.usedStep - 1]) {
        expect(await store().takeStep({ id: 'f1', usedStep, sealed: '' })).toBe(false)
      }
      expect(await store().find('ada')).toEqual(factor)
    })

    it('use a recovery code up once, however many try at once [ASVS 6.5.1]', async () => {
      await store().put(factor, null)
      const uses = await Promise.all(
        Array.from({ length: 6 }, () => store().takeRecovery('f1', 'h2')),
      )
      expect(uses.filter(Boolean)).toHaveLength(1)
      expect(await store().takeRecovery('f1', 'h9')).toBe(false)
      expect(await store().find('ada')).toMatchObject({ recovery: ['h1', 'h3'] })
    })

    it('lose no recovery code when several are used at once', async () => {
      await store().put(factor, null)
      const uses = await Promise.all(['h1', 'h3'].map(hash => store().takeRecovery('f1', hash)))
      expect(uses).toEqual([true, true])
      expect(await store().find('ada')).toMatchObject({ recovery: ['h2'] })
    })

    it('take other recovery codes', async () => {
      await store().put(factor, null)
      expect(await store().setRecovery('f1', ['h7'])).toBe(true)
      expect(await store().find('ada')).toMatchObject({ recovery: ['h7'] })
    })

    it('take nothing once another is in their place', async () => {
      await store().put(factor, null)
      const newer = { ...factor, id: 'f2' }
      expect(await store().put(newer, 'f1')).toBe(true)
      const usedStep = factor.usedStep + 1
      expect(await store().takeStep({ id: 'f1', usedStep, sealed: '' })).toBe(false)
      expect(await store().takeRecovery('f1', 'h1')).toBe(false)
      expect(await store().setRecovery('f1', [])).toBe(false)
      expect(await store().find('ada')).toEqual(newer)
    })

    it('are forgotten', async () => {
      await store().put(factor, null)
      expect(await store().forget('ada')).toBe(true)
      expect(await store().forget('ada')).toBe(false)
      expect(await store().find('ada')).toBeNull()
    })
  })
}
