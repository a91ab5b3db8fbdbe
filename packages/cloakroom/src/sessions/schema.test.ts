import { describe, expect, it } from 'vitest'
import { checkData, readData, requireData, type StandardSchema } from './schema.ts'

interface Cart {
  items: string[]
}

const schema = schemaOf<Cart>(value => {
  const { items } = value as { items?: unknown }
  return Array.isArray(items)
    ? { value: value as Cart }
    : { issues: [{ message: 'not a list', path: ['items'] }] }
})

const failing = schemaOf<Cart>(() => {
  throw new RangeError('broken')
})

function schemaOf<Output>(
  validate: StandardSchema<Output>['~standard']['validate'],
): StandardSchema<Output> {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

describe('checkData', () => {
  it('accepts everything without a schema', () => {
    expect(checkData({ any: 1 }, {})).toEqual({ ok: true, data: { any: 1 } })
  })

  it('names every problem with its path', () => {
    const strict = schemaOf<Cart>(() => ({
      issues: [
        { message: 'too long', path: [{ key: 'items' }, 3] },
        { message: 'unknown key', path: [Symbol('extra')] },
        { message: 'no good' },
      ],
    }))
    expect(checkData({}, { schema: strict })).toEqual({
      ok: false,
      problem: 'data.items.3: too long; data.Symbol(extra): unknown key; data: no good',
    })
  })

  it('refuses a schema that does not answer at once', () => {
    const late = schemaOf<Cart>(async value => ({ value: value as Cart }))
    expect(checkData({}, { schema: late })).toMatchObject({
      ok: false,
      problem: expect.stringContaining('promise'),
    })
  })
})

describe('readData', () => {
  const migrate = (stored: unknown): Cart | null => {
    const { cart } = stored as { cart?: string }
    return cart === undefined ? null : { items: [cart] }
  }

  it('gives what the schema makes of it', () => {
    const trimming = schemaOf<Cart>(() => ({ value: { items: ['trimmed'] } }))
    expect(readData({}, { schema: trimming })).toEqual({ ok: true, data: { items: ['trimmed'] } })
  })

  it('migrates what the schema refuses, and nothing else', () => {
    expect(readData({ cart: 'a' }, { schema, migrate })).toMatchObject({ data: { items: ['a'] } })
    expect(readData({ items: [], cart: 'a' }, { schema, migrate })).toMatchObject({
      data: { items: [], cart: 'a' },
    })
  })

  it('refuses what cannot be migrated, or was migrated into something else', () => {
    const problem = { ok: false, problem: 'data.items: not a list' }
    expect(readData({ x: 1 }, { schema, migrate })).toEqual(problem)
    expect(readData({ x: 1 }, { schema })).toEqual(problem)
    const astray = (): Cart => ({ wrong: true }) as unknown as Cart
    expect(readData({ x: 1 }, { schema, migrate: astray })).toEqual(problem)
  })

  it('refuses what the schema or the migration breaks on', () => {
    const breaking = (): never => {
      throw new TypeError('broken')
    }
    expect(readData({}, { schema: failing })).toMatchObject({ ok: false })
    expect(readData({}, { schema, migrate: breaking })).toMatchObject({ ok: false })
  })
})

describe('requireData', () => {
  it('gives the data back, or what the schema makes of it', () => {
    const data = { items: ['a'] }
    expect(requireData(data, {})).toBe(data)
    const adding = schemaOf<Cart>(() => ({ value: { items: ['default'] } }))
    expect(requireData(data, { schema: adding })).toEqual({ items: ['default'] })
  })

  it.each([
    ['no plain object', new Map(), {}, /not a plain object/],
    ['unstorable', { items: [() => 1] }, {}, /data\.items\[0\]/],
    ['refused', {}, { schema }, /The schema refuses it\. data\.items: not a list\./],
    [
      'made into a map',
      { items: [] },
      { schema: schemaOf(() => ({ value: new Map() })) },
      /not a plain object/,
    ],
    [
      'made unstorable',
      { items: [] },
      { schema: schemaOf(() => ({ value: { items: new URL('a:b') } })) },
      /data\.items.*an instance of URL/,
    ],
  ])('refuses data that is %s', (_name, data, rules, problem) => {
    expect(() => requireData<object>(data, rules)).toThrow(problem)
  })

  it('lets through what a broken schema throws, since it must be mended', () => {
    expect(() => requireData({ items: [] }, { schema: failing })).toThrow(RangeError)
  })
})
