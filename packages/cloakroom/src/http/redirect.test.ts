import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeRedirectPath } from './redirect.ts'

const pages = ['https://app.test/account/login?next=x', 'http://app.test/']
const nasty = fc.string({
  unit: fc.constantFrom(...'/\\.:@?#%\t\n\r ev', '//', 'http', 'https', 'app.test', 'evil.test'),
  maxLength: 12,
})

describe('safeRedirectPath', () => {
  it.each([
    '/',
    '/account',
    '/account?tab=1#top',
    '/a/b/',
    '/search?next=https://evil.test/',
    '/a//b',
    '/%5cevil.test',
    '/@evil.test',
    '/:80',
  ])('keeps the path %s', path => {
    expect(safeRedirectPath(path)).toBe(path)
  })

  it('answers what the parser made of a path', () => {
    expect(safeRedirectPath('/a/../b/./c d')).toBe('/b/c%20d')
    expect(safeRedirectPath('/grüße')).toBe('/gr%C3%BC%C3%9Fe')
  })

  it.each<unknown>([
    '',
    'account',
    '?x',
    '#x',
    'javascript:alert(1)',
    'data:x',
    ' /a',
    null,
    7,
    {},
  ])('answers %j with the fallback', target => {
    expect(safeRedirectPath(target, { fallback: '/home' })).toBe('/home')
  })

  it('answers a target of more than 2048 characters with the fallback', () => {
    expect(safeRedirectPath(`/${'x'.repeat(2048)}`)).toBe('/')
  })

  it('goes to an allowed origin', () => {
    const options = { origins: ['https://good.test', 'http://localhost:3000'] }
    expect(safeRedirectPath('https://good.test/a?b#c', options)).toBe('https://good.test/a?b#c')
    expect(safeRedirectPath('HTTPS://GOOD.test', options)).toBe('https://good.test/')
    expect(safeRedirectPath('http://localhost:3000/', options)).toBe('http://localhost:3000/')
  })

  it('never leaves the site, whatever the target', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' }), fc.webUrl()), target => {
        const location = safeRedirectPath(target)
        for (const page of pages) {
          expect(new URL(location, page).origin).toBe(new URL(page).origin)
        }
        expect(location).toMatch(/^\/[\x21-\x7e]*$/)
      }),
      { numRuns: 2000 },
    )
  })

  it('never goes further than the allowed origins', () => {
    const origins = ['https://good.test']
    const start = fc.constantFrom('https://good.test', 'https:/good.test', '//good.test', '/')
    fc.assert(
      fc.property(start, nasty, (head, rest) => {
        const url = new URL(safeRedirectPath(head + rest, { origins }), 'https://app.test/')
        expect(['https://app.test', 'https://good.test']).toContain(url.origin)
        expect(url.username + url.password).toBe('')
      }),
      { numRuns: 2000 },
    )
  })
})
