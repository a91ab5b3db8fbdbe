import { describe, expect, it } from 'vitest'
import { type IpAddress, parseIp } from './ip.ts'
import { isLoopbackIp, resolveTrust, type TrustProxy } from './trust-proxy.ts'

function ip(text: string): IpAddress {
  const address = parseIp(text)
  if (address === null) throw new Error(`not an address: ${text}`)
  return address
}

describe('resolveTrust', () => {
  it('trusts nobody when off', () => {
    expect(resolveTrust(false).isTrusted(ip('127.0.0.1'), 0)).toBe(false)
  })

  it('trusts as many hops as given, whatever their address', () => {
    const trust = resolveTrust(2)
    expect(trust.minEntries).toBe(2)
    expect([0, 1, 2].map(hop => trust.isTrusted(null, hop))).toEqual([true, true, false])
  })

  it.each<[string[], string[], string[]]>([
    [['10.0.0.0/8'], ['10.0.0.1', '10.255.255.255', '::ffff:10.1.1.1'], ['11.0.0.1', '::1']],
    [['192.0.2.7'], ['192.0.2.7'], ['192.0.2.8']],
    [
      ['2001:db8::/32', '::1'],
      ['2001:db8:ffff::1', '::1'],
      ['2001:db9::1', '::2'],
    ],
    [['loopback'], ['127.0.0.1', '127.9.9.9', '::1'], ['128.0.0.1', '10.0.0.1']],
    [
      ['private'],
      ['10.1.1.1', '172.16.0.1', '192.168.1.1', '169.254.1.1', 'fd00::1', 'fe80::1'],
      ['172.32.0.1', '127.0.0.1', '2001:db8::1'],
    ],
    [[], [], ['127.0.0.1']],
  ])('of %j trusts %j and not %j', (setting, trusted, others) => {
    const trust = resolveTrust(setting)
    expect(trusted.filter(text => !trust.isTrusted(ip(text), 5))).toEqual([])
    expect(others.filter(text => trust.isTrusted(ip(text), 0))).toEqual([])
  })

  it('trusts no unknown address by a list', () => {
    expect(resolveTrust(['loopback']).isTrusted(null, 0)).toBe(false)
  })

  it('refuses `true` and says what to write instead', () => {
    expect(() => resolveTrust(true as unknown as TrustProxy)).toThrow(
      /`trustProxy` true would let every client choose.*number of proxies/,
    )
  })

  it.each<unknown>([
    'loopback',
    0,
    1.5,
    null,
    [7],
    ['everyone'],
    ['10.0.0.0/0'],
    ['::/0'],
    ['10.0.0.0/33'],
    ['10.0.0.0/8/8'],
    ['10.0.0.0/x'],
    ['10.0.0'],
    ['::ffff:10.0.0.0/104'],
  ])('refuses %j', setting => {
    expect(() => resolveTrust(setting as TrustProxy)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
    )
  })
})

describe('isLoopbackIp', () => {
  it('knows both families', () => {
    expect(isLoopbackIp(ip('127.0.0.53'))).toBe(true)
    expect(isLoopbackIp(ip('::1'))).toBe(true)
    expect(isLoopbackIp(ip('10.0.0.1'))).toBe(false)
  })
})
