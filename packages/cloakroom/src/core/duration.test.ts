import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Duration, parseDuration } from './duration.ts'
import { ConfigError } from './errors.ts'

const day = 86_400_000
const invalid = { name: 'ConfigError', code: 'ERR_OPTION_INVALID' }

describe('parseDuration', () => {
  it.each<[Duration, number]>([
    ['250ms', 250],
    ['30s', 30_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['30d', 30 * day],
    ['400d', 400 * day],
    ['1.5h', 5_400_000],
    ['0.001s', 1],
    ['007s', 7000],
    [1, 1],
    [1800_000, 1_800_000],
    [1.4, 1],
  ])('reads %j as %d ms', (value, ms) => {
    expect(parseDuration(value, 'idle')).toBe(ms)
  })

  it.each([
    '',
    ' ',
    's',
    '30',
    '30 m',
    ' 30m',
    '30m ',
    '30m\n',
    '30M',
    '30min',
    '1e3s',
    '0x10s',
    '-5m',
    '+5m',
    '.5h',
    '5.h',
    '1.2.3s',
    '1,5h',
    '1_000s',
    '1h30m',
    'PT30M',
    'Infinitys',
    'NaNms',
    '٣٠m',
    '３０m',
    '30ｍ',
    '30µs',
    `${'9'.repeat(400)}d`,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    null,
    undefined,
    true,
    30n,
    Symbol('30m'),
    {},
    ['30m'],
    Object.create(null),
    () => 30,
  ])('refuses %s, which is no duration', value => {
    const parse = () => parseDuration(value as Duration, 'idle')
    expect(parse).toThrow(expect.objectContaining(invalid))
    expect(parse).toThrow(/^`idle` is .* which is no duration\. Use milliseconds or a text/s)
  })

  it.each<Duration>([0, -0, -1, -1e300, 0.4, '0s', '0.0001ms'])(
    'refuses %s as too short',
    value => {
      expect(() => parseDuration(value, 'idle')).toThrow(/must be at least 1 ms\./)
    },
  )

  it.each<Duration>([400 * day + 1, '401d', '99999999999999999999d', 1e300, Number.MAX_VALUE])(
    'refuses %s as too long',
    value => {
      expect(() => parseDuration(value, 'idle')).toThrow(/must be at most 34560000000 ms\. Use/)
    },
  )

  it('holds to the bounds of the setting, both included', () => {
    const bounds = { min: 1000, max: 2000 }
    expect(parseDuration('1s', 'grace', bounds)).toBe(1000)
    expect(parseDuration('2s', 'grace', bounds)).toBe(2000)
    expect(() => parseDuration(999, 'grace', bounds)).toThrow(/at least 1000 ms/)
    expect(() => parseDuration('2001ms', 'grace', bounds)).toThrow(/"2001ms".* at most 2000 ms/)
  })

  it('allows none at all where the lower bound is zero', () => {
    expect(parseDuration(0, 'grace', { min: 0 })).toBe(0)
  })

  it('suspects a number of seconds behind a number below the bound', () => {
    const bounds = { min: 60_000 }
    expect(() => parseDuration(1800, 'idle', bounds)).toThrow(/mean seconds, write `'1800s'`\. Use/)
    expect(() => parseDuration(5, 'idle', bounds)).toThrow(/at least 60000 ms\. Use/)
    expect(() => parseDuration('30s', 'idle', bounds)).not.toThrow(/mean seconds/)
  })

  it('gives a whole number within bounds or a ConfigError, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.double(), fc.string()), value => {
        try {
          const ms = parseDuration(value as Duration, 'idle')
          expect(Number.isInteger(ms) && ms >= 1 && ms <= 400 * day).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })
})
