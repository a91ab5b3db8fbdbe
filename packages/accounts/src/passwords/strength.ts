import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common'
import { dictionary as english, translations } from '@zxcvbn-ts/language-en'

/** How well a password resists guessing, for a meter. */
export interface PasswordStrength {
  /** 0 to 4, as a meter shows it. */
  readonly score: 0 | 1 | 2 | 3 | 4
  /** Guesses it takes, as a power of ten. */
  readonly guessesLog10: number
  /** What is wrong with it, in English; empty when nothing is. */
  readonly warning: string
  readonly suggestions: readonly string[]
}

/** Estimates passwords. */
export type StrengthEstimator = (password: string, words?: readonly string[]) => PasswordStrength

/** The estimate takes time by the square of the length, on the thread that serves everybody. */
const longestEstimated = 64

/**
 * Makes a {@link StrengthEstimator}. It takes a tenth of a second and 30 MB; an estimate takes some
 * milliseconds.
 */
export function createStrengthEstimator(): StrengthEstimator {
  const zxcvbn = new ZxcvbnFactory({
    dictionary: { ...common, ...english },
    graphs: adjacencyGraphs,
    translations,
    // With the default of 100 a password of 256 characters takes seconds, for the same answer.
    l33tMaxSubstitutions: 3,
    maxLength: longestEstimated,
  })
  return (password, words = []) => {
    const result = zxcvbn.check(password.slice(0, longestEstimated), [...words])
    return {
      score: result.score,
      guessesLog10: result.guessesLog10,
      warning: result.feedback.warning ?? '',
      suggestions: result.feedback.suggestions,
    }
  }
}
