import { describe, expect, it } from 'vitest'
import { codeAddress, newCodeSecret, stepOfCode } from './one-time-codes.ts'

/** The key of RFC 6238, appendix B, for SHA-1: `12345678901234567890`. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

describe('stepOfCode', () => {
  // Six of their eight digits: the last ones, as section 5.3 of RFC 4226 has it.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('knows the code of RFC 6238 at second %d', (second, code) => {
    expect(stepOfCode({ secret, code, at: second * 1000 })).toBe(Math.floor(second / 30))
  })

  it('takes the codes of the steps before and after, and of no other [ASVS 6.5.5, 6.5.8]', () => {
    const step = Math.floor(1_111_111_111 / 30)
    const at = (steps: number) => (step + steps) * 30_000
    const code = '050471'
    expect([-2, -1, 0, 1, 2].map(steps => stepOfCode({ secret, code, at: at(steps) }))).toEqual([
      null,
      step,
      step,
      step,
      null,
    ])
  })

  it.each(['', '50471', '0050471', '05047x', '٠٥٠٤٧١', '050 471', '      '])('refuses %j', code => {
    expect(stepOfCode({ secret, code, at: 1_111_111_111_000 })).toBeNull()
  })
})

describe('newCodeSecret', () => {
  it('gives 160 bits that never come again [ASVS 6.5.3, 6.5.4]', () => {
    const secrets = Array.from({ length: 50 }, newCodeSecret)
    expect(new Set(secrets).size).toBe(50)
    for (const each of secrets) expect(each).toMatch(/^[A-Z2-7]{32}$/)
  })
})

describe('codeAddress', () => {
  it('names the product, the account and how codes are made', () => {
    const address = codeAddress({ secret, product: 'Shop & Co', email: 'ada+1@example.org' })
    const url = new URL(address)
    expect(`${url.protocol}//${url.host}`).toBe('otpauth://totp')
    expect(decodeURIComponent(url.pathname)).toBe('/Shop & Co:ada+1@example.org')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      issuer: 'Shop & Co',
      secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })
})
