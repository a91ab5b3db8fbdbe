import { describe, expect, it } from 'vitest'
import { ownOrigin, parseOrigins } from './origin.ts'

describe('parseOrigins', () => {
  it('accepts one origin, several, or none', () => {
    expect(parseOrigins(undefined)).toEqual([])
    expect(parseOrigins('https://a.test')).toEqual(['https://a.test'])
    expect(parseOrigins(['http://localhost:3000', 'https://a.test', 'https://a.test'])).toEqual([
      'http://localhost:3000',
      'https://a.test',
    ])
  })

  it.each([
    ['https://a.test/', 'https://a.test'],
    ['https://A.test', 'https://a.test'],
    ['https://a.test:443', 'https://a.test'],
    ['https://a.test/path', 'https://a.test'],
    ['https://user@a.test', 'https://a.test'],
  ])('says how to spell %s', (given, right) => {
    expect(() => parseOrigins(given)).toThrow(`Write \`${right}\`.`)
  })

  it.each(['null', '*', 'https://*.a.test', 'a.test', '//a.test', 'ftp://a.test', 'data:x', ''])(
    'refuses %o and names the setting',
    given => {
      expect(() => parseOrigins([given], 'csrf.trustedOrigins')).toThrow(
        expect.objectContaining({
          code: 'ERR_OPTION_INVALID',
          message: expect.stringContaining('`csrf.trustedOrigins` holds'),
        }),
      )
    },
  )

  it('refuses what is no text', () => {
    expect(() => parseOrigins([7 as unknown as string])).toThrow(/no origin/)
  })
})

describe('ownOrigin', () => {
  it.each([
    [true, 'a.test', 'https://a.test'],
    [false, 'a.test', 'http://a.test'],
    [true, 'a.test:443', 'https://a.test'],
    [false, 'a.test:80', 'http://a.test'],
    [true, 'a.test:80', 'https://a.test:80'],
    [false, '[::1]:3000', 'http://[::1]:3000'],
  ])('writes it as browsers do (secure %s, host %s)', (isSecure, host, origin) => {
    expect(ownOrigin({ isSecure, host })).toBe(origin)
  })

  it('is null without a host', () => {
    expect(ownOrigin({ isSecure: true, host: null })).toBeNull()
  })
})
