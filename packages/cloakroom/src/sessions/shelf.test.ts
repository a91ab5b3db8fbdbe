import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import { createShelf, type Shelf, type Shelved } from './shelf.ts'

describe('createShelf', () => {
  let clock: ManualClock
  let shelf: Shelf<Shelved>
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    clock = createManualClock()
    shelf = createShelf({ clock, maxAgeMs: 1000, maxEntries: 3 })
  })
  afterEach(() => vi.useRealTimers())

  function add(id: string, weight = 1): Shelved {
    const value = { addedAt: clock.now(), weight }
    shelf.add(id, value)
    return value
  }

  it('gives what was added, until it is removed', () => {
    const value = add('a')
    expect(shelf.get('a')).toBe(value)
    expect(shelf.get('b')).toBeUndefined()
    shelf.remove('a')
    shelf.remove('a')
    expect(shelf.get('a')).toBeUndefined()
    expect(shelf.size).toBe(0)
  })

  it('lets the oldest go when there are too many', () => {
    for (const id of ['a', 'b', 'a', 'c', 'd']) add(id)
    expect(['a', 'b', 'c', 'd'].filter(id => shelf.get(id))).toEqual(['a', 'c', 'd'])
  })

  it('lets the oldest go when they are too heavy together', () => {
    add('a', 8000)
    add('b', 4000)
    expect(shelf.size).toBe(2)
    add('c', 4000)
    expect(shelf.get('a')).toBeUndefined()
    expect(shelf.size).toBe(2)
    add('d', 20_000)
    expect(shelf.size).toBe(0)
    add('e', 12_000)
    expect(shelf.size).toBe(1)
  })

  it('tells what is too old, or of a time to come', () => {
    const value = add('a')
    clock.advance(999)
    expect(shelf.isFresh(value, clock.now())).toBe(true)
    clock.advance(1)
    expect(shelf.isFresh(value, clock.now())).toBe(false)
    clock.advance(-1001)
    expect(shelf.isFresh(value, clock.now())).toBe(false)
  })

  it('lets go what is too old, though nothing is added any more', () => {
    add('a')
    clock.advance(500)
    add('b')
    clock.advance(500)
    vi.advanceTimersByTime(1000)
    expect(shelf.size).toBe(1)
    clock.advance(1000)
    vi.advanceTimersByTime(1000)
    expect(shelf.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is empty after it was cleared, and as good as new', () => {
    add('a', 12_000)
    shelf.clear()
    expect(shelf.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    add('b', 12_000)
    expect(shelf.size).toBe(1)
  })
})
