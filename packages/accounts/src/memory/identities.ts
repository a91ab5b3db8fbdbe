import type { Identity, IdentityStore } from '../account/identity-store.ts'

/** Identities in the memory of this process, for tests. */
export function createMemoryIdentities(): IdentityStore {
  const accountOf = new Map<string, string>()
  const keyOf = ({ issuer, subject }: Identity): string => JSON.stringify([issuer, subject])
  return {
    find: async identity => accountOf.get(keyOf(identity)) ?? null,
    async link(identity, accountId) {
      accountOf.set(keyOf(identity), accountId)
    },
    async forget(accountId) {
      for (const [key, id] of accountOf) if (id === accountId) accountOf.delete(key)
    },
  }
}
