import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, ownerOf } from './store.ts'
import { isSessionId, issueFirstToken, issueToken, parseToken } from './token.ts'

const owner = 'AAAabcdefghi'

describe('issueFirstToken', () => {
  it('begins with the owner, and with the bucket', () => {
    const { id, text } = issueFirstToken(owner)
    expect(isSessionId(id)).toBe(true)
    expect(ownerOf(id)).toBe(owner)
    expect(bucketOf(id)).toBe('AAA')
    expect(text.slice(0, 22)).toBe(id)
  })

  it('never gives a token twice, nor two that share a part [ASVS 7.2.3]', () => {
    const texts = Array.from({ length: 20_000 }, () => issueFirstToken(owner).text)
    expect(new Set(texts).size).toBe(20_000)
    expect(new Set(texts.map(text => text.slice(22, 33))).size).toBe(20_000)
  })

  it('has every bit of the secret set as often as not [ASVS 7.2.3]', () => {
    const counts = new Array<number>(256).fill(0)
    for (let count = 0; count < 4000; count += 1) {
      const secret = Buffer.from(issueFirstToken(owner).text.slice(22), 'base64url')
      for (let bit = 0; bit < 256; bit += 1) {
        counts[bit] = (counts[bit] ?? 0) + (((secret[bit >> 3] ?? 0) >> (bit & 7)) & 1)
      }
    }
    // Eight standard deviations around the half.
    expect(Math.max(...counts)).toBeLessThan(2253)
    expect(Math.min(...counts)).toBeGreaterThan(1747)
  })

  it('keeps the first half of the SHA-256 of the whole', () => {
    const token = issueFirstToken(owner)
    const whole = createHash('sha256').update(token.text).digest()
    expect(Buffer.from(token.digest)).toEqual(whole.subarray(0, 16))
  })
})

describe('issueToken', () => {
  it('gives a session another secret', () => {
    const first = issueFirstToken(owner)
    const second = issueToken(first.id)
    expect(second.id).toBe(first.id)
    expect(second.text.slice(22)).toHaveLength(43)
    expect(second.text.slice(22, 33)).not.toBe(first.text.slice(22, 33))
  })
})

describe('parseToken', () => {
  it('reads what was issued', () => {
    const token = issueFirstToken(owner)
    expect(parseToken(token.text)).toEqual(token)
  })

  it('knows one text for each token', () => {
    const { text } = issueFirstToken(owner)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(text.slice(-1))
    // The last character holds four bits: the two others must be zero.
    const siblings = [1, 2, 3].map(low => text.slice(0, -1) + alphabet[last | low])
    expect(siblings.map(parseToken)).toEqual([null, null, null])
  })

  it.each([
    '',
    'x',
    'A'.repeat(64),
    'A'.repeat(66),
    `${'A'.repeat(64)}=`,
    `${'A'.repeat(64)}\n`,
    `${'A'.repeat(65)}\n`,
    `${'A'.repeat(64)}é`,
    ` ${'A'.repeat(64)}`,
    `${'A'.repeat(64)}+`,
  ])('refuses %j', text => {
    expect(parseToken(text)).toBeNull()
  })

  it('refuses every other text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), text => {
        expect(parseToken(text)).toBeNull()
      }),
    )
  })
})

describe('isSessionId', () => {
  it('is true for 22 characters of base64url', () => {
    expect(isSessionId('A_-9'.padEnd(22, 'z'))).toBe(true)
    expect(['', 'A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}.`].some(isSessionId)).toBe(false)
  })
})
