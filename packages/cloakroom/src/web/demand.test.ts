import { describe, expect, it } from 'vitest'
import { demandOf } from './demand.ts'

describe('demandOf', () => {
  it('reads what a route demands', () => {
    expect(demandOf({ role: 'admin', fresh: '5m' })).toEqual({ role: 'admin', freshMs: 300_000 })
    expect(demandOf({ permission: 'cart:edit' })).toEqual({ permission: 'cart:edit' })
    expect(demandOf({ role: undefined })).toEqual({})
  })

  it('refuses seconds where milliseconds are meant', () => {
    expect(() => demandOf({ fresh: 300 })).toThrow(/`fresh`.*'300s'/)
  })
})
