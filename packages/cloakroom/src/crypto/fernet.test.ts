import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../core/bytes.ts'
import { SealError } from '../core/errors.ts'
import { randomBytes } from '../core/random.ts'
import { hmacSha256, importKey } from './digest.ts'
import { createFernet, type Fernet, parseFernetKey } from './fernet.ts'

interface Vector {
  readonly desc: string
  readonly token: string
  readonly now: string
  readonly iv: readonly number[]
  readonly src: string
  readonly secret: string
  readonly ttl_sec: number
}

function readVectors(name: string): readonly Vector[] {
  const file = new URL(`./vectors/fernet/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8'))
}

function fernetOf(vector: Vector): Fernet {
  return createFernet(parseFernetKey(vector.secret))
}

function ageOf(vector: Vector): { ttlSeconds: number; now: number } {
  return { ttlSeconds: vector.ttl_sec, now: Date.parse(vector.now) }
}

const key = new Uint8Array(32).map((_, index) => index)
const fernet = createFernet(key)
const sealedAt = Date.UTC(2026, 0, 1)
const anyBytes = fc.uint8Array({ maxLength: 300 })

describe('the vectors of the Fernet specification', () => {
  it.each(readVectors('generate'))('seal gives the token of $src', vector => {
    const plain = utf8(vector.src)
    const iv = Uint8Array.from(vector.iv)
    expect(fernetOf(vector).seal(plain, Date.parse(vector.now), iv)).toBe(vector.token)
  })

  it.each(readVectors('verify'))('open gives $src', vector => {
    expect(fromUtf8(fernetOf(vector).open(vector.token, ageOf(vector)))).toBe(vector.src)
  })

  it.each(readVectors('invalid'))('open refuses: $desc', vector => {
    expect(() => fernetOf(vector).open(vector.token, ageOf(vector))).toThrow(SealError)
  })
})

describe('createFernet', () => {
  it('opens whatever bytes it sealed, as bytes and as text', () => {
    fc.assert(
      fc.property(anyBytes, plain => {
        expect(Array.from(fernet.openBytes(fernet.sealBytes(plain, sealedAt)))).toEqual([...plain])
        expect(Array.from(fernet.open(fernet.seal(plain, sealedAt)))).toEqual([...plain])
      }),
    )
  })

  it('refuses a token with any one bit flipped', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(), fc.nat(7), (plain, place, bit) => {
        const token = fernet.sealBytes(plain, sealedAt)
        const index = place % token.byteLength
        token[index] = (token[index] ?? 0) ^ (1 << bit)
        expect(() => fernet.openBytes(token)).toThrow(SealError)
      }),
    )
  })

  it('refuses a token that is cut or extended anywhere', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(), (plain, place) => {
        const token = fernet.sealBytes(plain, sealedAt)
        const length = place % token.byteLength
        expect(() => fernet.openBytes(token.subarray(0, length))).toThrow(SealError)
        expect(() => fernet.openBytes(token.subarray(length + 1))).toThrow(SealError)
        expect(() => fernet.openBytes(Uint8Array.of(...token, place))).toThrow(SealError)
      }),
    )
  })

  it('never seals the same value into the same token', () => {
    const tokens = Array.from({ length: 500 }, () => fernet.seal(utf8('same'), sealedAt))
    expect(new Set(tokens).size).toBe(500)
  })

  it('refuses what another key sealed', () => {
    const token = createFernet(randomBytes(32)).sealBytes(utf8('text'), sealedAt)
    expect(() => fernet.openBytes(token)).toThrow(SealError)
  })

  it('refuses a token of another version, however well signed', () => {
    const signed = fernet.sealBytes(utf8('text'), sealedAt).subarray(0, -32)
    signed[0] = 0x81
    const mac = hmacSha256(importKey(key.subarray(0, 16)), signed)
    expect(() => fernet.openBytes(Uint8Array.of(...signed, ...mac))).toThrow(SealError)
  })

  it('says the same about every bad token', () => {
    const messages = readVectors('invalid').map(vector => {
      try {
        return fernetOf(vector).open(vector.token, ageOf(vector))
      } catch (error) {
        return String(error)
      }
    })
    expect(new Set(messages).size).toBe(1)
  })

  it('opens only the one text that stands for a token', () => {
    const text = fernet.seal(utf8('hello'), sealedAt)
    expect(text).toMatch(/[^=]=$|==$/)
    expect(() => fernet.open(text.replace(/=+$/, ''))).toThrow(SealError)
    expect(() => fernet.open(`${text}=`)).toThrow(SealError)
    expect(() => fernet.open(`${text}\n`)).toThrow(SealError)
    expect(() => fernet.open(`${text}====`)).toThrow(SealError)
    expect(() => fernet.open('')).toThrow(SealError)
  })

  it('keeps a token until its last second and allows a clock 60 s behind', () => {
    const token = fernet.sealBytes(utf8('text'), sealedAt)
    const openAt = (seconds: number) => () =>
      fernet.openBytes(token, { ttlSeconds: 30, now: sealedAt + seconds * 1000 })
    expect(openAt(30)).not.toThrow()
    expect(openAt(31)).toThrow(SealError)
    expect(openAt(-60)).not.toThrow()
    expect(openAt(-61)).toThrow(SealError)
  })

  it('refuses rather than accepts when the age is not a number', () => {
    const token = fernet.sealBytes(utf8('text'), sealedAt)
    const open = (ttlSeconds: number, now: number) => () =>
      fernet.openBytes(token, { ttlSeconds, now })
    expect(open(Number.NaN, sealedAt)).toThrow(SealError)
    expect(open(30, Number.NaN)).toThrow(SealError)
  })

  it('looks at no clock unless asked to', () => {
    expect(fromUtf8(fernet.openBytes(fernet.sealBytes(utf8('old'), 0)))).toBe('old')
    expect(fromUtf8(fernet.openBytes(fernet.sealBytes(utf8('new'), 8.64e15)))).toBe('new')
  })

  it.each([0, 16, 31, 33, 64])('refuses a key of %i bytes', length => {
    expect(() => createFernet(new Uint8Array(length))).toThrow(/32 bytes/)
  })
})

describe('parseFernetKey', () => {
  it('reads the form of the specification', () => {
    expect(parseFernetKey('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=')).toHaveLength(32)
  })

  it.each([
    '',
    '=',
    'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4',
    'cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4=',
    'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e5=',
    'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4Q==',
  ])('refuses %j', text => {
    expect(() => parseFernetKey(text)).toThrow(/padded base64url/)
  })
})
