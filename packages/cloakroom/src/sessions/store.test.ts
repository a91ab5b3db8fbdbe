import { describe, expect, it } from 'vitest'
import { bucketOf, deadlineOf, ownerOf, type SessionRecord } from './store.ts'

describe('deadlineOf', () => {
  it('is the nearer of the two ends', () => {
    const times = { createdAt: 1000, seenAt: 5000, idleMs: 60_000, absoluteMs: 120_000 }
    expect(deadlineOf(times as SessionRecord)).toBe(65_000)
    expect(deadlineOf({ ...times, seenAt: 100_000 } as SessionRecord)).toBe(121_000)
  })
})

describe('ownerOf and bucketOf', () => {
  it('are the beginning of an id, and of each other', () => {
    const id = 'abcdefghijklmnopqrstuv'
    expect(ownerOf(id)).toBe('abcdefghijkl')
    expect(bucketOf(id)).toBe('abc')
    expect(bucketOf(ownerOf(id))).toBe(bucketOf(id))
  })
})
