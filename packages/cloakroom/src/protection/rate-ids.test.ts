import { describe, expect, it } from 'vitest'
import { createRateIds } from './rate-ids.ts'

const secret = new Uint8Array(32).fill(7)

describe('createRateIds', () => {
  const idOf = createRateIds(secret)

  it.each(['a', '}x', '*', '{', '::1', 'ü'.repeat(9999), '\r\n'])(
    'makes an id of 22 plain characters of %j',
    key => {
      expect(idOf(key)).toMatch(/^[\w-]{22}$/)
      expect(idOf(key)).toBe(idOf(key))
    },
  )

  it('keeps apart what differs', () => {
    const keys = ['abc', 'ABC', ['abc'], ['a', 'bc'], ['ab', 'c'], '["a","bc"]', ['a","bc']]
    expect(new Set(keys.map(key => idOf(key))).size).toBe(keys.length)
  })

  it('depends on the secret', () => {
    expect(createRateIds(new Uint8Array(32))('abc')).not.toBe(idOf('abc'))
  })

  it.each([
    ['an empty text', ''],
    ['no parts', []],
    ['an empty part', ['a', '']],
    ['a missing part', ['a', undefined]],
    ['nothing', undefined],
    ['a part that is nothing', [undefined]],
  ])('refuses %s', (_, key) => {
    expect(() => idOf(key as string)).toThrow('would share it')
  })

  it('refuses a secret that is short', () => {
    expect(() => createRateIds(new Uint8Array(15))).toThrow('`rateLimit.secret`')
    expect(() => createRateIds('secret' as unknown as Uint8Array)).toThrow('`rateLimit.secret`')
  })
})
