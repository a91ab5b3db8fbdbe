import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTarget } from './target.ts'

describe('readTarget', () => {
  it('keeps a path as it is, and reads it as servers do', () => {
    expect(readTarget('/a%20b/%C3%A4;v=1/?q=%2F//&x=..')).toEqual({
      ok: true,
      path: '/a%20b/%C3%A4;v=1/',
      search: '?q=%2F//&x=..',
      decoded: '/a b/ä;v=1/',
    })
  })

  it.each([
    ['a whole address', 'http://shop.example/', 'no-path'],
    ['an asterisk', '*', 'no-path'],
    ['nothing', '', 'no-path'],
    ['a second host', '//shop.example/', 'empty-segment'],
    ['an empty segment', '/a//b', 'empty-segment'],
    ['a backslash', '/a\\b', 'character'],
    ['a fragment', '/a#b', 'character'],
    ['a fragment in the query', '/a?b#c', 'character'],
    ['a space', '/a b', 'character'],
    ['a letter that is not ASCII', '/ä', 'character'],
    ['a line break', '/a\nb', 'character'],
    ['an encoded slash', '/a%2fb', 'encoded-slash'],
    ['an encoded backslash', '/a%5Cb', 'encoded-slash'],
    ['an encoded NUL', '/a%00', 'control-character'],
    ['an encoded line break', '/a%0Ab', 'control-character'],
    ['an encoded delete', '/a%7f', 'control-character'],
    ['what is encoded twice', '/a%252fb', 'double-encoding'],
    ['a stray percent sign', '/100%', 'encoding'],
    ['half a percent sign', '/a%2', 'encoding'],
    ['a dot in bytes too many', '/%c0%ae', 'encoding'],
    ['bytes that are no UTF-8', '/%ff', 'encoding'],
    ['a segment of a dot', '/a/./b', 'dot-segment'],
    ['a segment of two dots', '/a/../b', 'dot-segment'],
    ['two dots at the end', '/a/..', 'dot-segment'],
    ['encoded dots', '/a/%2e%2E/b', 'dot-segment'],
    ['half encoded dots', '/a/.%2e/b', 'dot-segment'],
    ['dots with a parameter', '/a/..;x=1/b', 'dot-segment'],
    ['dots with a query within', '/a/..%3fb', 'dot-segment'],
    ['dots and spaces', '/a/.%20./b', 'dot-segment'],
  ])('refuses %s', (_what, url, reason) => {
    expect(readTarget(url)).toEqual({ ok: false, reason })
  })

  it('lets nothing pass that parsers of addresses change', () => {
    const part = fc.constantFrom(
      '/',
      '.',
      '..',
      'a',
      '%2e',
      '%2F',
      '%5c',
      '\\',
      ';',
      '%25',
      '?',
      '#',
      '%00',
      '//',
      '%',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), parts => {
        const url = `/${parts.join('')}`
        const target = readTarget(url)
        if (!target.ok) return
        const parsed = new URL(`http://app.example${url}`)
        expect(parsed.host).toBe('app.example')
        expect(parsed.pathname).toBe(target.path)
        expect(decodeURIComponent(parsed.pathname)).toBe(target.decoded)
        expect(
          new URL(target.decoded.replaceAll('%', '%25'), 'http://app.example').pathname.split('/')
            .length,
        ).toBe(target.path.split('/').length)
      }),
      { numRuns: 2000 },
    )
  })
})
