import type { Clock } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import { requireInteger } from '../../core/options.ts'
import {
  type Charge,
  type ConsumeMode,
  type CounterCheck,
  type CounterStore,
  type CounterTarget,
  type CounterVerdict,
  type ListedBlock,
  toMs,
} from '../../protection/counter-store.ts'
import {
  blockedFor,
  describeBlock,
  type Entry,
  emptyEntry,
  extendBlock,
  isOver,
  startBlock,
  violate,
} from './counter-entry.ts'
import { type Counter, openCounter } from './counter-strategies.ts'

/** What {@link createMemoryCounters} needs. */
export interface MemoryCountersOptions {
  readonly clock: Clock
  /**
   * How many keys may be counted at once. One more is refused with a {@link StoreError}: to make
   * room by forgetting others would let an attacker wash counts away.
   *
   * @default 100_000
   */
  readonly maxKeys?: number
}

/** A check and what there is to say about it before anything is charged. */
interface Look {
  readonly check: CounterCheck
  readonly entry: Entry
  readonly blockedUs: number
  /** -1 for never. */
  readonly waitUs: number
}

const sweepAt = 1000
const sweepPauseUs = 1_000_000

/**
 * Counters in the memory of this process: the readable specification of a counter store, the default
 * while developing, and what counts while the shared store cannot.
 */
export function createMemoryCounters(options: MemoryCountersOptions): CounterStore {
  const maxKeys = requireInteger('maxKeys', options.maxKeys ?? 100_000, { min: 1 })
  const readTime = createForwardTime(options.clock)
  const entries = new Map<string, Entry>()
  let runs = 0
  let nextSweep = Math.min(sweepAt, maxKeys)
  let sweptAt = Number.NEGATIVE_INFINITY

  function sweep(now: number): void {
    if (now < sweptAt + sweepPauseUs) return
    sweptAt = now
    for (const [name, entry] of entries) if (isOver(entry, now)) entries.delete(name)
    nextSweep = Math.min(maxKeys, Math.max(sweepAt, entries.size * 2))
  }

  /** Keeps an entry that is about to be changed. */
  function keep(entry: Entry, now: number): void {
    const name = nameOf(entry.target)
    if (entries.has(name)) return
    if (entries.size >= nextSweep) sweep(now)
    if (entries.size >= maxKeys) {
      const message = `The counters in memory hold ${maxKeys} keys. Raise \`maxKeys\`, or use Redis.`
      throw new StoreError('ERR_STORE_UNAVAILABLE', message)
    }
    entries.set(name, entry)
  }

  function find(target: CounterTarget): Entry {
    return entries.get(nameOf(target)) ?? emptyEntry(target)
  }

  function look(check: CounterCheck, now: number): Look {
    const { rule, cost } = check
    const entry = find(check)
    const blockedUs = blockedFor(entry, now)
    const isPossible = cost <= rule.limit
    if (blockedUs !== 0) return { check, entry, blockedUs, waitUs: isPossible ? blockedUs : -1 }
    if (!isPossible) return { check, entry, blockedUs, waitUs: -1 }
    const waitUs = cost === 0 ? 0 : counterOf(check, entry, now).waitFor(cost, now)
    return { check, entry, blockedUs, waitUs }
  }

  function charge({ check, entry }: Look, now: number): Charge {
    const counter = counterOf(check, entry, now)
    if (counter !== entry.counter) {
      runs += 1
      entry.run = runs
      entry.counter = counter
    }
    return { ...check, run: entry.run, slot: counter.charge(check.cost, now) }
  }

  function settleCharge(seen: Look, now: number, mode: ConsumeMode): Settled {
    const { check, entry } = seen
    const { block } = check.rule
    const made = charge(seen, now)
    const isBroken = mode === 'charge' && block?.at === 'limit'
    const isFull = counterOf(check, entry, now).remaining(now) === 0
    return { charge: made, isBlockStart: isBroken && isFull && violate(entry, block, now) }
  }

  function settleRefusal(seen: Look, now: number, mode: ConsumeMode): Settled {
    const { check, entry, blockedUs, waitUs } = seen
    const { block } = check.rule
    if (block === null || waitUs === 0) return unsettled
    if (blockedUs !== 0) {
      if (block.isExtending) extendBlock(entry, block, now)
      return unsettled
    }
    // Where the limit itself blocks, units that are only reserved do not count as a failure yet.
    if (waitUs === -1 || (mode === 'reserve' && block.at === 'limit')) return unsettled
    keep(entry, now)
    return { charge: null, isBlockStart: violate(entry, block, now) }
  }

  return {
    async consume(checks, mode) {
      const now = readTime()
      const looks = checks.map(check => look(check, now))
      const isPassed = looks.every(({ check, waitUs }) => waitUs === 0 || check.rule.isShadow)
      const isCharged = ({ check, waitUs }: Look) => isPassed && waitUs === 0 && check.cost > 0
      // Before anything is charged, since this may fail.
      for (const seen of looks) if (isCharged(seen)) keep(seen.entry, now)
      return looks.map(seen => {
        const settled = isCharged(seen)
          ? settleCharge(seen, now, mode)
          : settleRefusal(seen, now, mode)
        return verdictOf(seen, now, settled)
      })
    },

    async peek(checks) {
      const now = readTime()
      return checks.map(check => verdictOf(look(check, now), now, unsettled))
    },

    async commit(charges) {
      const now = readTime()
      return charges.map(made => {
        const { block } = made.rule
        const entry = find(made)
        if (block?.at !== 'limit' || blockedFor(entry, now) !== 0) return 0
        if (counterOf(made, entry, now).remaining(now) > 0) return 0
        return violate(entry, block, now) ? toMs(blockedFor(entry, now)) : 0
      })
    },

    async refund(charges) {
      const now = readTime()
      for (const { rule, id, run, slot, cost } of charges) {
        const entry = find({ rule, id })
        if (entry.run === run) entry.counter?.refund(cost, Number(slot), now)
      }
    },

    async block(target, { durationMs, reason }) {
      const now = readTime()
      const entry = find(target)
      keep(entry, now)
      const endsAt = durationMs === null ? Number.POSITIVE_INFINITY : now + durationMs * 1000
      startBlock(entry, { endsAt, level: 0, reason })
    },

    async unblock(target) {
      const wasBlocked = blockedFor(find(target), readTime()) !== 0
      entries.delete(nameOf(target))
      return wasBlocked
    },

    async findBlock(target) {
      return describeBlock(find(target), readTime())
    },

    async listBlocks(cursor, count) {
      const now = readTime()
      const names = [...entries.keys()].filter(name => name > (cursor ?? '')).sort()
      const blocks: ListedBlock[] = []
      for (const name of names) {
        const entry = entries.get(name)
        const block = entry === undefined ? null : describeBlock(entry, now)
        if (entry === undefined || block === null) continue
        blocks.push({ ...entry.target, ...block })
        if (blocks.length === count) return { blocks, cursor: name }
      }
      return { blocks, cursor: null }
    },
  }
}

