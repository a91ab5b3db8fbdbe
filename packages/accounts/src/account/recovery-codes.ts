import { randomBytes } from 'node:crypto'
import { hashSecret } from './secret.ts'

/** Codes that open an account in the place of a lost device: to be shown once. */
export interface RecoveryCodes {
  readonly codes: readonly string[]
  /** What is stored of them. */
  readonly hashes: readonly string[]
}

/** As many as are made at once. */
const count = 10

/** Without I, L, O and U, which are read as others (Crockford's base32). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const length = 25

/** Makes other codes: 125 random bits each, so that an ordinary hash keeps them (ASVS 6.5.2). */
export function newRecoveryCodes(): RecoveryCodes {
  const codes = Array.from({ length: count }, newCode)
  return { codes, hashes: codes.map(code => hashSecret(code.replaceAll('-', ''))) }
}

/** What is stored of a code as somebody typed it; null for what can be none. */
export function hashRecoveryCode(typed: string): string | null {
  const code = typed.replace(/[\s-]/g, '').toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0')
  const isPossible = code.length === length && [...code].every(each => alphabet.includes(each))
  return isPossible ? hashSecret(code) : null
}

function newCode(): string {
  const letters = [...randomBytes(length)].map(byte => alphabet[byte % alphabet.length])
  return letters.join('').replace(/.{5}(?=.)/g, '$&-')
}
