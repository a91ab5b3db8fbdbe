import type { FactorStore, StoredFactor } from '../account/factor-store.ts'

/** Second factors in the memory of this process, for tests. */
export function createMemoryFactors(): FactorStore {
  const byAccount = new Map<string, StoredFactor>()

  function change(id: string, make: (factor: StoredFactor) => StoredFactor | null): boolean {
    const factor = [...byAccount.values()].find(each => each.id === id)
    const changed = factor === undefined ? null : make(factor)
    if (changed !== null) byAccount.set(changed.accountId, changed)
    return changed !== null
  }

  return {
    find: async accountId => byAccount.get(accountId) ?? null,
    async put(factor, replaces) {
      const { accountId } = factor
      if ((byAccount.get(accountId)?.id ?? null) !== replaces) return false
      byAccount.set(accountId, factor)
      return true
    },
    takeStep: async ({ id, usedStep, sealed }) =>
      change(id, factor => (factor.usedStep < usedStep ? { ...factor, usedStep, sealed } : null)),
    takeRecovery: async (id, hash) =>
      change(id, factor => {
        const recovery = factor.recovery.filter(each => each !== hash)
        return recovery.length < factor.recovery.length ? { ...factor, recovery } : null
      }),
    setRecovery: async (id, recovery) => change(id, factor => ({ ...factor, recovery })),
    forget: async accountId => byAccount.delete(accountId),
  }
}
