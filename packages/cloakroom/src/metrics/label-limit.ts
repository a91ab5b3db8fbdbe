/**
 * Lets so many different values of a label through, and gives others one name. A client, or somebody
 * who can write to Redis, must not fill the memory with time series.
 */
export function createLabelLimit(most: number = 50): (value: string) => string {
  const known = new Set<string>()
  return value => {
    if (known.has(value)) return value
    if (known.size >= most) return 'other'
    known.add(value)
    return value
  }
}
