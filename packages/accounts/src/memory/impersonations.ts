import type { Impersonation, ImpersonationStore } from '../account/impersonation-store.ts'

/** Impersonations in the memory of this process, for tests. */
export function createMemoryImpersonations(): ImpersonationStore {
  const bySession = new Map<string, Impersonation>()

  function take(chosen: readonly Impersonation[]): readonly Impersonation[] {
    for (const { sessionId } of chosen) bySession.delete(sessionId)
    return chosen
  }

  const all = (): readonly Impersonation[] => [...bySession.values()]

  return {
    async add(impersonation) {
      const { sessionId } = impersonation
      if (!bySession.has(sessionId)) bySession.set(sessionId, impersonation)
    },
    find: async sessionId => bySession.get(sessionId) ?? null,
    take: async sessionId => take(all().filter(each => each.sessionId === sessionId))[0] ?? null,
    takeOf: async id => take(all().filter(each => each.actorId === id || each.accountId === id)),
    async deleteExpired(before) {
      take(all().filter(({ endsAt }) => endsAt < before))
    },
  }
}
