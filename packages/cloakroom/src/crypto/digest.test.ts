import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { asBuffer, utf8 } from '../core/bytes.ts'
import { deriveKey, hmacSha256, importKey, sha256, sha256Text } from './digest.ts'

const hex = (bytes: Uint8Array): string => asBuffer(bytes).toString('hex')

describe('sha256', () => {
  it('gives the digest of FIPS 180-4', () => {
    const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(hex(sha256('abc'))).toBe(expected)
    expect(hex(sha256(utf8('abc')))).toBe(expected)
  })

  it('hashes a text as UTF-8', () => {
    expect(sha256('ü😀')).toEqual(sha256(utf8('ü😀')))
  })
})

describe('sha256Text', () => {
  it('is the digest in base64url without padding', () => {
    expect(sha256Text('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  })
})

describe('hmacSha256', () => {
  it('gives the code of RFC 4231, test case 2', () => {
    const code = hmacSha256(importKey(utf8('Jefe')), 'what do ya want for nothing?')
    expect(hex(code)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
  })
})

describe('importKey', () => {
  it('copies the bytes', () => {
    const bytes = new Uint8Array(32).fill(7)
    const key = importKey(bytes)
    const before = hmacSha256(key, 'message')
    bytes.fill(0)
    expect(hmacSha256(key, 'message')).toEqual(before)
  })

  it('shows none of them when printed', () => {
    const key = importKey(utf8('a-key-that-nobody-may-ever-see'))
    const printed = inspect(key, { showHidden: true, depth: 9 }) + JSON.stringify(key)
    expect(printed).not.toContain('nobody')
    expect(printed).not.toContain(asBuffer(utf8('nobody')).toString('hex'))
  })
})

describe('deriveKey', () => {
  const secret = utf8('input key material')

  it('never changes within this version of the scheme', () => {
    expect(hex(deriveKey(secret, 'purpose'))).toBe(
      '39b51f23abbe87d1b959c2a0ebe94fd3402f178f86b764474f37ebed6525856a',
    )
  })

  it('gives another key for another purpose', () => {
    expect(deriveKey(secret, 'one')).not.toEqual(deriveKey(secret, 'two'))
  })

  it('gives 32 bytes unless told otherwise', () => {
    expect(deriveKey(secret, 'purpose')).toHaveLength(32)
    expect(deriveKey(secret, 'purpose', 16)).toEqual(deriveKey(secret, 'purpose').subarray(0, 16))
  })

  it('takes a secret in either form', () => {
    expect(deriveKey(importKey(secret), 'purpose')).toEqual(deriveKey(secret, 'purpose'))
  })
})
