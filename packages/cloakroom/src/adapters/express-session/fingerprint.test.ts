import { describe, expect, it } from 'vitest'
import { fingerprint } from './fingerprint.ts'

describe('fingerprint', () => {
  const changes: [string, object, object][] = [
    ['a value', { a: 1 }, { a: 2 }],
    ['the kind of a value', { a: 1 }, { a: '1' }],
    ['a further key', { a: 1 }, { a: 1, b: null }],
    ['something deep', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
    ['a cookie further down', { a: { cookie: 1 } }, { a: { cookie: 2 } }],
    ['a Date', { a: new Date(1) }, { a: new Date(2) }],
    ['a BigInt', { a: 1n }, { a: 2n }],
    ['a Map', { a: new Map([['b', 1]]) }, { a: new Map([['b', 2]]) }],
    ['a Set', { a: new Set([1]) }, { a: new Set([1, 2]) }],
  ]
  it.each(changes)('sees a change of %s', (_what, before, after) => {
    expect(fingerprint(after)).not.toBe(fingerprint(before))
    expect(fingerprint(structuredClone(before))).toBe(fingerprint(before))
  })

  it('does not see the cookie', () => {
    expect(fingerprint({ cookie: 1, a: 1 })).toBe(fingerprint({ cookie: 2, a: 1 }))
  })

  it('fails for what refers to itself', () => {
    const loop: Record<string, unknown> = {}
    loop['itself'] = loop
    expect(() => fingerprint({ loop })).toThrow(TypeError)
  })
})
