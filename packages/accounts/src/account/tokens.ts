import type { Clock } from 'cloakroom'
import { hashSecret, newSecret } from './secret.ts'
import type { StoredToken, TokenPurpose, TokenStore } from './token-store.ts'

/** A token to be made. */
export interface TokenRequest extends Pick<StoredToken, 'purpose' | 'subject'> {
  readonly facts?: StoredToken['facts']
  readonly lifeMs: number
}

/** Makes single-use tokens and takes them back. */
export interface Tokens {
  /** Gives the text for a link. Earlier tokens of the same purpose and subject are void from now on. */
  issue(request: TokenRequest): Promise<string>
  /** Looks at a token without using it up. */
  find(purpose: TokenPurpose, text: string): Promise<StoredToken | null>
  /** Uses a token up: of several callers, one gets it. */
  take(purpose: TokenPurpose, text: string): Promise<StoredToken | null>
  /** Makes all tokens of a subject void. */
  revokeOf(subject: string): Promise<void>
}

const tokenText = /^[\w-]{43}$/

/** Makes {@link Tokens}. */
export function createTokens(store: TokenStore, clock: Clock): Tokens {
  const living = (token: StoredToken | null): StoredToken | null =>
    token !== null && clock.now() < token.expiresAt ? token : null

  return {
    async issue({ purpose, subject, facts = {}, lifeMs }) {
      const text = newSecret()
      const now = clock.now()
      await store.put({ purpose, subject, facts, hash: hashSecret(text), expiresAt: now + lifeMs })
      await store.deleteExpired(now)
      return text
    },
    async find(purpose, text) {
      return isToken(text) ? living(await store.find(purpose, hashSecret(text))) : null
    },
    async take(purpose, text) {
      return isToken(text) ? living(await store.take(purpose, hashSecret(text))) : null
    },
    revokeOf: subject => store.deleteOf(subject),
  }
}

/** The subject of tokens that belong to an account. */
export function accountSubject(account: { readonly id: string }): string {
  return `account:${account.id}`
}

/** The account that {@link accountSubject} names. */
export function idOfSubject(subject: string): string {
  return subject.replace(/^account:/, '')
}

/** The subject of tokens that belong to an address for which there is no account yet. */
export function loginSubject(login: string): string {
  return `login:${login}`
}

function isToken(text: string): boolean {
  return typeof text === 'string' && tokenText.test(text)
}
