import { describe, expect, it } from 'vitest'
import { isPlainObject, requirePlainObject, requireStorable } from './storable.ts'

class Cart {
  items = []
}

const cyclic: Record<string, unknown> = {}
cyclic['self'] = { cyclic }

const nest = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = { deeper: value }
  return value
}

describe('requireStorable', () => {
  it.each<[string, unknown]>([
    ['every simple value', ['text', 1, -0, Number.NaN, 2n, true, null, undefined]],
    ['dates, valid or not', [new Date(0), new Date(Number.NaN)]],
    ['bytes', [new Uint8Array(3), Buffer.from('x')]],
    ['maps in maps with keys of any kind', new Map([[new Map([[{ a: 1 }, 1n]]), new Set([[]])]])],
    ['objects without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['names that objects have anyway', { constructor: 1, toJSON: 'x', hasOwnProperty: null }],
    [
      'a getter, as its value',
      {
        get now() {
          return 1
        },
      },
    ],
    ['one part in two places', (part => ({ left: part, right: part }))({ a: 1 })],
    ['ninety-nine levels', nest(99)],
  ])('accepts %s', (_name, value) => {
    expect(() => requireStorable({ value })).not.toThrow()
  })

  it.each<[string, unknown, string]>([
    ['a function', { onClick: () => 1 }, '`data.onClick` is a function'],
    ['a symbol', [1, Symbol('s')], '`data[1]` is a symbol'],
    ['an instance of a class', { cart: new Cart() }, '`data.cart` is an instance of Cart'],
    ['an array of a class', new (class List extends Array {})(), 'an instance of List'],
    ['a date of a class', new (class Day extends Date {})(), 'an instance of Day'],
    ['bytes of a class', new (class Bytes extends Uint8Array {})(), 'an instance of Bytes'],
    ['an object of a class that is not named', new (class {})(), 'an instance of a class'],
    ['an object of a bare prototype', Object.create(Object.create(null)), 'an instance of a class'],
    ['other typed arrays', new Float64Array(1), 'an instance of Float64Array'],
    ['an error', { last: new Error('x') }, 'an instance of Error'],
    ['a promise', Promise.resolve(), 'an instance of Promise'],
    ['a boxed text', Object('x'), 'an instance of String'],
    ['half a surrogate pair', { name: 'x\ud83e' }, '`data.name` is a text with half'],
    ['half a surrogate pair in a name', { a: { '\udde5': 1 } }, '`data.a` is a text with half'],
    ['half a surrogate pair in a key', new Map([['\ud83e', 1]]), '`data.keys()[0]` is a text'],
    ['a function in a map', new Map([['a', () => 1]]), '`data.values()[0]` is a function'],
    ['a function in a set', new Set([() => 1]), '`data.values()[0]` is a function'],
    ['a gap in an array', { list: Object.assign(new Array(2), [1]) }, '`data.list[1]` is a gap'],
    ['an endless array of gaps', new Array(4_294_967_295), '`data[0]` is a gap'],
    ['an array with named properties', 'x'.match(/x/), 'a list with named properties'],
    ['a map with properties', Object.assign(new Map(), { a: 1 }), 'Map with properties'],
    ['a set with properties', Object.assign(new Set(), { a: 1 }), 'Set with properties'],
    ['a date with properties', Object.assign(new Date(), { a: 1 }), 'Date with properties'],
    ['an object keyed by a symbol', { [Symbol('s')]: 1 }, 'keyed by a symbol'],
    ['a name that would set a prototype', JSON.parse('{"a":{"__proto__":{}}}'), 'data.a.__proto__'],
    ['a cycle', cyclic, '`data.self.cyclic` is a cycle'],
    ['a hundred and one levels', nest(101), 'more than 100 values deep'],
    ['a hundred thousand levels', nest(100_000), 'more than 100 values deep'],
  ])('refuses %s', (_name, value, problem) => {
    const check = () => requireStorable(value)
    expect(check).toThrow(problem)
    expect(check).toThrow(expect.objectContaining({ code: 'ERR_VALUE_UNSTORABLE' }))
  })
})

describe('requirePlainObject', () => {
  it('accepts objects, with a prototype or without', () => {
    expect(() => requirePlainObject({ a: 1 })).not.toThrow()
    expect(() => requirePlainObject(Object.create(null))).not.toThrow()
  })

  it.each<[unknown, string]>([
    [null, 'null'],
    [undefined, 'undefined'],
    ['text', 'a string'],
    [[], 'an instance of Array'],
    [new Map(), 'an instance of Map'],
    [new Cart(), 'an instance of Cart'],
  ])('refuses %j', (value, name) => {
    expect(() => requirePlainObject(value)).toThrow(`\`data\` is ${name} and not a plain object`)
  })
})

describe('isPlainObject', () => {
  it('is true for what {} makes alone', () => {
    expect([{}, Object.create(null)].every(isPlainObject)).toBe(true)
    expect([null, 1, [], new Map(), new Cart(), Object.create({})].some(isPlainObject)).toBe(false)
  })
})
