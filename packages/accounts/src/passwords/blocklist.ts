import { dictionary } from '@zxcvbn-ts/language-common'

/** Passwords that many people have. */
export interface Blocklist {
  readonly size: number
  /** Whether it is one of them, in any case, alone or several times in a row, separated or not. */
  has(password: string): boolean
}

/** Makes the {@link Blocklist} of some 49 000 passwords that were found in leaks, most common first. */
export function createBlocklist(): Blocklist {
  const listed = new Set(dictionary['passwords-common'].map(String))
  return {
    size: listed.size,
    has(password) {
      const folded = password.toLowerCase()
      const joined = folded.replace(/[\s._-]+/g, '')
      return listed.has(repeatedPart(folded)) || listed.has(repeatedPart(joined))
    },
  }
}

/** `abc` of `abcabcabc`; the whole text when nothing in it repeats. */
export function repeatedPart(text: string): string {
  // A text is found in its own double before its end exactly when it is made of repeated parts.
  const length = `${text}${text}`.indexOf(text, 1)
  return text.slice(0, length)
}
