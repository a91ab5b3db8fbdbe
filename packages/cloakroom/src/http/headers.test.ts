import { describe, expect, it } from 'vitest'
import { createNonces } from './content-security-policy.ts'
import { createSecurityHeaders, type SecuredResponse } from './headers.ts'
import type { SecurityHeadersOptions } from './headers-options.ts'

function headers(
  options: SecurityHeadersOptions,
  response: SecuredResponse = { isSecure: true },
): Record<string, string> {
  return Object.fromEntries(createSecurityHeaders(options).headersFor(response))
}

const createNonce = createNonces()

describe('createSecurityHeaders', () => {
  it('fits pages by default', () => {
    expect(headers({})).toEqual({
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'origin-agent-cluster': '?1',
      'permissions-policy': expect.stringContaining('camera=()'),
      'referrer-policy': 'strict-origin-when-cross-origin',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-xss-protection': '0',
    })
  })

  it('fits answers that are no pages', () => {
    expect(headers({ preset: 'json' })).toEqual({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
  })

  it('sends nothing when off, and then only what is asked for', () => {
    expect(headers({ preset: 'off' })).toEqual({})
    expect(headers({ preset: 'off', frameOptions: 'SAMEORIGIN' })).toEqual({
      'x-frame-options': 'SAMEORIGIN',
    })
  })

  it('leaves out what is set to false and keeps what is undefined', () => {
    const sent = headers({ contentSecurityPolicy: false, frameOptions: undefined })
    expect(sent).not.toHaveProperty('content-security-policy')
    expect(sent['x-frame-options']).toBe('DENY')
  })

  it('sends Strict-Transport-Security over https only and never for loopback hosts', () => {
    const name = 'strict-transport-security'
    expect(headers({}, { isSecure: false })).not.toHaveProperty(name)
    expect(headers({}, { isSecure: true, isLoopback: true })).not.toHaveProperty(name)
    expect(headers({}, { isSecure: true, nonce: createNonce() })).toHaveProperty(name)
  })

  it('writes the settings of Strict-Transport-Security', () => {
    const strictTransportSecurity = { maxAge: '730d', preload: true } as const
    expect(headers({ strictTransportSecurity })['strict-transport-security']).toBe(
      'max-age=63072000; includeSubDomains; preload',
    )
    const off = { maxAge: 0, includeSubDomains: false }
    expect(headers({ strictTransportSecurity: off })['strict-transport-security']).toBe('max-age=0')
  })

  it.each([
    { maxAge: '30d', preload: true },
    { includeSubDomains: false, preload: true },
  ] as const)('refuses to preload with %j', strictTransportSecurity => {
    expect(() => createSecurityHeaders({ strictTransportSecurity })).toThrow(/preload/)
  })

  it('only reports when told so', () => {
    const sent = headers({ reportOnly: true })
    expect(sent).toHaveProperty('content-security-policy-report-only')
    expect(sent).not.toHaveProperty('content-security-policy')
  })

  it('gives each response its own nonce', () => {
    const security = createSecurityHeaders()
    const [first, second] = [createNonce(), createNonce()]
    const policy = (nonce: string): string =>
      JSON.stringify(security.headersFor({ isSecure: true, nonce }))
    expect(policy(first)).toContain(first)
    expect(policy(second)).toContain(second)
    expect(policy(second)).not.toContain(first)
  })

  it('says why it has no `no-referrer`', () => {
    const options = { referrerPolicy: 'no-referrer' } as unknown as SecurityHeadersOptions
    expect(() => createSecurityHeaders(options)).toThrow(/`Origin: null`/)
  })

  it.each<[unknown, string]>([
    [{ preset: 'page' }, '`headers.preset`'],
    [{ hsts: false }, '`headers.hsts` is not a setting'],
    [{ frameOptions: 'ALLOW-FROM https://a.test' }, '`headers.frameOptions`'],
    [{ crossOriginOpenerPolicy: 'same-origin\r\nx: y' }, '`headers.crossOriginOpenerPolicy`'],
    [{ strictTransportSecurity: { maxage: 1 } }, '`headers.strictTransportSecurity.maxage`'],
    [{ contentSecurityPolicy: { 'img-src': ['self'] } }, '`img-src`'],
  ])('refuses %j', (options, message) => {
    expect(() => createSecurityHeaders(options as SecurityHeadersOptions)).toThrow(message)
  })
})
