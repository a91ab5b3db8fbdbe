import { describe, expect, it } from 'vitest'
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts'

describe('newRecoveryCodes', () => {
  it('gives ten codes of 125 bits that never come again [ASVS 6.5.3, 6.5.4]', () => {
    const all = Array.from({ length: 20 }, () => newRecoveryCodes().codes).flat()
    expect(new Set(all).size).toBe(200)
    for (const code of all)
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/)
    const letters = all.join('').replaceAll('-', '')
    const counts = [...new Set(letters)].map(letter => letters.split(letter).length - 1)
    expect(counts).toHaveLength(32)
    // Each of the 32 is expected 156 times.
    expect(Math.min(...counts)).toBeGreaterThan(90)
    expect(Math.max(...counts)).toBeLessThan(230)
  })

  it('gives hashes under which the codes are found, and none of the codes [ASVS 6.5.2]', () => {
    const { codes, hashes } = newRecoveryCodes()
    expect(codes.map(hashRecoveryCode)).toEqual(hashes)
    expect(hashes.join()).not.toContain(codes[0])
  })
})

describe('hashRecoveryCode', () => {
  const hash = hashRecoveryCode('01ABC-DEFGH-JKMNP-QRSTV-WXYZ0')

  it.each([
    '01abcdefghjkmnpqrstvwxyz0',
    ' 01ABC DEFGH JKMNP QRSTV WXYZ0 ',
    'OIABC-DEFGH-JKMNP-QRSTV-WXYZo',
    'olABC-DEFGH-JKMNP-QRSTV-WXYZ0',
  ])('knows a code that was typed as %j', typed => {
    expect(hashRecoveryCode(typed)).toBe(hash)
  })

  it.each(['', '01ABC', '01ABC-DEFGH-JKMNP-QRSTV-WXYZ01', 'U1ABC-DEFGH-JKMNP-QRSTV-WXYZ0'])(
    'refuses %j',
    typed => {
      expect(hashRecoveryCode(typed)).toBeNull()
    },
  )
})
