import { describe, expect, it } from 'vitest'
import { type CookieOptions, type ResolvedCookie, resolveCookie } from './cookie-options.ts'
import { csrfCookie, sessionCookie } from './cookie-role.ts'
import type { HttpWarning } from './warning.ts'

interface Resolved extends ResolvedCookie {
  readonly warnings: readonly HttpWarning[]
}

function resolve(options: CookieOptions, change: { isProduction?: boolean } = {}): Resolved {
  const warnings: HttpWarning[] = []
  const onWarning = (warning: HttpWarning): number => warnings.push(warning)
  const role = sessionCookie
  const resolved = resolveCookie(options, { role, isProduction: false, onWarning, ...change })
  return { ...resolved, warnings }
}

describe('resolveCookie', () => {
  it('chooses the strictest cookie without a word', () => {
    const { shape, loopbackShape, legacy, warnings } = resolve({})
    expect(shape).toEqual({
      name: '__Host-Http-cloakroom',
      domain: undefined,
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'lax',
      partitioned: false,
    })
    expect(loopbackShape).toBe(shape)
    expect([legacy, warnings]).toEqual([[], []])
  })

  it('falls back as far as the settings demand and says why', () => {
    const { shape, warnings } = resolve({ domain: 'example.test', path: '/app' })
    expect(shape.name).toBe('__Secure-cloakroom')
    expect(warnings.map(each => each.code)).toEqual(['cookie-prefix'])
    expect(warnings[0]?.message).toMatch(/`cookie\.domain` is set, `cookie\.path` is not/)
    expect(resolve({ secure: false }).shape.name).toBe('cloakroom')
  })

  it('makes a readable cookie bound to the host without a word', () => {
    const warnings: HttpWarning[] = []
    const onWarning = (warning: HttpWarning): number => warnings.push(warning)
    const { shape } = resolveCookie({}, { role: csrfCookie, isProduction: true, onWarning })
    expect(shape).toMatchObject({ name: '__Host-cloakroom-csrf', httpOnly: false, secure: true })
    expect(warnings).toEqual([])
  })

  it('takes a given name as it is', () => {
    const { shape, warnings } = resolve({ name: 'sid', domain: 'example.test' })
    expect([shape.name, warnings]).toEqual(['sid', []])
  })

  it('drops prefix and Secure for loopback hosts in development, and says so', () => {
    const options = { development: true, sameSite: 'none', partitioned: true } as const
    const { shape, loopbackShape, warnings } = resolve(options)
    expect(shape).toMatchObject({ name: '__Host-Http-cloakroom', secure: true, sameSite: 'none' })
    expect(loopbackShape).toMatchObject({
      name: 'cloakroom',
      secure: false,
      httpOnly: true,
      sameSite: 'lax',
      partitioned: false,
    })
    expect(warnings.map(each => each.code)).toEqual(['cookie-development'])
    const named = resolve({ development: true, name: '__Host-sid', sameSite: 'strict' })
    expect(named.loopbackShape).toMatchObject({ name: 'sid', sameSite: 'strict' })
  })

  it('gives legacy cookies the name that their settings would have had', () => {
    const { legacy } = resolve({
      legacy: [
        { domain: 'example.test' },
        { name: 'sid', path: '/app' },
        { secure: false, partitioned: false },
      ],
    })
    expect(legacy.map(({ name, domain, path }) => [name, domain, path])).toEqual([
      ['__Secure-cloakroom', 'example.test', '/'],
      ['sid', undefined, '/app'],
      ['cloakroom', undefined, '/'],
    ])
  })

  it('takes null for a legacy cookie that had no domain', () => {
    const { legacy } = resolve({ domain: 'example.test', legacy: [{ domain: null }, {}] })
    expect(legacy.map(each => each.domain)).toEqual([undefined, 'example.test'])
    expect(legacy.map(each => each.name)).toEqual(['__Host-Http-cloakroom', '__Secure-cloakroom'])
  })

  it.each([{ development: true }, { secure: false }])('refuses %j in production', options => {
    expect(() => resolve(options, { isProduction: true })).toThrow(
      expect.objectContaining({
        code: 'ERR_COOKIE_UNSAFE',
        message: expect.stringContaining(`\`cookie.${Object.keys(options)[0]}\``),
      }),
    )
  })

  it.each<[unknown, string]>([
    [{ maxAge: 5 }, '`cookie.maxAge` is not a setting'],
    [{ httpOnly: false }, '`cookie.httpOnly` is not a setting'],
    [{ sameSite: 'Lax' }, '`cookie.sameSite`'],
    [{ sameSite: 'none', secure: false }, '`cookie.sameSite`'],
    [{ name: '__Host-sid', domain: 'example.test' }, '`cookie.domain` is set'],
    [{ name: 'a b' }, '`cookie.name`'],
    [{ legacy: [{ name: 'a;b' }] }, '`cookie.name`'],
    [{ legacy: [{ sameSite: 'lax' }] }, '`cookie.legacy.sameSite` is not a setting'],
  ])('refuses %j', (options, message) => {
    expect(() => resolve(options as CookieOptions)).toThrow(message)
  })
})
