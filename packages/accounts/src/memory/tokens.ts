import type { StoredToken, TokenStore } from '../account/token-store.ts'

/** Single-use tokens in the memory of this process, for tests. */
export function createMemoryTokens(): TokenStore {
  let tokens: readonly StoredToken[] = []

  const find: TokenStore['find'] = async (purpose, hash) =>
    tokens.find(token => token.purpose === purpose && token.hash === hash) ?? null

  return {
    find,
    async put(token) {
      const { purpose, subject } = token
      tokens = tokens.filter(other => other.purpose !== purpose || other.subject !== subject)
      tokens = [...tokens, token]
    },
    take(purpose, hash) {
      const found = find(purpose, hash)
      tokens = tokens.filter(token => token.purpose !== purpose || token.hash !== hash)
      return found
    },
    async deleteOf(subject) {
      tokens = tokens.filter(token => token.subject !== subject)
    },
    async deleteExpired(before) {
      tokens = tokens.filter(token => token.expiresAt >= before)
    },
  }
}
