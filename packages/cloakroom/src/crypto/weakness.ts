/** In characters. */
const shortestSecret = 32

const placeholders =
  /change[-_ ]?(me|this|it)|replace[-_ ]?(me|this|it|with)|your[-_ ]?(own|secret|session|cookie|key|super|very|random)|placeholder|super[-_ ]?secret|keyboard[-_ ]cat|at[-_ ]least[-_ ]32|32[-_ ]char/i

/**
 * What is wrong with a secret, as the end of a sentence, or null.
 *
 * It finds what was plainly not made by a random generator; it cannot tell that one was.
 */
export function findWeakness(secret: unknown): string | null {
  if (typeof secret !== 'string') return 'is missing or no text'
  const { length } = secret
  if (length < shortestSecret) return `has ${length} characters and needs ${shortestSecret} or more`
  if (isRepetition(secret)) return 'repeats itself'
  if (new Set(secret).size < 6) return 'has fewer than 6 different characters'
  if (placeholders.test(secret)) return 'is a placeholder from an example'
  return null
}

/** A text that consists of a shorter one, written several times, is found again inside its double. */
function isRepetition(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length
}
