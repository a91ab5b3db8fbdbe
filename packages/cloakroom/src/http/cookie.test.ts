import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Cookie,
  findCookies,
  isHostName,
  isWithinPath,
  maxCookieAgeMs,
  parseCookies,
  serializeCookie,
} from './cookie.ts'

const now = Date.UTC(2026, 0, 1)

function serialize(fields: Partial<Cookie>): string {
  return serializeCookie({ name: 'a', value: 'b', sameSite: 'lax', ...fields }, now)
}

function characters(text: string): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...text), minLength: 1, maxLength: 40 })
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const cookieName = characters(`${letters}!#&'*+-.^_\`|~`)
const cookieValue = characters(`${letters}!#$&'()*+-./:<=>?@[]^_\`{|}~`)

describe('parseCookies', () => {
  it('keeps every pair in order, repeated names included', () => {
    expect(parseCookies('a=1; b=2;a=3;\tc = 4 ')).toEqual([
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
      { name: 'a', value: '3' },
      { name: 'c', value: '4' },
    ])
  })

  it('leaves out what has no name and what RFC 2965 put there', () => {
    expect(parseCookies('$Version=1; bare; =nameless; ; a=; $Path=/')).toEqual([
      { name: 'a', value: '' },
    ])
  })

  it('keeps equals signs and quotes as part of the value', () => {
    expect(parseCookies('a="x=y"')).toEqual([{ name: 'a', value: '"x=y"' }])
  })

  it('decodes percent escapes, and leaves a value with a broken one as it is', () => {
    expect(parseCookies('a=%E2%82%AC; b=%; c=%zz; d=100%25')).toEqual([
      { name: 'a', value: '€' },
      { name: 'b', value: '%' },
      { name: 'c', value: '%zz' },
      { name: 'd', value: '100%' },
    ])
  })

  it('does not take other Unicode spaces for blanks', () => {
    expect(parseCookies('\u00a0__Host-a=1; \ufeffb=2')).toEqual([
      { name: '\u00a0__Host-a', value: '1' },
      { name: '\ufeffb', value: '2' },
    ])
  })

  it('gives names such as __proto__ no special meaning', () => {
    expect(parseCookies('__proto__=x; constructor=y')).toEqual([
      { name: '__proto__', value: 'x' },
      { name: 'constructor', value: 'y' },
    ])
  })

  it('stops after 200 pairs', () => {
    expect(parseCookies('a=1;'.repeat(500))).toHaveLength(200)
  })

  it('drops the pair that the 16 KB limit cuts, and all after it', () => {
    const pairs = parseCookies(`a=${'x'.repeat(16_000)}; b=${'y'.repeat(1000)}; c=1`)
    expect(pairs.map(pair => pair.name)).toEqual(['a'])
    expect(parseCookies(`a=${'x'.repeat(20_000)}`)).toEqual([])
  })

  it('finds the values of one name as among all pairs', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '__Host-a',
      '=',
      ';',
      ' ',
      '\t',
      '$',
      '%41',
      'x',
      '\u00a0',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), parts => {
        const header = parts.join('')
        for (const name of ['a', 'b', '__Host-a', '$a', '']) {
          const pairs = parseCookies(header).filter(pair => pair.name === name)
          expect(findCookies(header, name)).toEqual(pairs.map(pair => pair.value))
        }
      }),
    )
    expect(findCookies(`${'b=0;'.repeat(200)}a=1`, 'a')).toEqual([])
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), header => {
        expect(() => parseCookies(header)).not.toThrow()
      }),
    )
  })

  it('reads back what serializeCookie wrote', () => {
    const pairs = fc.array(fc.record({ name: cookieName, value: cookieValue }), { maxLength: 8 })
    fc.assert(
      fc.property(pairs, cookies => {
        const header = cookies.map(each => serialize(each).split('; ')[0]).join('; ')
        expect(parseCookies(header)).toEqual(cookies)
      }),
    )
  })

  it('reads back any text that was percent-encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), text => {
        const line = serialize({ value: encodeURIComponent(text) })
        expect(parseCookies(line.split('; ')[0] ?? '')).toEqual([{ name: 'a', value: text }])
      }),
    )
  })
})

