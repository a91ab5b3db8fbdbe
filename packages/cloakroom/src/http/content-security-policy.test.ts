import { describe, expect, it } from 'vitest'
import {
  type CspDirectives,
  createCspWriter,
  createNonces,
  htmlPolicy,
  jsonPolicy,
} from './content-security-policy.ts'

const createNonce = createNonces()

describe('createCspWriter', () => {
  it('writes directives in the order given', () => {
    const write = createCspWriter({ 'img-src': ["'self'", 'https:'], sandbox: [] })
    expect(write({ isSecure: true })).toBe("img-src 'self' https:; sandbox")
  })

  it('puts the nonce in every place that asks for it', () => {
    const nonce = createNonce()
    const policy = createCspWriter(htmlPolicy)({ isSecure: true, nonce })
    expect(policy).toContain(`script-src 'self' 'nonce-${nonce}' 'strict-dynamic';`)
    expect(policy).toContain(`style-src 'self' 'nonce-${nonce}';`)
  })

  it('lets the own scripts run where there is no nonce', () => {
    const policy = createCspWriter(htmlPolicy)({ isSecure: true })
    expect(policy).toContain("script-src 'self'; style-src 'self';")
    expect(policy).not.toMatch(/nonce|strict-dynamic/)
  })

  it('forbids what only a nonce would have allowed', () => {
    const write = createCspWriter({ 'script-src': ["'nonce'", "'strict-dynamic'"] })
    expect(write({ isSecure: true })).toBe("script-src 'none'")
  })

  it('upgrades insecure requests over https only', () => {
    const write = createCspWriter(htmlPolicy)
    expect(write({ isSecure: true })).toContain('; upgrade-insecure-requests')
    expect(write({ isSecure: false })).not.toContain('upgrade-insecure-requests')
    expect(write({ isSecure: false, nonce: createNonce() })).not.toContain('upgrade-insecure')
  })

  it('allows an answer that is no page nothing', () => {
    expect(createCspWriter(jsonPolicy)({ isSecure: true })).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    )
  })

  it.each<[unknown]>([
    [{ 'script-src': ["'self'; report-uri"] }],
    [{ 'script-src': ['a.test,b.test'] }],
    [{ 'script-src': ['a.test\r\nset-cookie: a=1'] }],
    [{ 'script-src': ['two words'] }],
    [{ 'script-src': ['exämple.test'] }],
    [{ 'script-src': [''] }],
    [{ 'script-src': [7] }],
    [{ 'script-src': "'self'" }],
    [{ 'script-src x': [] }],
    [{ scriptSrc: [] }],
  ])('refuses %j', directives => {
    expect(() => createCspWriter(directives as CspDirectives)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
    )
  })

  it.each(['self', 'none', 'nonce', 'unsafe-inline', 'strict-dynamic', 'sha256-abc=', 'nonce-abc'])(
    'refuses %s without its quotes',
    keyword => {
      expect(() => createCspWriter({ 'script-src': [keyword] })).toThrow(`write "'${keyword}'"`)
    },
  )

  it.each(['', 'short', "x' 'unsafe-inline", 'aaaaaaaaaaaaaaaaaaaaaa; x'])(
    'refuses the nonce "%s"',
    nonce => {
      expect(() => createCspWriter(htmlPolicy)({ isSecure: true, nonce })).toThrow(/`nonce`/)
    },
  )
})

describe('createNonces', () => {
  it('gives 132 bits, never the same', () => {
    const nonces = Array.from({ length: 200 }, createNonces())
    for (const nonce of nonces) expect(nonce).toMatch(/^[\w-]{22}$/)
    expect(new Set(nonces).size).toBe(200)
  })
})
