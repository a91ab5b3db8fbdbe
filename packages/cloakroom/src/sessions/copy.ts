/**
 * Copies what a session can hold, as it would come back from the store and in memory of its own.
 * A tenth of the time of packing and unpacking it.
 *
 * Take only what `requireStorable` lets pass.
 */
export function copyValue<Value>(value: Value): Value {
  // Adding turns −0 into 0.
  if (typeof value === 'number') return (value + 0) as Value
  return typeof value === 'object' && value !== null ? (copyObject(value) as Value) : value
}

/** Keeps a copy of a value as it is now, and gives another on each call. */
export function keepCopy<Value>(value: Value): () => Value {
  const kept = copyValue(value)
  return () => copyValue(kept)
}

function copyObject(value: object): object {
  if (Array.isArray(value)) return value.map(copyValue)
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof Map) {
    return new Map(Array.from(value, ([key, part]) => [copyValue(key), copyValue(part)]))
  }
  if (value instanceof Set) return new Set(Array.from(value, copyValue))
  const copy: Record<string, unknown> = { ...value }
  for (const key of Object.keys(copy)) copy[key] = copyValue(copy[key])
  return copy
}

/**
 * Whether a value is plainly the same as a copy of what is stored. False for whatever takes a closer
 * look: dates, sets, bytes, and all that a session cannot hold.
 */
export function isPlainlySame(stored: unknown, value: unknown): boolean {
  if (stored === value || (Number.isNaN(stored) && Number.isNaN(value))) return true
  if (typeof stored !== 'object' || typeof value !== 'object') return false
  if (stored === null || value === null) return false
  if (Array.isArray(stored) !== Array.isArray(value)) return false
  const isPlain = isOfPlainKind(stored) && isOfPlainKind(value)
  return isPlain && hasSameParts(stored as Parts, value as Parts)
}

type Parts = Readonly<Record<string, unknown>>

function isOfPlainKind(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === (Array.isArray(value) ? Array.prototype : Object.prototype)
}

/** By the same names in the same order, and nothing else; the length shows gaps at a list's end. */
function hasSameParts(stored: Parts, value: Parts): boolean {
  const expected = Object.keys(stored)
  const names = Object.keys(value)
  return (
    names.length === expected.length &&
    stored['length'] === value['length'] &&
    names.every((name, at) => name === expected[at] && isPlainlySame(stored[name], value[name])) &&
    Object.getOwnPropertySymbols(value).length === 0
  )
}