describe('serializeCookie', () => {
  it('writes the fewest attributes for a browser session', () => {
    expect(serialize({})).toBe('a=b; Path=/; SameSite=Lax')
  })

  it('writes every attribute', () => {
    expect(
      serialize({
        domain: 'example.test',
        path: '/app',
        expiresAt: now + 60_000,
        secure: true,
        httpOnly: true,
        sameSite: 'none',
        partitioned: true,
      }),
    ).toBe(
      'a=b; Max-Age=60; Expires=Thu, 01 Jan 2026 00:01:00 GMT; Domain=example.test; Path=/app; Secure; HttpOnly; SameSite=None; Partitioned',
    )
  })

  it('accepts a domain with a leading dot and writes it without', () => {
    expect(serialize({ domain: '.example.test' })).toContain('; Domain=example.test;')
  })

  it('clears with an age of 0 and a date long past, once the end is reached', () => {
    expect(serialize({ expiresAt: now })).toBe(
      'a=b; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=Lax',
    )
  })

  it('rounds the last second of a life up, so that the cookie is not cleared early', () => {
    expect(serialize({ expiresAt: now + 1 })).toContain('Max-Age=1;')
  })

  it('writes 400 days and refuses more', () => {
    expect(serialize({ expiresAt: now + maxCookieAgeMs })).toContain('Max-Age=34560000;')
    expect(() => serialize({ expiresAt: now + maxCookieAgeMs + 1 })).toThrow(/400 days/)
    expect(() => serialize({ expiresAt: Number.NaN })).toThrow(/400 days/)
  })

  it('writes 4096 octets of name and value and refuses more', () => {
    expect(serialize({ value: 'x'.repeat(4095) })).toContain('x;')
    expect(() => serialize({ value: 'x'.repeat(4096) })).toThrow(/4096/)
  })

  it('refuses an attribute of more than 1024 octets', () => {
    expect(serialize({ path: `/${'x'.repeat(1023)}` })).toContain('x;')
    expect(() => serialize({ path: `/${'x'.repeat(1024)}` })).toThrow(/cookie\.path/)
  })

  it.each<[string, Partial<Cookie>, string]>([
    ['SameSite=None without Secure', { sameSite: 'none' }, 'cookie.sameSite'],
    ['Partitioned without Secure', { partitioned: true }, 'cookie.partitioned'],
    ['a SameSite that is none', { sameSite: 'Lax' as 'lax' }, 'cookie.sameSite'],
    ['an empty name', { name: '' }, 'cookie.name'],
    ['a name that parsing leaves out', { name: '$a' }, 'cookie.name'],
    ['a relative path', { path: 'app' }, 'cookie.path'],
    ['an empty path', { path: '' }, 'cookie.path'],
    ['an empty domain', { domain: '' }, 'cookie.domain'],
    ['a domain with a port', { domain: 'example.test:80' }, 'cookie.domain'],
    ['a domain that is not ASCII', { domain: 'exämple.test' }, 'cookie.domain'],
  ])('refuses %s', (_, fields, name) => {
    expect(() => serialize(fields)).toThrow(
      expect.objectContaining({
        code: 'ERR_COOKIE_UNSAFE',
        message: expect.stringContaining(name),
      }),
    )
  })
})

describe('isWithinPath', () => {
  it.each([
    ['/admin', '/admin'],
    ['/admin?x=1', '/admin'],
    ['/admin/', '/admin'],
    ['/admin/users', '/admin'],
    ['/admin/users', '/admin/'],
    ['/', '/'],
    ['/anything', '/'],
  ])('finds %s within %s', (url, path) => {
    expect(isWithinPath(url, path)).toBe(true)
  })

  it.each([
    ['/admin-ui', '/admin'],
    ['/adm', '/admin'],
    ['/admin', '/admin/'],
    ['/?/admin', '/admin'],
    ['/Admin', '/admin'],
  ])('finds %s outside %s', (url, path) => {
    expect(isWithinPath(url, path)).toBe(false)
  })
})

describe('isHostName', () => {
  it('accepts names of letters, digits and hyphens', () => {
    expect(['a', 'localhost', 'a-b.example.test', '127.0.0.1'].every(isHostName)).toBe(true)
  })

  it('refuses everything else', () => {
    const others = ['', '.a', 'a.', 'a..b', '-a', 'a-', 'a_b', 'a b', '[::1]', 'x'.repeat(64)]
    expect(others.filter(isHostName)).toEqual([])
    expect(isHostName(`${'a.'.repeat(127)}a`)).toBe(false)
  })
})
