import { describe, expect, it } from 'vitest'
import { ConfigError } from './errors.ts'
import { describeValue, refuseUnknown, requireInteger, requireOneOf } from './options.ts'

const known = ['idle', 'idleTimeout', 'absolute', 'maxPerUser', 'ttl']

describe('refuseUnknown', () => {
  it('accepts what is known, and nothing at all', () => {
    expect(() => refuseUnknown('session', { idle: 1, ttl: undefined }, known)).not.toThrow()
    expect(() => refuseUnknown('session', {}, known)).not.toThrow()
  })

  it.each([
    ['idel', 'idle'],
    ['IDLE', 'idle'],
    ['idleTimeouts', 'idleTimeout'],
    ['idleTimout', 'idleTimeout'],
    ['maxperuser', 'maxPerUser'],
    ['max', 'maxPerUser'],
    ['abslute', 'absolute'],
  ])('asks of %s whether %s was meant', (name, meant) => {
    expect(() => refuseUnknown('session', { [name]: 1 }, known)).toThrow(
      `\`session.${name}\` is not a setting. Did you mean \`${meant}\`?`,
    )
  })

  it('lists what is known when nothing is near', () => {
    expect(() => refuseUnknown('session', { colour: 1 }, known)).toThrow(
      'Known: idle, idleTimeout, absolute, maxPerUser, ttl.',
    )
  })

  it('is not misled by names that every object has', () => {
    expect(() => refuseUnknown('session', { toString: 1 }, known)).toThrow(ConfigError)
    expect(() => refuseUnknown('session', JSON.parse('{"__proto__":1}'), known)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_UNKNOWN' }),
    )
  })
})

describe('requireInteger', () => {
  it('gives a whole number within bounds, both included', () => {
    expect(requireInteger('limit', 1, { min: 1, max: 3 })).toBe(1)
    expect(requireInteger('limit', 3, { min: 1, max: 3 })).toBe(3)
    expect(requireInteger('limit', -5, { min: -9 })).toBe(-5)
    expect(requireInteger('limit', Number.MAX_SAFE_INTEGER, { min: 1 })).toBe(2 ** 53 - 1)
  })

  it.each([
    0,
    4,
    1.5,
    -1,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '2',
    2n,
    null,
    undefined,
    [2],
  ])('refuses %s', value => {
    expect(() => requireInteger('limit', value, { min: 1, max: 3 })).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION_INVALID',
        message: `\`limit\` is ${describeValue(value)} and must be a whole number, from 1 to 3.`,
      }),
    )
  })

  it('speaks of no upper bound where there is none', () => {
    expect(() => requireInteger('limit', 0, { min: 1 })).toThrow('a whole number, 1 or more.')
    expect(() => requireInteger('limit', 2 ** 53, { min: 1 })).toThrow(ConfigError)
  })
})

describe('requireOneOf', () => {
  const words = ['strict', 'lax'] as const

  it('gives the word', () => {
    expect(requireOneOf('sameSite', 'lax', words)).toBe('lax')
  })

  it.each(['Lax', 'lax ', '', 'toString', 0, 1n, null, undefined, ['lax'], Symbol('lax')])(
    'refuses %s',
    value => {
      expect(() => requireOneOf('sameSite', value, words)).toThrow(
        /^`sameSite` is .* and must be one of strict, lax\.$/,
      )
    },
  )
})

describe('describeValue', () => {
  it.each([
    ['a "text"\n', '"a \\"text\\"\\n"'],
    [Number.NaN, 'NaN'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [7n, 'of type bigint'],
    [Symbol('s'), 'of type symbol'],
    [Object.create(null), 'of type object'],
    [() => 1, 'of type function'],
  ])('shows %s', (value, shown) => {
    expect(describeValue(value)).toBe(shown)
  })
})
