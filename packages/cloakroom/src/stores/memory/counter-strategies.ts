import type { LimitRule, LimitStrategy } from '../../protection/rules.ts'

/**
 * One run of counting for one key: from the first charge until nothing of it matters any more.
 *
 * All times are integers in microseconds and never go back. A cost is 1 or more and within the
 * limit. Windows are half-open: what was used exactly one window ago no longer counts.
 */
export interface Counter {
  isEnded(now: number): boolean
  /** How long until `cost` fits, if nothing else is used; 0 when it does. */
  waitFor(cost: number, now: number): number
  remaining(now: number): number
  resetAfter(now: number): number
  /** Uses units, and tells where they went. */
  charge(cost: number, now: number): number
  /** Takes units back from where they went, as far as they still count there. */
  refund(cost: number, slot: number, now: number): void
}

/** Begins a run of counting. */
export function openCounter(rule: LimitRule, now: number): Counter {
  return openers[rule.strategy](rule, now)
}

const openers: Readonly<Record<LimitStrategy, (rule: LimitRule, now: number) => Counter>> = {
  'fixed-window': openFixedWindow,
  'sliding-window': openSlidingWindow,
  'sliding-counter': openSlidingCounter,
  'sliding-log': openSlidingLog,
  'token-bucket': openTokenBucket,
}

/** The window begins with the first unit, so that not all clients start over at one moment. */
function openFixedWindow(rule: LimitRule, openedAt: number): Counter {
  const endsAt = openedAt + rule.windowUs
  let used = 0
  return {
    isEnded: now => used === 0 || now >= endsAt,
    waitFor: (cost, now) => (used + cost <= rule.limit ? 0 : endsAt - now),
    remaining: () => rule.limit - used,
    resetAfter: now => (used === 0 ? 0 : endsAt - now),
    charge(cost) {
      used += cost
      return 0
    },
    refund(cost) {
      used = Math.max(0, used - cost)
    },
  }
}

/**
 * Counts in buckets of a part of the window each. The buckets that touch the window cover a little
 * more than it, which makes the limit strict.
 */
function openSlidingWindow(rule: LimitRule): Counter {
  const { limit, buckets, bucketUs } = rule
  const counts = new Map<number, number>()
  const bucketOf = (now: number): number => Math.floor(now / bucketUs)
  const leavesAt = (bucket: number): number => (bucket + buckets + 1) * bucketUs

  function drop(now: number): void {
    for (const bucket of counts.keys()) if (now >= leavesAt(bucket)) counts.delete(bucket)
  }

  function used(now: number): number {
    drop(now)
    return [...counts.values()].reduce((sum, count) => sum + count, 0)
  }

  return {
    isEnded: now => used(now) === 0,
    waitFor(cost, now) {
      let excess = used(now) + cost - limit
      let waitUs = 0
      for (const [bucket, count] of counts) {
        if (excess <= 0) break
        waitUs = leavesAt(bucket) - now
        excess -= count
      }
      return waitUs
    },
    remaining: now => limit - used(now),
    resetAfter(now) {
      drop(now)
      const newest = Math.max(...counts.keys())
      return counts.size === 0 ? 0 : leavesAt(newest) - now
    },
    charge(cost, now) {
      const bucket = bucketOf(now)
      counts.set(bucket, (counts.get(bucket) ?? 0) + cost)
      return bucket
    },
    refund(cost, bucket) {
      const left = (counts.get(bucket) ?? 0) - cost
      if (left > 0) counts.set(bucket, left)
      else counts.delete(bucket)
    },
  }
}

