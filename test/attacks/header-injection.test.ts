import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import { ConfigError } from '../../packages/cloakroom/src/core/errors.ts'
import { createCspWriter } from '../../packages/cloakroom/src/http/content-security-policy.ts'
import { type Cookie, serializeCookie } from '../../packages/cloakroom/src/http/cookie.ts'
import { createCookieManager } from '../../packages/cloakroom/src/http/cookie-manager.ts'
import type { CookieOptions } from '../../packages/cloakroom/src/http/cookie-options.ts'
import { createSecurityHeaders } from '../../packages/cloakroom/src/http/headers.ts'
import { safeRedirectPath } from '../../packages/cloakroom/src/http/redirect.ts'

const smuggled = [
  'a=b; Max-Age=9; c',
  'a;Domain=evil.test',
  'a b',
  'a=b',
  'a\r\nSet-Cookie: x=1',
  'a\nb',
  'a\rb',
  'a\u0000b',
  'a,b',
  'a\tb',
  'a"b',
]

function create(options: CookieOptions): void {
  createCookieManager(options, {
    signer: null,
    clock: createManualClock(),
    onWarning: () => {},
    production: true,
  })
}

function serialize(fields: Partial<Cookie>): string {
  return serializeCookie({ name: 'a', value: 'b', sameSite: 'lax', ...fields }, 0)
}

const unsafe = expect.objectContaining({ code: 'ERR_COOKIE_UNSAFE' })

describe('header injection through the settings of a cookie', () => {
  it.each(smuggled)('refuses %j as name, path and domain at start', text => {
    expect(() => create({ name: text })).toThrow(unsafe)
    expect(() => create({ path: `/${text}` })).toThrow(unsafe)
    expect(() => create({ domain: `${text}.test` })).toThrow(unsafe)
    expect(() => create({ legacy: [{ name: text }] })).toThrow(unsafe)
    expect(() => create({ legacy: [{ path: `/${text}` }] })).toThrow(unsafe)
    expect(() => create({ legacy: [{ domain: `${text}.test` }] })).toThrow(unsafe)
  })

  it.each(smuggled)('refuses %j when a cookie is written', text => {
    expect(() => serialize({ name: text })).toThrow(unsafe)
    expect(() => serialize({ path: `/${text}` })).toThrow(unsafe)
    expect(() => serialize({ domain: text })).toThrow(unsafe)
  })

  it.each(smuggled.filter(text => text !== 'a=b'))('refuses %j as a value', text => {
    expect(() => serialize({ value: text })).toThrow(unsafe)
  })

  it('accepts a domain with a leading dot', () => {
    expect(() => create({ domain: '.example.test' })).not.toThrow()
  })

  it('writes what it was given and nothing else, or refuses', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 })
    const sneaky = fc.string({ unit: fc.constantFrom(...'ab=;,. \r\n\t"\\/%'), maxLength: 12 })
    const any = fc.oneof(text, sneaky)
    const cookies = fc.record({ name: any, value: any, path: any, domain: any })
    fc.assert(
      fc.property(cookies, ({ name, value, path, domain }) => {
        try {
          const line = serialize({ name, value, path: `/${path}`, domain })
          const host = domain.replace(/^\./, '')
          expect(line).toBe(`${name}=${value}; Domain=${host}; Path=/${path}; SameSite=Lax`)
          expect(line).toMatch(/^[\x20-\x7e]*$/)
          expect(line.split(';')).toHaveLength(4)
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('header injection through security headers', () => {
  it.each(["'self'\r\nset-cookie: a=1", "'self'; script-src *", "'self', script-src *"])(
    'refuses the source %j',
    source => {
      expect(() => createCspWriter({ 'img-src': [source] })).toThrow(ConfigError)
    },
  )

  it('refuses a nonce that ends its quotes', () => {
    const { headersFor } = createSecurityHeaders()
    const nonce = "0123456789012345678901' *"
    expect(() => headersFor({ isSecure: true, nonce })).toThrow(ConfigError)
  })

  it('refuses a permission that ends its list', () => {
    const permissionsPolicy = { camera: ['self), geolocation=(*'] }
    expect(() => createSecurityHeaders({ permissionsPolicy })).toThrow(ConfigError)
  })
})

describe('header injection through Location', () => {
  it.each(['/a\r\nset-cookie: a=1', '/a\nb', '/a\u0000', '/\r\n\r\n<script>'])(
    'does not redirect to %j',
    target => {
      expect(safeRedirectPath(target)).toBe('/')
    },
  )
})
