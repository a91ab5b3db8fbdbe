/** What a password should not be made of because anybody would try it first. */
export interface PasswordContext {
  readonly email?: string | undefined
  readonly name?: string | undefined
}

/** Shorter words are found in too many good passwords. */
const shortestWord = 4

/** The words in texts such as a product's name, a host, an address or a person's name. */
export function wordsOf(...texts: readonly (string | undefined)[]): readonly string[] {
  const words = texts.flatMap(text => {
    const folded = (text ?? '').normalize('NFC').toLowerCase()
    const parts = folded.split(/[^\p{L}\p{N}]+/u)
    return [...parts, parts.join('')]
  })
  return [...new Set(words)].filter(word => [...word].length >= shortestWord)
}

/** A password without the words it contains, and the first of them. */
export function withoutWords(
  password: string,
  words: readonly string[],
): { readonly rest: string; readonly word: string | null } {
  let rest = password.normalize('NFC').toLowerCase()
  let first: string | null = null
  for (const word of words.toSorted((left, right) => right.length - left.length)) {
    if (!rest.includes(word)) continue
    first ??= word
    rest = rest.replaceAll(word, '')
  }
  return { rest, word: first }
}
