import { describe, expect, it } from 'vitest'
import { eventTypes } from './event.ts'
import { createEventCounter } from './metrics.ts'

describe('createEventCounter', () => {
  it('counts each kind of event', () => {
    const { counts, listener } = createEventCounter()
    listener({ type: 'auth_success', at: 0 })
    listener({ type: 'auth_success', at: 0 })
    listener({ type: 'csrf_failed', at: 0 })
    expect(counts()).toMatchObject({ auth_success: 2, csrf_failed: 1, auth_failure: 0 })
  })

  it('begins with a zero for every kind there is', () => {
    const { counts } = createEventCounter()
    expect(Object.keys(counts())).toEqual([...eventTypes])
    expect(new Set(Object.values(counts()))).toEqual(new Set([0]))
  })

  it('gives a copy that later events leave alone', () => {
    const { counts, listener } = createEventCounter()
    const before = counts()
    listener({ type: 'auth_success', at: 0 })
    expect(before.auth_success).toBe(0)
  })
})
