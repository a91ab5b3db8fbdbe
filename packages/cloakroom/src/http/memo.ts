/**
 * Remembers what a function answered for the texts that it was last asked about.
 *
 * Null is not remembered, so that rubbish cannot push out what is worth keeping; nor is anything
 * about a text of more than 512 characters.
 *
 * @param size how many answers are kept; the oldest goes first.
 */
export function rememberRecent<Answer>(
  size: number,
  compute: (text: string) => Answer | null,
): (text: string) => Answer | null {
  const recent = new Map<string, Answer>()
  // One iterator for good: a new one would have to pass all places of texts that have left.
  const oldestFirst = recent.keys()
  return text => {
    const known = recent.get(text)
    if (known !== undefined) return known
    const answer = compute(text)
    if (answer === null || text.length > 512) return answer
    recent.set(text, answer)
    if (recent.size > size) recent.delete(oldestFirst.next().value ?? '')
    return answer
  }
}
