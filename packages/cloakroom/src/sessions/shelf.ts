import type { Clock } from '../core/clock.ts'

/** What lies on a {@link Shelf}. */
export interface Shelved {
  readonly addedAt: number
  /** Bytes, roughly. */
  readonly weight: number
}

/** Bounds of a {@link Shelf}. */
export interface ShelfOptions {
  readonly clock: Clock
  readonly maxAgeMs: number
  readonly maxEntries: number
}

/**
 * Keeps what was added last, bounded in age, number and weight. The oldest goes first: it would be
 * the next to become too old anyway, so that reading need not note anything. What is too old leaves
 * the memory within another {@link ShelfOptions.maxAgeMs}, even if nothing is added any more.
 */
export interface Shelf<Value extends Shelved> {
  readonly size: number
  /** What was added under this name, be it too old or not: see {@link isFresh}. */
  get(id: string): Value | undefined
  isFresh(value: Value, now: number): boolean
  add(id: string, value: Value): void
  remove(id: string): void
  clear(): void
}

/** Weight that an entry may have on average. */
const averageWeight = 4096

/** Makes a {@link Shelf}. */
export function createShelf<Value extends Shelved>(options: ShelfOptions): Shelf<Value> {
  const { clock, maxAgeMs, maxEntries } = options
  const maxWeight = maxEntries * averageWeight
  const values = new Map<string, Value>()
  let weight = 0
  let timer: NodeJS.Timeout | undefined
  // One iterator for as long as it goes: a new one has to pass all places of what has left.
  let oldestFirst = values.entries()
  let oldest: [string, Value] | undefined

  function remove(id: string): void {
    const value = values.get(id)
    if (value === undefined) return
    values.delete(id)
    weight -= value.weight
  }

  /** An age below zero means that the clock was set back: how old it is cannot be told then. */
  function isFresh(value: Value, now: number): boolean {
    const age = now - value.addedAt
    return age >= 0 && age < maxAgeMs
  }

  function sweep(): void {
    const now = clock.now()
    for (let next = findOldest(); next !== undefined; next = findOldest()) {
      const [id, value] = next
      const fits = values.size <= maxEntries && weight <= maxWeight
      if (fits && isFresh(value, now)) break
      remove(id)
    }
  }

  function findOldest(): [string, Value] | undefined {
    while (oldest === undefined || values.get(oldest[0]) !== oldest[1]) {
      if (values.size === 0) return undefined
      const next = oldestFirst.next()
      if (next.done) oldestFirst = values.entries()
      else oldest = next.value
    }
    return oldest
  }

  function sweepLater(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      sweep()
      if (values.size > 0) sweepLater()
    }, maxAgeMs).unref()
  }

  return {
    get size() {
      return values.size
    },
    get: id => values.get(id),
    isFresh,
    add(id, value) {
      remove(id)
      values.set(id, value)
      weight += value.weight
      sweep()
      sweepLater()
    },
    remove,
    clear() {
      values.clear()
      oldest = undefined
      weight = 0
      clearTimeout(timer)
      timer = undefined
    },
  }
}
