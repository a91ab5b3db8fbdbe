import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { setsOwnCookie, withoutOwnCookies } from './cookies.ts'
import { createHeaderScreen } from './names.ts'

describe('createHeaderScreen', () => {
  const screen = createHeaderScreen(['X-WEBAUTH-USER'])

  it.each([
    'x-cloakroom-user',
    'X-Cloakroom-User',
    'X_Cloakroom_User',
    'x-cloakroom_user',
    'x.cloakroom.user',
    'X-CLOAKROOM-ANYTHING',
    'x-webauth-user',
    'X_WEBAUTH_USER',
    'x-forwarded-for',
    'X_Forwarded_Proto',
    'x-forwarded-whatever',
    'forwarded',
    'x-real-ip',
    'x-original-url',
    'x-http-method-override',
    'connection',
    'te',
  ])('refuses %s', name => {
    expect(screen.isRefused(name)).toBe(true)
  })

  it.each(['cookie', 'host', 'origin', 'accept', 'x-csrf-token', 'x-cloak', 'authorization'])(
    'lets %s pass',
    name => {
      expect(screen.isRefused(name)).toBe(false)
    },
  )

  it('knows a name however a server may read it', () => {
    const separator = fc.constantFrom('-', '_', '.', '~', '!')
    fc.assert(
      fc.property(separator, separator, fc.array(fc.boolean()), (first, second, upper) => {
        const name = `x${first}cloakroom${second}roles`
          .split('')
          .map((letter, at) => (upper[at] === true ? letter.toUpperCase() : letter))
        expect(screen.isRefused(name.join(''))).toBe(true)
      }),
    )
  })
})

describe('withoutOwnCookies', () => {
  it.each([
    ['a=1; __Host-Http-cloakroom=secret; b=2', 'a=1; b=2'],
    ['cloakroom=secret', undefined],
    ['cloakroom-visitor=x; __Host-cloakroom-csrf=y; cloakroom-loop=1', undefined],
    ['_streamlit_xsrf=2|5a1b|c0|17; cloakroom=s', '_streamlit_xsrf=2|5a1b|c0|17'],
    ['a="q uo"; b=%20;c', 'a="q uo"; b=%20;c'],
    ['cloakrooms=mine', 'cloakrooms=mine'],
    [' CLOAKROOM =x', undefined],
    [undefined, undefined],
  ])('%s becomes %s', (header, expected) => {
    expect(withoutOwnCookies(header)).toBe(expected)
  })
})

describe('setsOwnCookie', () => {
  it('finds ours among those that an app sets', () => {
    expect(setsOwnCookie('cloakroom=planted; Path=/')).toBe(true)
    expect(setsOwnCookie('session=cloakroom')).toBe(false)
  })
})
