import type { CallRefusal } from '../client/client.ts'
import { type ComponentTexts, fill } from './texts.ts'

/** Says a refusal that has nothing to do with what was typed. */
export function sayRefusal(
  { reason, problem }: CallRefusal<string>,
  texts: ComponentTexts,
): string {
  const wait = problem?.retryAfterSeconds ?? null
  return reason === 'limited' && wait !== null ? fill(texts.limited, wait) : texts.failed
}

/** Says what is wrong with a new password. */
export function sayPassword({ problem }: CallRefusal<string>, texts: ComponentTexts): string {
  const { reason, minLength = 0 } = problem?.password ?? {}
  return reason === 'short' ? fill(texts.shortPassword, minLength) : texts.badPassword
}
