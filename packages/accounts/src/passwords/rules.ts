import { refuseUnknown, requireInteger } from 'cloakroom/kit'
import { type Blocklist, createBlocklist } from './blocklist.ts'
import { type PasswordContext, withoutWords, wordsOf } from './context-words.ts'
import {
  createStrengthEstimator,
  type PasswordStrength,
  type StrengthEstimator,
} from './strength.ts'

/** Options of {@link createPasswordRules}. */
export interface PasswordRulesOptions {
  /**
   * Characters at least. NIST SP 800-63B-4 demands 15 where the password is the only proof, and 8
   * where a second factor is always asked for.
   *
   * @default 15
   */
  readonly minLength?: number | undefined
  /** Characters at most; longer ones are refused, never cut. @default 256 */
  readonly maxLength?: number | undefined
  /** Least score of the meter, 0 to 4. 3 means a hundred million guesses. @default 3 */
  readonly minScore?: number | undefined
  /** Names that anybody would try first: of the product, the company, the host. */
  readonly words?: readonly string[] | undefined
  /** Asks a service for passwords from leaks. When it fails the password counts as not leaked. */
  readonly isCompromised?: ((password: string) => Promise<boolean>) | undefined
}

/** Why a password cannot be chosen. */
export type PasswordProblem =
  | { readonly reason: 'short'; readonly minLength: number }
  | { readonly reason: 'long'; readonly maxLength: number }
  /** Not a text, or not one that can be written down. */
  | { readonly reason: 'unreadable' }
  /** Many people have it, or it can be guessed as quickly; says how, in English. */
  | { readonly reason: 'common'; readonly warning: string }
  /** Little is left of it without this word. */
  | { readonly reason: 'context'; readonly word: string }
  | { readonly reason: 'compromised' }

/**
 * Rules for new passwords after NIST SP 800-63B-4: long enough, not too common. Nothing is demanded of
 * the characters, and passwords do not age.
 */
export interface PasswordRules {
  readonly minLength: number
  readonly maxLength: number
  /** Judges a password that somebody chose; null when it may be taken. */
  check(password: string, context?: PasswordContext): Promise<PasswordProblem | null>
  estimate(password: string, context?: PasswordContext): PasswordStrength
  /** For a meter, while somebody types: asks no service, and rates low what would be refused. */
  preview(password: string, context?: PasswordContext): PasswordPreview
  /** Whether nobody can have this password: it is too long, or no text. Cheap. */
  isImpossible(password: string): boolean
}

/** What a meter shows. */
export interface PasswordPreview {
  readonly score: PasswordStrength['score']
  readonly problem: PasswordProblem | null
}

/** What must be left of a password when the words that anybody would try are taken out. */
const leastRest = 8

const known = [
  'minLength',
  'maxLength',
  'minScore',
  'words',
  'isCompromised',
] as const satisfies readonly (keyof PasswordRulesOptions)[]

/** Makes {@link PasswordRules}. @throws {ConfigError} naming the setting that is wrong. */
export function createPasswordRules(options: PasswordRulesOptions = {}): PasswordRules {
  refuseUnknown('passwords', options, known)
  const minLength = requireInteger('passwords.minLength', options.minLength ?? 15, { min: 8 })
  // ASVS 6.2.9 and NIST want 64 to be possible.
  const max = { min: Math.max(64, minLength), max: 4096 }
  const maxLength = requireInteger('passwords.maxLength', options.maxLength ?? 256, max)
  const minScore = requireInteger('passwords.minScore', options.minScore ?? 3, { min: 0, max: 4 })
  const ownWords = wordsOf(...(options.words ?? []))
  const { isCompromised = async () => false } = options
  const tools = createTools()

  const wordsFor = ({ email, name }: PasswordContext): readonly string[] => [
    ...ownWords,
    ...wordsOf(email?.split('@')[0], email?.split('@')[1]?.replace(/\.[^.]*$/, ''), name),
  ]

  function checkText(password: string): PasswordProblem | null {
    if (typeof password !== 'string' || !password.isWellFormed()) return { reason: 'unreadable' }
    // Characters are code points; there are at least half as many as there are UTF-16 units.
    const isFarTooLong = password.length > 2 * maxLength
    const length = isFarTooLong ? password.length : [...password].length
    if (length > maxLength) return { reason: 'long', maxLength }
    return length < minLength ? { reason: 'short', minLength } : null
  }

  function checkGuessing(password: string, words: readonly string[]): PasswordProblem | null {
    if (tools().blocklist.has(password)) return { reason: 'common', warning: '' }
    const { rest, word } = withoutWords(password, words)
    if (word !== null && [...rest].length < leastRest) return { reason: 'context', word }
    const { score, warning } = tools().estimate(password, words)
    return score < minScore ? { reason: 'common', warning } : null
  }

  const estimate: PasswordRules['estimate'] = (password, context = {}) =>
    tools().estimate(password, wordsFor(context))

  const refusalOf = (password: string, context: PasswordContext): PasswordProblem | null =>
    checkText(password) ?? checkGuessing(password, wordsFor(context))

  return {
    minLength,
    maxLength,
    async check(password, context = {}) {
      const problem = refusalOf(password, context)
      if (problem !== null) return problem
      const isLeaked = await isCompromised(password).catch(() => false)
      return isLeaked ? { reason: 'compromised' } : null
    },
    estimate,
    preview(password, context = {}) {
      const problem = refusalOf(password, context)
      if (problem?.reason === 'unreadable') return { score: 0, problem }
      const { score } = estimate(password, context)
      return { score: problem !== null && score > 1 ? 1 : score, problem }
    },
    isImpossible(password) {
      const problem = checkText(password)
      return problem?.reason === 'long' || problem?.reason === 'unreadable'
    },
  }
}

/** The lists take time and memory, and are made when the first password is chosen. */
function createTools(): () => { blocklist: Blocklist; estimate: StrengthEstimator } {
  let tools: { blocklist: Blocklist; estimate: StrengthEstimator } | null = null
  return () => {
    tools ??= { blocklist: createBlocklist(), estimate: createStrengthEstimator() }
    return tools
  }
}
