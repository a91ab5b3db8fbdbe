import { ConfigError } from '../core/errors.ts'

/**
 * Refuses what would not come back as it was: functions, symbols, cycles, instances of classes,
 * broken text. What passes survives: plain objects and arrays, texts, numbers, booleans, null,
 * undefined, BigInt, Date, Map, Set and bytes.
 *
 * @throws {ConfigError} `ERR_VALUE_UNSTORABLE` with the path of the value.
 */
export function requireStorable(value: unknown, path = 'data'): void {
  visit(value, path, new Set())
}

function visit(value: unknown, path: string, above: Set<object>): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw unstorable(path, 'a text with half a surrogate pair')
    return
  }
  if (typeof value === 'function') throw unstorable(path, 'a function')
  if (typeof value === 'symbol') throw unstorable(path, 'a symbol')
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Date || value instanceof Uint8Array) return
  if (above.has(value)) throw unstorable(path, 'a cycle')
  above.add(value)
  for (const [key, part] of partsOf(value, path)) visit(part, key, above)
  above.delete(value)
}

function* partsOf(value: object, path: string): Iterable<[string, unknown]> {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) yield [`${path}[${index}]`, value[index]]
  } else if (value instanceof Map) {
    let index = 0
    for (const [key, part] of value) {
      yield [`${path}.keys()[${index}]`, key]
      yield [`${path}.values()[${index}]`, part]
      index += 1
    }
  } else if (value instanceof Set) {
    let index = 0
    for (const part of value) {
      yield [`${path}.values()[${index}]`, part]
      index += 1
    }
  } else {
    requirePlain(value, path)
    for (const [key, part] of Object.entries(value)) yield [`${path}.${key}`, part]
  }
}

function requirePlain(value: object, path: string): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) {
    throw unstorable(path, `an instance of ${value.constructor.name || 'a class'}`)
  }
  if (Object.hasOwn(value, '__proto__')) throw unstorable(`${path}.__proto__`, 'a forbidden name')
  if (Object.getOwnPropertySymbols(value).length > 0) throw unstorable(path, 'keyed by a symbol')
}

function unstorable(path: string, what: string): ConfigError {
  return new ConfigError(
    'ERR_VALUE_UNSTORABLE',
    `\`${path}\` is ${what}, which a session cannot hold. Store plain values.`,
  )
}
