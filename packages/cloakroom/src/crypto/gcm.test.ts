import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asBuffer, utf8 } from '../core/bytes.ts'
import { SealError } from '../core/errors.ts'
import { randomBytes } from '../core/random.ts'
import { createGcm } from './gcm.ts'

const key = new Uint8Array(32).map((_, index) => index)
const gcm = createGcm(key)
const here = utf8('here')
const anyBytes = fc.uint8Array({ maxLength: 300 })

describe('createGcm', () => {
  it('gives what test case 16 of the GCM specification gives', () => {
    const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
    const caseKey = bytes('feffe9928665731c6d6a8f9467308308'.repeat(2))
    const nonce = bytes('cafebabefacedbaddecaf888')
    const plain = bytes(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    )
    const aad = bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2')
    const sealed = createGcm(caseKey, () => nonce).sealBytes(plain, aad)
    expect(asBuffer(sealed).toString('hex')).toBe(
      'cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    )
  })

  it('opens whatever bytes it sealed', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (plain, aad) => {
        const opened = gcm.openBytes(gcm.sealBytes(plain, aad), aad)
        expect(Array.from(opened)).toEqual([...plain])
      }),
    )
  })

  it('refuses a value with any one bit flipped', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(), fc.nat(7), (plain, place, bit) => {
        const sealed = gcm.sealBytes(plain, here)
        const index = place % sealed.byteLength
        sealed[index] = (sealed[index] ?? 0) ^ (1 << bit)
        expect(() => gcm.openBytes(sealed, here)).toThrow(SealError)
      }),
    )
  })

  it('refuses a value that is cut anywhere', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(), (plain, place) => {
        const sealed = gcm.sealBytes(plain, here)
        const length = place % sealed.byteLength
        expect(() => gcm.openBytes(sealed.subarray(0, length), here)).toThrow(SealError)
        expect(() => gcm.openBytes(sealed.subarray(length + 1), here)).toThrow(SealError)
      }),
    )
  })

  it('refuses a value in another context or under another key', () => {
    const sealed = gcm.sealBytes(utf8('text'), here)
    expect(() => gcm.openBytes(sealed, utf8('there'))).toThrow(SealError)
    expect(() => createGcm(randomBytes(32)).openBytes(sealed, here)).toThrow(SealError)
  })

  it('refuses a tag that was shortened, genuine as it is', () => {
    const options = { authTagLength: 4 }
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce, options).setAAD(here)
    const text = cipher.update('a text longer than the rest of a tag')
    cipher.final()
    const sealed = Buffer.concat([nonce, text, cipher.getAuthTag()])
    expect(() => gcm.openBytes(sealed, here)).toThrow(SealError)
  })

  it('uses no nonce twice', () => {
    const nonces = Array.from({ length: 1000 }, () =>
      asBuffer(gcm.sealBytes(utf8('same'), here)).toString('hex', 0, 12),
    )
    expect(new Set(nonces).size).toBe(1000)
  })

  it.each([0, 16, 24, 31, 33])('refuses a key of %i bytes', length => {
    expect(() => createGcm(new Uint8Array(length))).toThrow(/32 bytes/)
  })
})
