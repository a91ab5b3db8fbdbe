import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCodec } from './codec.ts'
import { anonymousMeta, packMeta, type SessionMeta, unpackMeta } from './content.ts'

const codec = createCodec()
const throughRedis = (meta: SessionMeta): SessionMeta =>
  unpackMeta(codec.decode(codec.encode(packMeta(meta))))

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
const wholeSeconds = fc.nat({ max: 4_000_000_000 }).map(seconds => seconds * 1000)
const metas: fc.Arbitrary<SessionMeta> = fc
  .record({
    userId: fc.option(text),
    role: fc.oneof(text, fc.constant('user')),
    permissions: fc.array(text, { maxLength: 4 }),
    tenant: fc.option(text),
    device: fc.option(text),
    ip: fc.option(fc.oneof(fc.ipV4(), fc.ipV6(), text)),
    methods: fc.dictionary(fc.oneof(text, fc.constant('pwd')), wholeSeconds, {
      noNullPrototype: true,
    }),
    isPersistent: fc.boolean(),
    csrfEpoch: fc.nat(),
    tenantEpoch: fc.nat(),
    globalEpoch: fc.nat(),
    addressEpoch: fc.nat(),
    actorId: fc.option(text),
  })
  .map(meta => ({ ...meta }))

describe('packMeta and unpackMeta', () => {
  it('give back every metadata as it was', () => {
    fc.assert(
      fc.property(metas, meta => {
        expect(throughRedis(meta)).toStrictEqual(meta)
      }),
    )
  })

  it('spend next to nothing on what most sessions have', () => {
    const usual = { ...anonymousMeta, userId: '42', role: 'user', methods: { pwd: 0 } }
    expect(throughRedis(usual)).toEqual(usual)
    expect(codec.encode(packMeta(usual)).byteLength).toBeLessThanOrEqual(9)
    expect(packMeta(anonymousMeta)).toEqual([])
    expect(throughRedis(anonymousMeta)).toEqual(anonymousMeta)
  })

  it('keep a role that only a visitor would not have', () => {
    const visitor = { ...anonymousMeta, role: 'user' }
    expect(throughRedis(visitor)).toEqual(visitor)
  })

  it('keep a proof of any name', () => {
    const methods = JSON.parse('{"__proto__": 5000, "pwd": 0}')
    expect(Object.entries(throughRedis({ ...anonymousMeta, methods }).methods)).toEqual([
      ['__proto__', 5000],
      ['pwd', 0],
    ])
  })

  it.each(['203.0.113.7', '0.0.0.0', '255.255.255.255', '999.1.1.1', '256.0.0.0', '1.2.3', '::1'])(
    'keep the address %s',
    ip => {
      expect(throughRedis({ ...anonymousMeta, ip }).ip).toBe(ip)
    },
  )

  it.each(['-1.2.3.4', '1.5.2.3.4', 'NaN.NaN.NaN.NaN', '01.2.3.4', '1e1.2.3.4'])(
    'keep the text %s, which is no address',
    ip => {
      expect(throughRedis({ ...anonymousMeta, ip }).ip).toBe(ip)
    },
  )

  it.each<[string, unknown]>([
    ['null', null],
    ['an object', {}],
    ['a text', 'alice'],
    ['more than there is', new Array(14).fill(null)],
    ['a user that is no text', [7]],
    ['a device that is no text', ['alice', {}]],
    ['an address that is neither', ['alice', null, 7]],
    ['an address of three bytes', ['alice', null, Uint8Array.of(1, 2, 3)]],
    ['methods that are no list', ['alice', null, null, null, 'pwd']],
    ['methods without a time', ['alice', null, null, null, ['pwd']]],
    ['methods whose time is no number', ['alice', null, null, null, ['pwd', 'now']]],
    ['methods whose name is no text', ['alice', null, null, null, [1, 1]]],
    ['permissions that are no list', ['alice', null, null, null, 1, 0, 'all']],
    ['permissions that are no texts', ['alice', null, null, null, 1, 0, [1]]],
    ['an epoch that is no number', ['alice', null, null, null, 1, 0, null, null, 'high']],
    ['a broken epoch', ['alice', null, null, null, 1, 0, null, null, 0.5]],
  ])('refuse %s', (_name, list) => {
    expect(() => unpackMeta(list)).toThrow(TypeError)
  })
})
