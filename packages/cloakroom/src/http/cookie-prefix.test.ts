import { describe, expect, it } from 'vitest'
import {
  choosePrefix,
  type PrefixedCookie,
  requirePrefixRules,
  withoutPrefix,
} from './cookie-prefix.ts'

const strict: Omit<PrefixedCookie, 'name'> = {
  secure: true,
  httpOnly: true,
  domain: undefined,
  path: '/',
}

describe('requirePrefixRules', () => {
  it.each(['__Host-Http-a', '__Host-a', '__Http-a', '__Secure-a', 'a'])(
    'accepts %s when all demands are met',
    name => {
      expect(() => requirePrefixRules({ ...strict, name })).not.toThrow()
    },
  )

  it.each<[string, Partial<PrefixedCookie>, string]>([
    ['__Host-Http-a', { httpOnly: false }, '`cookie.httpOnly` is off'],
    ['__Host-Http-a', { secure: false }, '`cookie.secure` is off'],
    ['__Host-Http-a', { domain: 'example.test' }, '`cookie.domain` is set'],
    ['__Host-Http-a', { path: '/a' }, '`cookie.path` is not `/`'],
    ['__Host-a', { secure: false }, '`cookie.secure` is off'],
    ['__Host-a', { domain: 'example.test' }, '`cookie.domain` is set'],
    ['__Host-a', { path: '/a' }, '`cookie.path` is not `/`'],
    ['__Http-a', { httpOnly: false }, '`cookie.httpOnly` is off'],
    ['__Http-a', { secure: false }, '`cookie.secure` is off'],
    ['__Secure-a', { secure: false }, '`cookie.secure` is off'],
  ])('refuses %s with %o', (name, change, message) => {
    expect(() => requirePrefixRules({ ...strict, name, ...change })).toThrow(message)
  })

  it.each(['__HOST-a', '__host-http-a', '__secure-a'])('refuses the spelling %s', name => {
    expect(() => requirePrefixRules({ ...strict, name })).toThrow(/exactly so/)
  })

  it('does not ask a readable `__Host-` cookie for HttpOnly', () => {
    expect(() => requirePrefixRules({ ...strict, name: '__Host-a', httpOnly: false })).not.toThrow()
  })
})

describe('choosePrefix', () => {
  it.each<[Partial<PrefixedCookie>, string]>([
    [{}, '__Host-Http-'],
    [{ httpOnly: false }, '__Host-'],
    [{ domain: 'example.test' }, '__Secure-'],
    [{ path: '/a' }, '__Secure-'],
    [{ secure: false }, ''],
  ])('answers a cookie with %o by "%s"', (change, prefix) => {
    expect(choosePrefix({ ...strict, ...change }).prefix).toBe(prefix)
  })

  it('names every setting in the way', () => {
    const { hindrances } = choosePrefix({ ...strict, domain: 'example.test', path: '/a' })
    expect(hindrances).toEqual(['`cookie.domain` is set', '`cookie.path` is not `/`'])
    expect(choosePrefix({ ...strict, httpOnly: false }).hindrances).toEqual([])
  })
})

describe('withoutPrefix', () => {
  it('takes the whole prefix off', () => {
    const names = ['__Host-Http-a', '__Host-a', '__Http-a', '__Secure-a', 'a']
    expect(names.map(withoutPrefix)).toEqual(['a', 'a', 'a', 'a', 'a'])
  })
})