/** Counts per calendar window, and lets the last one fade as this one passes. */
function openSlidingCounter(rule: LimitRule): Counter {
  const { limit, windowUs } = rule
  let window = 0
  let current = 0
  let previous = 0

  /** Goes on to the window of `now`; gives the time that has passed in it. */
  function roll(now: number): number {
    const index = Math.floor(now / windowUs)
    if (index !== window) {
      previous = index === window + 1 ? current : 0
      current = 0
      window = index
    }
    return now - index * windowUs
  }

  /** The time in a window after which `count` units of the one before weigh `room` or less. */
  const fadesTo = (room: number, count: number): number =>
    count <= room ? 0 : windowUs - Math.floor((room * windowUs) / count)

  return {
    isEnded(now) {
      roll(now)
      return current === 0 && previous === 0
    },
    waitFor(cost, now) {
      const elapsed = roll(now)
      const room = limit - cost
      if (current <= room && fadesTo(room - current, previous) < windowUs) {
        return Math.max(0, fadesTo(room - current, previous) - elapsed)
      }
      return windowUs - elapsed + fadesTo(room, current)
    },
    remaining(now) {
      const elapsed = roll(now)
      const free = (limit - current) * windowUs - previous * (windowUs - elapsed)
      return Math.max(0, Math.floor(free / windowUs))
    },
    resetAfter(now) {
      const left = windowUs - roll(now)
      if (current > 0) return left + windowUs
      return previous > 0 ? left : 0
    },
    charge(cost, now) {
      roll(now)
      current += cost
      return window
    },
    refund(cost, index, now) {
      roll(now)
      if (index === window) current = Math.max(0, current - cost)
      if (index === window - 1) previous = Math.max(0, previous - cost)
    },
  }
}

/** Remembers the time of each unit. */
function openSlidingLog(rule: LimitRule): Counter {
  const { limit, windowUs } = rule
  let units: { readonly usedAt: number; readonly slot: number }[] = []
  let charges = 0

  function living(now: number): readonly { readonly usedAt: number }[] {
    units = units.filter(unit => now < unit.usedAt + windowUs)
    return units
  }

  /** When the unit at this place, counted from the oldest, no longer counts. */
  function leavesAfter(place: number, now: number): number {
    const unit = living(now).at(place)
    return unit === undefined ? 0 : unit.usedAt + windowUs - now
  }

  return {
    isEnded: now => living(now).length === 0,
    waitFor(cost, now) {
      const excess = living(now).length + cost - limit
      return excess <= 0 ? 0 : leavesAfter(excess - 1, now)
    },
    remaining: now => limit - living(now).length,
    resetAfter: now => leavesAfter(-1, now),
    charge(cost, now) {
      const slot = charges
      charges += 1
      units.push(...Array.from({ length: cost }, () => ({ usedAt: now, slot })))
      return slot
    },
    refund(_, slot) {
      units = units.filter(unit => unit.slot !== slot)
    },
  }
}

/**
 * A bucket that refills evenly, seen as a debt that is worked off: each unit takes `refill` to come
 * back, and the debt may be at most a bucketful. Counted in `1 / refill[1]` of a microsecond, so that
 * every number is an integer.
 */
function openTokenBucket(rule: LimitRule): Counter {
  const [price, perUs] = rule.refill
  const most = rule.limit * price
  let debt = 0
  let countedAt = 0

  function owed(now: number): number {
    debt = Math.max(0, debt - (now - countedAt) * perUs)
    countedAt = now
    return debt
  }

  return {
    isEnded: now => owed(now) === 0,
    waitFor: (cost, now) => Math.max(0, Math.ceil((owed(now) + cost * price - most) / perUs)),
    remaining: now => Math.floor((most - owed(now)) / price),
    resetAfter: now => Math.ceil(owed(now) / perUs),
    charge(cost, now) {
      debt = owed(now) + cost * price
      return now + Math.ceil(debt / perUs)
    },
    // Debts are worked off in order, and what is worked off is not given back a second time.
    refund(cost, paidAt, now) {
      const unpaid = Math.max(0, (paidAt - now) * perUs)
      debt = Math.max(0, owed(now) - Math.min(cost * price, unpaid))
    },
  }
}
