import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyValues, storableValues } from '../../../../test/support/storable-values.ts'
import { createCodec } from './codec.ts'
import { copyValue, isPlainlySame, keepCopy } from './copy.ts'
import { isStorable } from './storable.ts'

const codec = createCodec()
const throughRedis = (value: unknown): unknown => codec.decode(codec.encode(value))

describe('copyValue', () => {
  it('gives what would come back from the store, for all that may go there', () => {
    fc.assert(
      fc.property(anyValues, value => {
        if (!isStorable(value)) return
        expect(isDeepStrictEqual(copyValue(value), throughRedis(value))).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('gives 0 for −0, and an invalid date for one', () => {
    expect(copyValue([-0])).toStrictEqual([0])
    expect(copyValue(new Date(Number.NaN))).toEqual(new Date(Number.NaN))
  })

  it('shares nothing that can be changed', () => {
    const value = {
      list: [{ n: 1 }],
      map: new Map([['a', { n: 1 }]]),
      set: new Set([{ n: 1 }]),
      at: new Date(5),
      bytes: Buffer.from('abc'),
    }
    const copy = copyValue(value)
    for (const part of [copy.list[0], copy.map.get('a'), ...copy.set])
      Object.assign(part ?? {}, { n: 2 })
    copy.list.push({ n: 3 })
    copy.at.setTime(6)
    copy.bytes[0] = 0
    expect(value).toEqual({
      list: [{ n: 1 }],
      map: new Map([['a', { n: 1 }]]),
      set: new Set([{ n: 1 }]),
      at: new Date(5),
      bytes: Buffer.from('abc'),
    })
  })
})

describe('keepCopy', () => {
  it('keeps a value as it was, apart from what becomes of it and of its copies', () => {
    const value = { cart: ['a'] }
    const read = keepCopy(value)
    value.cart.push('b')
    read().cart.push('c')
    expect(read()).toEqual({ cart: ['a'] })
  })
})

describe('isPlainlySame', () => {
  it('finds a copy the same, where it is made of objects, lists and plain values alone', () => {
    const value = { a: [1, { b: 'x', c: null }], d: undefined, e: Number.NaN, f: 1n, g: [] }
    expect(isPlainlySame(value, copyValue(value))).toBe(true)
    expect(isPlainlySame([0], [-0])).toBe(true)
  })

  it('says it of nothing that would be stored in another way, or not at all', () => {
    fc.assert(
      fc.property(storableValues, anyValues, (stored, value) => {
        if (!isPlainlySame(stored, value)) return
        expect(isStorable(value)).toBe(true)
        expect(Buffer.from(codec.encode(value)).equals(codec.encode(stored))).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it.each<[string, unknown, unknown]>([
    ['another value', { a: 1 }, { a: 2 }],
    ['another type', { a: 1 }, { a: '1' }],
    ['a further key', { a: 1 }, { a: 1, b: undefined }],
    ['a missing key', { a: 1, b: undefined }, { a: 1 }],
    ['another key', { a: undefined }, { b: undefined }],
    ['another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['a list for an object', {}, []],
    ['an object for a list', [], {}],
    ['a longer list', [1], [1, 2]],
    ['a gap', [undefined], new Array(1)],
    ['a gap at the end', [1], Object.assign([1], { length: 2 })],
    ['a list with a named property', [1], Object.assign([1], { named: 1 })],
    ['a key that is a symbol', {}, { [Symbol('s')]: 1 }],
    ['an object of a class', { a: 1 }, Object.assign(new (class Cart {})(), { a: 1 })],
    ['a list of a class', [1], new (class List extends Array {})(1).fill(1)],
    ['null', {}, null],
    ['a function', {}, () => 1],
    ['something deep inside', { a: [{ b: [1] }] }, { a: [{ b: [2] }] }],
  ])('tells %s from what is stored', (_name, stored, value) => {
    expect(isPlainlySame(stored, value)).toBe(false)
  })
})
