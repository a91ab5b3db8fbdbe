import { isDeepStrictEqual } from 'node:util'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyValues, storableValues } from '../../../../test/support/storable-values.ts'
import { createCodec } from './codec.ts'
import { requireStorable } from './storable.ts'

const codec = createCodec()
/** A worker that starts with what another has written. */
const throughRedis = (value: unknown): unknown => createCodec().decode(codec.encode(value))

describe('createCodec', () => {
  it('gives every storable value back as it was', () => {
    fc.assert(
      fc.property(storableValues, value => {
        requireStorable(value)
        expect(isDeepStrictEqual(throughRedis(value), value)).toBe(true)
        expect(codec.isSame(codec.decode(codec.encode(value)), value)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives back all that is not refused', () => {
    fc.assert(
      fc.property(anyValues, value => {
        try {
          requireStorable(value)
        } catch {
          return
        }
        expect(isDeepStrictEqual(throughRedis(value), usual(value))).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('reads values of many shapes in any order', () => {
    const shapes = Array.from({ length: 300 }, (_, index) => ({
      [`name${index}`]: index,
      [`other${index}`]: { [`deep${index % 7}`]: true },
    }))
    const stored = shapes.map(shape => codec.encode(shape))
    const reader = createCodec()
    for (const index of [299, 0, 150, 0, 299, 1, 298]) {
      expect(reader.decode(stored[index] ?? new Uint8Array())).toEqual(shapes[index])
    }
  })

  it('gives 0 for −0', () => {
    expect(throughRedis([-0])).toStrictEqual([0])
    expect(codec.isSame(-0, 0)).toBe(true)
  })

  it('gives an invalid date back as one', () => {
    expect(throughRedis({ at: new Date(Number.NaN) })).toEqual({ at: new Date(Number.NaN) })
  })

  it('gives bytes of every kind back as Uint8Array, in memory of their own', () => {
    const { bytes } = throughRedis({ bytes: Buffer.from('abc'), pad: 'x'.repeat(1000) }) as {
      bytes: Uint8Array
    }
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    expect(bytes.buffer.byteLength).toBe(3)
  })

  it('deflates where that pays, and only there', () => {
    const text = 'the same words again and again '.repeat(20)
    expect(codec.encode(text).byteLength).toBeLessThan(100)
    expect(codec.encode('theme dark').byteLength).toBeLessThanOrEqual(12)
    const noise = Uint8Array.from({ length: 200 }, (_, index) => (index * 7919) % 251)
    expect(codec.encode(noise).byteLength).toBeLessThan(210)
  })

  it('reads what another deflater wrote', () => {
    const stored =
      'AbtS5DBlKdiVyyCeWAJSsgLmpiUgpy8F+2vSlSLHyYuLs0tXwExeCjZ5abB3qK4h02kH4wYGEHAECxgxsq5HeCM5P7GkGAA='
    expect(codec.decode(Buffer.from(stored, 'base64'))).toEqual({
      theme: 'dark',
      locale: 'en-GB',
      cart: [
        { sku: 'SKU-1', quantity: 2, price: 19.5 },
        { sku: 'SKU-2', quantity: 1, price: 5 },
      ],
      lastPage: '/search?q=coats',
    })
  })

  it('gives back values of every size', () => {
    for (const length of [3000, 3500, 70_000]) {
      const text = Array.from({ length }, (_, index) => (index * 7919) % 251).join(' ')
      expect(throughRedis({ text })).toEqual({ text })
    }
  })

  it('refuses to pack what is larger than a session may be, however well it deflates', () => {
    const small = createCodec({ maxBytes: 1024 })
    expect(small.decode(small.encode('x'.repeat(1020)))).toHaveLength(1020)
    expect(() => small.encode('x'.repeat(1025))).toThrow(/1028 bytes.*`session\.maxBytes`.*1024/)
  })

  it('takes no memory for a value that inflates without end', () => {
    const bomb = deflateRawSync(Buffer.alloc(65 * 1024 * 1024))
    expect(() => codec.decode(Buffer.concat([Uint8Array.of(1), bomb]))).toThrow(/larger than/)
  })

  it('throws for bytes that are not its own', () => {
    expect(() => codec.decode(new Uint8Array())).toThrow(/packing/)
    expect(() => codec.decode(Uint8Array.of(2, 1))).toThrow(/packing/)
    expect(() => codec.decode(Uint8Array.of(0, 1, 1))).toThrow()
    expect(() => codec.decode(Uint8Array.of(1, 255, 255))).toThrow()
  })
})

describe('isSame', () => {
  it('compares by what would be stored', () => {
    const at = new Date(5)
    expect(codec.isSame({ a: [1, { b: at }] }, { a: [1, { b: new Date(5) }] })).toBe(true)
    expect(codec.isSame(Number.NaN, Number.NaN)).toBe(true)
  })

  it.each<[unknown, unknown]>([
    [1, '1'],
    [1, 1n],
    [null, undefined],
    [{ a: 1 }, { a: 1, b: undefined }],
    [new Map([['a', 1]]), { a: 1 }],
    [[1], new Set([1])],
    ['a', 'b'],
  ])('tells %s from %s', (left, right) => {
    expect(codec.isSame(left, right)).toBe(false)
  })
})

/** What stands for a value once it is stored: see {@link requireStorable}. */
function usual(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) return value.map(usual)
  if (value instanceof Set) return new Set([...value].map(usual))
  if (value instanceof Map)
    return new Map([...value].map(([key, part]) => [usual(key), usual(part)]))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, usual(part)]))
}
