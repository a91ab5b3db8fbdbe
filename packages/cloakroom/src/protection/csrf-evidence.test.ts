import { describe, expect, it } from 'vitest'
import { judgeHeaders } from './csrf-evidence.ts'

const policy = { trustedOrigins: ['https://partner.test'], allowSameSite: false }

function judge(site: string | undefined, origin: string | undefined, change: object = {}): string {
  const headers: Record<string, string | undefined> = { 'sec-fetch-site': site, origin }
  const request = { header: (name: string) => headers[name], ownOrigins: ['https://app.test'] }
  return judgeHeaders(request, { ...policy, ...change })
}

describe('judgeHeaders', () => {
  it.each([
    ['same-origin', undefined, 'same-origin'],
    ['same-origin', 'null', 'same-origin'],
    ['none', undefined, 'same-origin'],
    ['same-site', 'https://other.app.test', 'same-site'],
    ['same-site', undefined, 'same-site'],
    ['same-site', 'https://partner.test', 'trusted'],
    ['same-site', 'https://app.test', 'trusted'],
    ['cross-site', 'https://evil.test', 'cross-site'],
    ['cross-site', undefined, 'cross-site'],
    ['cross-site', 'null', 'cross-site'],
    ['cross-site', 'https://partner.test', 'trusted'],
    [undefined, 'https://app.test', 'same-origin'],
    [undefined, 'https://partner.test', 'trusted'],
    [undefined, 'https://evil.test', 'origin-mismatch'],
    [undefined, 'null', 'opaque'],
    [undefined, undefined, 'absent'],
  ])('judges Sec-Fetch-Site %s with Origin %s as %s', (site, origin, evidence) => {
    expect(judge(site, origin)).toBe(evidence)
  })

  it.each(['', 'SAME-ORIGIN', 'same-origin, cross-site', 'same-origin ', 'future-value'])(
    'goes by Origin when Sec-Fetch-Site is "%s"',
    site => {
      expect(judge(site, 'https://evil.test')).toBe('origin-mismatch')
      expect(judge(site, undefined)).toBe('absent')
    },
  )

  it.each([
    'http://app.test',
    'https://app.test/',
    'https://app.test:443',
    'https://APP.test',
    'https://evil@app.test',
    'https://app.test.evil.test',
    'https://app.test, https://evil.test',
    'app.test',
    '',
  ])('does not take the origin "%s" for its own', origin => {
    expect(judge(undefined, origin)).toBe('origin-mismatch')
  })

  it('lets the same site pass when told so, and no other', () => {
    expect(judge('same-site', 'https://other.app.test', { allowSameSite: true })).toBe('trusted')
    expect(judge('cross-site', 'https://evil.test', { allowSameSite: true })).toBe('cross-site')
  })
})
