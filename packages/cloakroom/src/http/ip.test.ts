import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressKey, isWithin, parseIp } from './ip.ts'

function canonical(text: string): string | null {
  return parseIp(text)?.text ?? null
}

const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })

describe('parseIp', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7\t', '203.0.113.7'],
    ['203.0.113.7:8080', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
    ['64:ff9b::203.0.113.7', '203.0.113.7'],
    ['64:ff9b::cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2::1', '2001:db8:1:2::1'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::1'],
    ['2001:0db8:0001:0002:0000:0000:0000:0001', '2001:db8:1:2::1'],
    ['[2001:db8:1:2::1]', '2001:db8:1:2::1'],
    ['[2001:db8:1:2::1]:443', '2001:db8:1:2::1'],
    ['fe80::1%eth0.5', 'fe80::1'],
    ['[fe80::1%25en0]', 'fe80::1'],
    ['::1', '::1'],
  ])('brings %s to %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  it.each([
    '',
    'unknown',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '010.1.1.1',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.4:http',
    ':::',
    '1::2::3',
    '12345::',
    '::ffff:010.1.1.1',
    '::ffff:0x7f.0.0.1',
    '[::1',
    '[1.2.3.4',
    'fe80::1 eth0',
    '<script>',
  ])('finds no address in %o', text => {
    expect(canonical(text)).toBeNull()
  })

  it('brings every spelling of an address to one text', () => {
    fc.assert(
      fc.property(groups, parts => {
        const short = parts.map(part => part.toString(16)).join(':')
        const full = parts.map(part => part.toString(16).padStart(4, '0')).join(':')
        const compressed = new URL(`http://[${short}]`).hostname
        const expected = canonical(short)
        expect(expected).not.toBeNull()
        for (const spelling of [full, full.toUpperCase(), compressed, `${compressed}:443`]) {
          expect(canonical(spelling)).toBe(expected)
        }
      }),
    )
  })

  it('keeps the value of an address', () => {
    fc.assert(
      fc.property(groups, parts => {
        const short = parts.map(part => part.toString(16)).join(':')
        fc.pre(!/^(0:){5}ffff:|^64:ff9b:(0:){4}/.test(short))
        const written = new URL(`http://[${canonical(short)}]`).hostname
        expect(written).toBe(new URL(`http://[${short}]`).hostname)
      }),
    )
  })

  it('is done after one step', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => {
        const once = canonical(text)
        expect(once).not.toBeNull()
        expect(canonical(once ?? '')).toBe(once)
      }),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcdefx:.[]%/ ') }), text => {
        expect(() => parseIp(text)).not.toThrow()
      }),
    )
  })
})

describe('isWithin', () => {
  it('compares addresses of one family only', () => {
    const [v4, v6] = [parseIp('10.1.2.3'), parseIp('2001:db8::1')]
    if (v4 === null || v6 === null) throw new Error('not parsed')
    expect(isWithin(v4, v4, 32)).toBe(true)
    expect(isWithin(v6, v6, 128)).toBe(true)
    expect(isWithin(v4, v6, 1)).toBe(false)
    expect(isWithin(v6, v4, 1)).toBe(false)
  })
})

describe('addressKey', () => {
  it('keeps IPv4 whole, in either spelling', () => {
    expect(addressKey('203.0.113.7')).toBe('203.0.113.7')
    expect(addressKey('::ffff:203.0.113.7')).toBe('203.0.113.7')
  })

  it('cuts IPv6 to a /64', () => {
    expect(addressKey('2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBe('2001:db8:1:2::/64')
    expect(addressKey('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64')
  })

  it.each([
    [48, '2001:db8:1::/48'],
    [56, '2001:db8:1:ab00::/56'],
    [60, '2001:db8:1:abc0::/60'],
    [128, '2001:db8:1:abcd::1/128'],
  ])('cuts IPv6 to a /%i', (v6Prefix, key) => {
    expect(addressKey('2001:db8:1:abcd::1', { v6Prefix })).toBe(key)
  })

  it('counts what is no address under a key of its own', () => {
    expect(addressKey('unknown')).toBe('unknown')
    expect(addressKey('rubbish')).toBe('unknown')
  })

  it('refuses a prefix that would count everybody together', () => {
    expect(() => addressKey('::1', { v6Prefix: 0 })).toThrow(/`v6Prefix` is 0/)
  })

  it('gives two addresses one key exactly when their first bits agree', () => {
    fc.assert(
      fc.property(groups, groups, (left, right) => {
        fc.pre((left[0] ?? 0) > 0x100)
        const mixed = [...left.slice(0, 4), ...right.slice(4)]
        const text = (parts: number[]): string => parts.map(part => part.toString(16)).join(':')
        expect(addressKey(text(mixed))).toBe(addressKey(text(left)))
        const other = [...left.slice(0, 3), (left[3] ?? 0) ^ 1, ...left.slice(4)]
        expect(addressKey(text(other))).not.toBe(addressKey(text(left)))
      }),
    )
  })
})
