import { describe, expect, it } from 'vitest'
import { toBase64Url } from './bytes.ts'
import { randomBytes, randomText } from './random.ts'

describe('randomBytes', () => {
  it('gives as many bytes as asked for, others each time', () => {
    const values = Array.from({ length: 500 }, () => randomBytes(16))
    expect(values.every(value => value.byteLength === 16)).toBe(true)
    expect(new Set(values.map(toBase64Url)).size).toBe(500)
    expect(randomBytes(0)).toHaveLength(0)
  })

  it('gives memory of its own, not a part of a shared pool', () => {
    expect(randomBytes(16).buffer.byteLength).toBe(16)
  })

  it.each([-1, Number.POSITIVE_INFINITY])('refuses a length of %d', length => {
    expect(() => randomBytes(length)).toThrow(RangeError)
  })
})

describe('randomText', () => {
  it.each([0, 1, 2, 3, 4, 5, 22, 43])('gives %i URL-safe characters', characters => {
    expect(randomText(characters)).toMatch(new RegExp(`^[A-Za-z0-9_-]{${characters}}$`))
  })

  it.each([1, 2, 3, 4])('uses the whole alphabet in the last of %i characters', characters => {
    const last = Array.from({ length: 5000 }, () => randomText(characters).at(-1))
    expect(new Set(last).size).toBe(64)
  })
})
