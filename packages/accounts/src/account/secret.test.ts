import { describe, expect, it } from 'vitest'
import { newSecret } from './secret.ts'

describe('newSecret', () => {
  it('gives 256 bits that never come again, each as often 0 as 1 [ASVS 6.5.3, 6.5.4]', () => {
    const secrets = Array.from({ length: 4000 }, newSecret)
    expect(new Set(secrets).size).toBe(secrets.length)
    const ones = new Uint32Array(256)
    for (const secret of secrets) {
      const bytes = Buffer.from(secret, 'base64url')
      expect(bytes).toHaveLength(32)
      for (let bit = 0; bit < 256; bit += 1)
        ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1)
    }
    // Six standard deviations: by chance alone, once in two million runs.
    for (const count of ones) expect(Math.abs(count - 2000)).toBeLessThan(190)
  })
})
