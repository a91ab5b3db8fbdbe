import { ConfigError } from '../core/errors.ts'

/** Values within values, at most; deeper ones are a mistake more often than data. */
const deepest = 100

/**
 * Refuses what would not come back as it was: functions, symbols, cycles, instances of classes, gaps
 * in arrays, broken text. What passes survives: plain objects and arrays, texts, numbers, booleans,
 * null, undefined, BigInt, Date, Map, Set and bytes.
 *
 * Equal is what comes back, with a few freedoms: −0 is 0, a Buffer is a Uint8Array, an object without
 * a prototype has one, a getter is its value, and a part that stands in two places is two parts.
 *
 * @throws {ConfigError} `ERR_VALUE_UNSTORABLE` with the path of the value.
 */
export function requireStorable(value: unknown, path = 'data'): void {
  visit(value, path, [])
}

/** Whether {@link requireStorable} lets a value pass. */
export function isStorable(value: unknown): boolean {
  try {
    requireStorable(value)
    return true
  } catch {
    return false
  }
}

/** Whether a value is an object as `{}` makes it, and not of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** @throws {ConfigError} `ERR_VALUE_UNSTORABLE` when session data is anything but a plain object. */
export function requirePlainObject(value: unknown): void {
  if (!isPlainObject(value)) throw unstorable('data', `${nameOf(value)} and not a plain object`)
}

function visit(value: unknown, path: string, above: object[]): void {
  if (typeof value === 'string') requireWellFormed(value, path)
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw unstorable(path, nameOf(value))
  }
  if (typeof value !== 'object' || value === null) return
  if (above.includes(value)) throw unstorable(path, 'a cycle')
  if (above.length >= deepest) throw unstorable(path, `more than ${deepest} values deep`)
  above.push(value)
  visitParts(value, path, above)
  above.pop()
}

function visitParts(value: object, path: string, above: object[]): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Array.prototype && Array.isArray(value)) {
    requireDense(value, path)
    visitAll(value, path, above)
  } else if (prototype === Map.prototype && value instanceof Map) {
    requireBare(value, path)
    visitAll([...value.keys()], `${path}.keys()`, above)
    visitAll([...value.values()], `${path}.values()`, above)
  } else if (prototype === Set.prototype && value instanceof Set) {
    requireBare(value, path)
    visitAll([...value], `${path}.values()`, above)
  } else if (prototype === Date.prototype && value instanceof Date) {
    requireBare(value, path)
  } else if (isPlainObject(value)) {
    visitObject(value, path, above)
  } else if (!isBytes(value, prototype)) {
    throw unstorable(path, nameOf(value))
  }
}

function visitAll(values: readonly unknown[], path: string, above: object[]): void {
  for (const [index, part] of values.entries()) visit(part, `${path}[${index}]`, above)
}

function visitObject(value: Record<string, unknown>, path: string, above: object[]): void {
  if (Object.getOwnPropertySymbols(value).length > 0) throw unstorable(path, 'keyed by a symbol')
  for (const [key, part] of Object.entries(value)) {
    if (key === '__proto__') throw unstorable(`${path}.__proto__`, 'a forbidden name')
    requireWellFormed(key, path)
    visit(part, `${path}.${key}`, above)
  }
}

function isBytes(value: object, prototype: unknown): boolean {
  if (prototype !== Uint8Array.prototype && prototype !== Buffer.prototype) return false
  return value instanceof Uint8Array
}

function requireWellFormed(text: string, path: string): void {
  if (!text.isWellFormed()) throw unstorable(path, 'a text with half a surrogate pair')
}

function requireDense(list: readonly unknown[], path: string): void {
  for (let index = 0; index < list.length; index += 1) {
    if (!Object.hasOwn(list, index)) throw unstorable(`${path}[${index}]`, 'a gap')
  }
  if (Object.keys(list).length > list.length) throw unstorable(path, 'a list with named properties')
}

function requireBare(value: object, path: string): void {
  if (Object.keys(value).length > 0) throw unstorable(path, `${nameOf(value)} with properties`)
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  const maker: unknown = value.constructor
  return `an instance of ${(typeof maker === 'function' && maker.name) || 'a class'}`
}

function unstorable(path: string, what: string): ConfigError {
  return new ConfigError(
    'ERR_VALUE_UNSTORABLE',
    `\`${path}\` is ${what}, which a session cannot hold. Store plain values.`,
  )
}