interface Settled {
  readonly charge: Charge | null
  readonly isBlockStart: boolean
}

const unsettled: Settled = { charge: null, isBlockStart: false }

function verdictOf(seen: Look, now: number, settled: Settled): CounterVerdict {
  const { check, entry } = seen
  const blockedUs = blockedFor(entry, now)
  const counter = counterOf(check, entry, now)
  const isBlocked = blockedUs !== 0
  const waitUs = seen.waitUs > 0 && isBlocked ? blockedUs : seen.waitUs
  return {
    check,
    remaining: isBlocked ? 0 : counter.remaining(now),
    retryAfterMs: toMs(waitUs),
    resetAfterMs: toMs(isBlocked ? blockedUs : counter.resetAfter(now)),
    blockedForMs: toMs(blockedUs),
    ...settled,
  }
}

function nameOf({ rule, id }: CounterTarget): string {
  return `${rule.name}.${rule.version}.${id}`
}

/** The counter that runs, or a new one. */
function counterOf({ rule }: CounterCheck, { counter }: Entry, now: number): Counter {
  return counter === null || counter.isEnded(now) ? openCounter(rule, now) : counter
}

/** Microseconds that never go back: what a clock loses when it is set back is not waited for. */
function createForwardTime(clock: Clock): () => number {
  let last = Math.round(clock.now() * 1000)
  let lost = 0
  return () => {
    const read = Math.round(clock.now() * 1000)
    lost += Math.max(0, last - read)
    last = read
    return read + lost
  }
}
