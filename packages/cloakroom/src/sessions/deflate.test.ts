import { inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../core/bytes.ts'
import { createDeflater } from './deflate.ts'

const dictionary = utf8('the red coat and the blue hat hang on the hooks of the cloakroom')

describe('createDeflater', () => {
  const { deflate, maxBytes } = createDeflater(dictionary)
  const inflate = (bytes: Uint8Array): number[] => [...inflateRawSync(bytes, { dictionary })]

  it('gives what zlib inflates, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: maxBytes, size: 'max' }), bytes => {
        expect(inflate(deflate(bytes))).toEqual([...bytes])
      }),
    )
  })

  it.each([1, 2, 3, 17, 200])('gives what zlib inflates of bytes of %i kinds', kinds => {
    fc.assert(
      fc.property(fc.array(fc.nat(kinds - 1), { maxLength: maxBytes, size: 'max' }), bytes => {
        expect(inflate(deflate(Uint8Array.from(bytes)))).toEqual(bytes)
      }),
    )
  })

  it('finds again what came before, of any length and at any distance', () => {
    const counting = Uint8Array.from({ length: maxBytes }, (_, at) => (at >> 8) + at * 31)
    for (let length = 1; length < 600; length += 1) {
      for (const distance of [length, 2 * length, 700].filter(far => far + length <= maxBytes)) {
        const bytes = counting.slice(0, distance + length)
        bytes.copyWithin(distance, 0, length)
        expect(inflate(deflate(bytes))).toEqual([...bytes])
      }
    }
  })

  it('takes what fills its window, and nothing', () => {
    for (const bytes of [new Uint8Array(maxBytes).fill(7), new Uint8Array(0)]) {
      expect(inflate(deflate(bytes))).toEqual([...bytes])
    }
  })

  it('writes little of what the dictionary holds', () => {
    const value = utf8('the red coat and the blue hat')
    expect(deflate(value).byteLength).toBeLessThan(6)
  })

  it('gives the same whatever it was given before, in memory of its own', () => {
    const value = utf8('a coat, another coat and a hat')
    const first = deflate(value)
    const copy = [...first]
    deflate(utf8('hats, hats and more hats'))
    expect([...first]).toEqual(copy)
    expect([...deflate(value)]).toEqual(copy)
  })
})
