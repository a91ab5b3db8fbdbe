import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  asBuffer,
  concatBytes,
  equalBytes,
  equalTexts,
  fromBase64Url,
  fromUtf8,
  toBase64Url,
  utf8,
} from './bytes.ts'

const anyBytes = fc.uint8Array({ maxLength: 80 })

describe('utf8', () => {
  it('encodes every script', () => {
    expect([...utf8('aé林🧥')]).toEqual([
      0x61, 0xc3, 0xa9, 0xe6, 0x9e, 0x97, 0xf0, 0x9f, 0xa7, 0xa5,
    ])
  })

  it('is undone by fromUtf8, a byte order mark included', () => {
    expect(fromUtf8(utf8('\ufeffcoat'))).toBe('\ufeffcoat')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(fromUtf8(utf8(text))).toBe(text)
      }),
    )
  })
})

describe('fromUtf8', () => {
  it.each([
    ['a lone continuation byte', [0x80]],
    ['a text that is cut off', [0xf0, 0x9f, 0xa7]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['what lies beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that is never used', [0x61, 0xff]],
  ])('refuses %s', (_, bytes) => {
    expect(() => fromUtf8(Uint8Array.from(bytes))).toThrow(TypeError)
  })
})

describe('asBuffer', () => {
  it('shares the memory of a part of a larger array', () => {
    const whole = Uint8Array.of(1, 2, 3, 4)
    const buffer = asBuffer(whole.subarray(1, 3))
    expect([...buffer]).toEqual([2, 3])
    buffer[0] = 9
    expect([...whole]).toEqual([1, 9, 3, 4])
  })
})

describe('toBase64Url', () => {
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['foobar', 'Zm9vYmFy'],
  ])('encodes %j as in RFC 4648, section 10, without padding', (text, encoded) => {
    expect(toBase64Url(utf8(text))).toBe(encoded)
  })

  it('uses - and _', () => {
    expect(toBase64Url(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe('-_-_')
  })
})

describe('fromBase64Url', () => {
  it('gives back the bytes', () => {
    fc.assert(
      fc.property(anyBytes, bytes => {
        expect(Array.from(fromBase64Url(toBase64Url(bytes)) ?? [])).toEqual([...bytes])
      }),
    )
  })

  it('takes no text but the one that toBase64Url writes', () => {
    const near = fc.string({ unit: fc.constantFrom(...'AQgwZz09-_+/= \n.é'), maxLength: 8 })
    fc.assert(
      fc.property(near, text => {
        const bytes = fromBase64Url(text)
        fc.pre(bytes !== null)
        expect(toBase64Url(bytes)).toBe(text)
      }),
    )
  })

  it.each([
    'Zg==',
    'Zg=',
    '+/+/',
    'Zm9v\n',
    ' Zm9v',
    'Zm 9v',
    'Zh',
    'A',
    'Zm9vY',
    'Zm9\u0076\u0301',
  ])('refuses %j', text => {
    expect(fromBase64Url(text)).toBeNull()
  })
})

describe('concatBytes', () => {
  it('joins in order and copies', () => {
    const first = Uint8Array.of(1, 2)
    const joined = concatBytes(first, new Uint8Array(0), Uint8Array.of(3))
    first[0] = 9
    expect([...joined]).toEqual([1, 2, 3])
    expect(concatBytes()).toHaveLength(0)
  })
})

describe('equalBytes', () => {
  it('is true for the same bytes only', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  })

  it('is false, and does not throw, for other lengths', () => {
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false)
    expect(equalBytes(new Uint8Array(0), Uint8Array.of(0))).toBe(false)
  })
})

describe('equalTexts', () => {
  it('agrees with ===, unpaired surrogates included', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', 'e\u0301', '🧥', '\ud800', '\ufffd') })
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(equalTexts(left, right)).toBe(left === right)
      }),
    )
    expect(equalTexts('\ud800', '\ufffd')).toBe(false)
    expect(equalTexts('é', 'e\u0301')).toBe(false)
    expect(equalTexts('token', 'token')).toBe(true)
  })
})
