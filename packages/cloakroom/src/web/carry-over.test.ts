import { describe, expect, it } from 'vitest'
import { carryOver } from './carry-over.ts'

describe('carryOver', () => {
  const data = { cart: ['a'], theme: 'dark' }

  it('keeps what a visitor collected', () => {
    expect(carryOver(data, { from: null, to: 'alice', carry: true })).toBe(data)
  })

  it('keeps the data of the same user', () => {
    expect(carryOver(data, { from: 'alice', to: 'alice', carry: true })).toBe(data)
  })

  it('never gives one user’s data to another', () => {
    expect(carryOver(data, { from: 'alice', to: 'bob', carry: true })).toEqual({})
    expect(carryOver(data, { from: 'alice', to: 'bob', carry: ['cart'] })).toEqual({})
  })

  it('leaves nothing of a user to the visitor after them', () => {
    expect(carryOver(data, { from: 'alice', to: null, carry: true })).toEqual({})
    expect(carryOver(data, { from: null, to: null, carry: true })).toBe(data)
  })

  it('keeps the keys that are named, or none', () => {
    expect(carryOver(data, { from: null, to: 'bob', carry: ['cart', 'x'] })).toEqual({
      cart: ['a'],
    })
    expect(carryOver(data, { from: null, to: 'bob', carry: false })).toEqual({})
  })
})
