import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import { createAddressReader } from '../../packages/cloakroom/src/http/address.ts'
import { createCookieManager } from '../../packages/cloakroom/src/http/cookie-manager.ts'
import { addressKey } from '../../packages/cloakroom/src/http/ip.ts'
import type { TrustProxy } from '../../packages/cloakroom/src/http/trust-proxy.ts'
import type { HttpWarning } from '../../packages/cloakroom/src/http/warning.ts'

interface Sent {
  readonly from: string
  readonly headers?: Readonly<Record<string, string>>
}

function keyOf(trustProxy: TrustProxy, { from, headers = {} }: Sent): string {
  const reader = createAddressReader({ trustProxy }, { onWarning: () => {} })
  const header = (name: string): string | undefined => headers[name]
  return addressKey(reader.read({ socketAddress: from, isEncrypted: false, header }).ip)
}

function forwarded(trustProxy: TrustProxy, text: string): string {
  return keyOf(trustProxy, { from: '10.0.0.1', headers: { 'x-forwarded-for': text } })
}

const twenty = Array.from({ length: 20 }, (_, index) => index + 1)

describe('a spoofed X-Forwarded-For', () => {
  it.each<[string, TrustProxy]>([
    ['without a proxy', false],
    ['behind one proxy', 1],
    ['behind a listed proxy', ['10.0.0.0/8']],
  ])('gets one client one counter, %s', (_, trustProxy) => {
    const isProxied = trustProxy !== false
    const keys = twenty.map(index =>
      keyOf(trustProxy, {
        from: isProxied ? '10.0.0.1' : '198.51.100.9',
        headers: { 'x-forwarded-for': `6.6.6.${index}${isProxied ? ', 198.51.100.9' : ''}` },
      }),
    )
    expect(new Set(keys)).toEqual(new Set(['198.51.100.9']))
  })

  it('gets nothing past a proxy that adds its own addresses', () => {
    expect(forwarded(['10.0.0.0/8'], '10.0.0.7, 198.51.100.9')).toBe('198.51.100.9')
    expect(forwarded(['10.0.0.0/8'], '127.0.0.1, 198.51.100.9, 10.0.0.2')).toBe('198.51.100.9')
  })

  it('gets nothing by going past one of two proxies', () => {
    const headers = { 'x-forwarded-for': '6.6.6.6' }
    expect(keyOf(2, { from: '198.51.100.9', headers })).toBe('198.51.100.9')
  })

  it('gets no new counter per rubbish text, and puts nobody else into the same one', () => {
    const keys = twenty.map(index => forwarded(1, `rubbish-${index}`))
    expect(new Set(keys)).toEqual(new Set(['10.0.0.1']))
    expect(forwarded(1, '198.51.100.9')).toBe('198.51.100.9')
  })

  it('cannot be allowed by a bare `true`', () => {
    expect(() => forwarded(true as unknown as false, '6.6.6.6')).toThrow(/`trustProxy`/)
  })
})

describe('one IPv6 client with many addresses', () => {
  it('has one counter for its whole /64', () => {
    const keys = twenty.map(index => forwarded(1, `2001:db8:1:2::${index.toString(16)}`))
    expect(new Set(keys)).toEqual(new Set(['2001:db8:1:2::/64']))
    expect(forwarded(1, '2001:db8:1:3::1')).not.toBe(keys[0])
  })

  it.each([
    '2001:DB8:1:2::1',
    '2001:db8:1:2:0:0:0:1',
    '2001:0db8:0001:0002:0000:0000:0000:0001',
    '[2001:db8:1:2::1]',
    '[2001:db8:1:2::1]:51234',
    '2001:db8:1:2::1%eth0',
    '  2001:db8:1:2::1  ',
  ])('has the same counter as %s', spelling => {
    expect(forwarded(1, spelling)).toBe('2001:db8:1:2::/64')
  })
})

describe('IPv4 clients of a dual-stack server', () => {
  it('have a counter each, in either spelling', () => {
    const keys = twenty.map(index => keyOf(false, { from: `::ffff:198.51.100.${index}` }))
    expect(new Set(keys).size).toBe(20)
    expect(keyOf(false, { from: '::ffff:c633:6409' })).toBe('198.51.100.9')
    expect(keyOf(false, { from: '64:ff9b::198.51.100.9' })).toBe('198.51.100.9')
  })
})

describe('a forged X-Forwarded-Proto', () => {
  function send(trustProxy: TrustProxy, proto?: string): { line: string; warnings: HttpWarning[] } {
    const warnings: HttpWarning[] = []
    const onWarning = (warning: HttpWarning): number => warnings.push(warning)
    const reader = createAddressReader({ trustProxy }, { onWarning })
    const deps = { signer: null, clock: createManualClock(), onWarning, production: true }
    const header = (name: string): string | undefined =>
      name === 'x-forwarded-proto' ? proto : undefined
    const client = reader.read({ socketAddress: '10.0.0.1', isEncrypted: false, header })
    const line = createCookieManager({}, deps).write('token', { client, expiresAt: null })
    return { line, warnings }
  }

  it.each(['https', 'https,http'])('is believed from a trusted proxy that says "%s"', proto => {
    const { line, warnings } = send(['10.0.0.0/8'], proto)
    expect(line).toContain('; Secure')
    expect(warnings).toEqual([])
  })

  it.each<[string, TrustProxy, string | undefined]>([
    ['a trusted proxy that says nothing', 1, undefined],
    ['a trusted proxy that says http', 1, 'http'],
    ['a stranger who says https', ['192.0.2.1'], 'https'],
    ['anybody who says https while no proxy is trusted', false, 'https'],
  ])('changes nothing for %s, and an error names the setting', (_, trustProxy, proto) => {
    const { line, warnings } = send(trustProxy, proto)
    expect(line).toContain('; Secure')
    expect(warnings).toEqual([
      expect.objectContaining({
        level: 'error',
        message: expect.stringContaining('`trustProxy`'),
      }),
    ])
  })
})
