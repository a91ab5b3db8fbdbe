import { describe, expect, it } from 'vitest'
import { type AddressOptions, type ClientAddress, createAddressReader } from './address.ts'
import type { HttpWarning } from './warning.ts'

interface Sent {
  readonly from?: string
  readonly tls?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

interface Read extends ClientAddress {
  readonly warnings: readonly string[]
}

function read(trustProxy: AddressOptions['trustProxy'], sent: Sent): Read {
  const warnings: HttpWarning[] = []
  const reader = createAddressReader({ trustProxy }, { onWarning: each => warnings.push(each) })
  const client = reader.read({
    socketAddress: sent.from,
    isEncrypted: sent.tls ?? false,
    header: name => sent.headers?.[name],
  })
  return { ...client, warnings: warnings.map(each => each.code) }
}

const proxy = '10.0.0.1'

describe('createAddressReader', () => {
  it('takes the address of the connection by default', () => {
    const headers = { 'x-forwarded-for': '198.51.100.1' }
    expect(read(undefined, { from: '203.0.113.7', headers }).ip).toBe('203.0.113.7')
  })

  it('unwraps the IPv4 address of a dual-stack socket', () => {
    expect(read(false, { from: '::ffff:203.0.113.7' }).ip).toBe('203.0.113.7')
  })

  it('counts one hop from the right', () => {
    const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.1' }
    expect(read(1, { from: proxy, headers }).ip).toBe('198.51.100.1')
  })

  it('counts two hops from the right', () => {
    const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.1, 10.0.0.2' }
    expect(read(2, { from: proxy, headers }).ip).toBe('198.51.100.1')
  })

  it('takes the connection when the chain is shorter than the number of hops', () => {
    expect(read(2, { from: proxy, headers: { 'x-forwarded-for': '6.6.6.6' } }).ip).toBe(proxy)
    expect(read(1, { from: proxy }).ip).toBe(proxy)
  })

  it('reads through a Unix socket by the number of hops', () => {
    const headers = { 'x-forwarded-for': '198.51.100.1' }
    expect(read(1, { headers })).toMatchObject({ ip: '198.51.100.1', warnings: [] })
  })

  it('walks a list of proxies up to the first stranger', () => {
    const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.1, 10.0.0.9' }
    expect(read(['10.0.0.0/8'], { from: proxy, headers }).ip).toBe('198.51.100.1')
  })

  it('takes the left-most address when every hop is a listed proxy', () => {
    const headers = { 'x-forwarded-for': '10.0.0.8, 10.0.0.9' }
    expect(read(['10.0.0.0/8'], { from: proxy, headers }).ip).toBe('10.0.0.8')
  })

  it('ignores the header of a peer that is not listed', () => {
    const headers = { 'x-forwarded-for': '198.51.100.1' }
    expect(read(['10.0.0.0/8'], { from: '203.0.113.7', headers }).ip).toBe('203.0.113.7')
  })

  it('falls back on the last known hop when an entry is no address', () => {
    const headers = { 'x-forwarded-for': 'rubbish' }
    expect(read(1, { from: proxy, headers })).toMatchObject({
      ip: proxy,
      warnings: ['address-invalid'],
    })
    const longer = { 'x-forwarded-for': 'rubbish, 10.0.0.9' }
    expect(read(['10.0.0.0/8'], { from: proxy, headers: longer }).ip).toBe('10.0.0.9')
  })

  it('says so, once, when nobody knows the address', () => {
    const warnings: HttpWarning[] = []
    const reader = createAddressReader({}, { onWarning: each => warnings.push(each) })
    const request = { socketAddress: undefined, isEncrypted: false, header: () => undefined }
    expect([reader.read(request).ip, reader.read(request).ip]).toEqual(['unknown', 'unknown'])
    expect(warnings.map(each => each.code)).toEqual(['address-unknown'])
  })

  it('refuses `true`', () => {
    expect(() => read(true as unknown as false, {})).toThrow(/trustProxy/)
  })
})

describe('ClientAddress.isSecure', () => {
  it('follows the connection', () => {
    expect(read(false, { from: proxy, tls: true }).isSecure).toBe(true)
    expect(read(false, { from: proxy }).isSecure).toBe(false)
  })

  it.each([
    ['https', true],
    ['HTTPS', true],
    ['https,http', true],
    [' https , http', true],
    ['http', false],
    ['http,https', false],
    ['httpsx', false],
    ['', false],
  ])('reads "%s" of a trusted proxy as %s', (proto, isSecure) => {
    const headers = { 'x-forwarded-proto': proto }
    expect(read(1, { from: proxy, headers }).isSecure).toBe(isSecure)
    expect(read(['10.0.0.0/8'], { from: proxy, headers }).isSecure).toBe(isSecure)
  })

  it('is not changed by a stranger', () => {
    const headers = { 'x-forwarded-proto': 'https' }
    expect(read(['10.0.0.0/8'], { from: '203.0.113.7', headers }).isSecure).toBe(false)
    expect(read(false, { from: proxy, headers }).isSecure).toBe(false)
  })
})

describe('ClientAddress.host', () => {
  it('is the Host header in lower case', () => {
    expect(read(false, { headers: { host: 'App.Example.test:8080' } }).host).toBe(
      'app.example.test:8080',
    )
    expect(read(false, { headers: { host: '[::1]:3000' } }).host).toBe('[::1]:3000')
  })

  it('comes from X-Forwarded-Host of a trusted proxy only, and from the nearest one', () => {
    const headers = { host: 'inner', 'x-forwarded-host': 'evil.test, app.example.test' }
    expect(read(1, { from: proxy, headers }).host).toBe('app.example.test')
    expect(read(false, { from: proxy, headers }).host).toBe('inner')
  })

  it.each(['', 'a b', 'a/b', 'user@a', 'a.test:port', 'a.test:123456', '-a', 'a\u00e4', '<x>'])(
    'is null for "%s"',
    host => {
      expect(read(false, { headers: { host } }).host).toBeNull()
    },
  )

  it('is null without a Host header', () => {
    expect(read(false, {}).host).toBeNull()
  })
})

describe('ClientAddress.isLoopback', () => {
  it.each(['localhost', 'localhost:3000', 'app.localhost', '127.0.0.1:3000', '[::1]:3000'])(
    'is true for %s over a loopback connection',
    host => {
      expect(read(false, { from: '127.0.0.1', headers: { host } }).isLoopback).toBe(true)
      expect(read(false, { from: '::1', headers: { host } }).isLoopback).toBe(true)
    },
  )

  it.each(['example.test', 'localhost.example.test', '10.0.0.1', '', 'notlocalhost'])(
    'is false for the host "%s"',
    host => {
      expect(read(false, { from: '127.0.0.1', headers: { host } }).isLoopback).toBe(false)
    },
  )

  it('is false when the connection comes from elsewhere', () => {
    const headers = { host: 'localhost' }
    expect(read(false, { from: '203.0.113.7', headers }).isLoopback).toBe(false)
    expect(read(false, { headers }).isLoopback).toBe(false)
  })

  it.each(['x-forwarded-for', 'x-forwarded-host', 'forwarded'])('is false with %s', name => {
    const headers = { host: 'localhost', [name]: 'localhost' }
    expect(read(1, { from: '127.0.0.1', headers }).isLoopback).toBe(false)
  })
})
