import { type BlockPolicy, blockLength } from '../../protection/block-policy.ts'
import { type CounterBlock, type CounterTarget, toMs } from '../../protection/counter-store.ts'
import type { Counter } from './counter-strategies.ts'

/** Everything known of one key under one rule. */
export interface Entry {
  readonly target: CounterTarget
  run: number
  counter: Counter | null
  violations: Count
  level: Count
  block: Block | null
}

/** A number that is forgotten at a moment. */
interface Count {
  readonly count: number
  readonly endsAt: number
}

interface Block {
  /** Infinite for good. */
  readonly endsAt: number
  readonly level: number
  readonly reason: string
}

const nothing: Count = { count: 0, endsAt: 0 }

export function emptyEntry({ rule, id }: CounterTarget): Entry {
  const target = { rule: { name: rule.name, version: rule.version }, id }
  return { target, run: 0, counter: null, violations: nothing, level: nothing, block: null }
}

/** Notes that a rule was broken. True when that begins a block. */
export function violate(entry: Entry, policy: BlockPolicy, now: number): boolean {
  const violations = countOf(entry.violations, now) + 1
  if (violations < policy.violations) {
    const isFirst = violations === 1
    const endsAt = isFirst ? now + policy.periodUs : entry.violations.endsAt
    entry.violations = { count: violations, endsAt }
    return false
  }
  const level = countOf(entry.level, now)
  const endsAt = now + blockLength(policy, level, now)
  if (policy.factor > 1) entry.level = { count: level + 1, endsAt: endsAt + policy.decayUs }
  startBlock(entry, { endsAt, level, reason: 'limit' })
  return true
}

/** When a block ends, counting begins anew. */
export function startBlock(entry: Entry, block: Block): void {
  entry.block = block
  entry.counter = null
  entry.violations = nothing
}

export function extendBlock(entry: Entry, policy: BlockPolicy, now: number): void {
  const { block } = entry
  if (block?.reason !== 'limit' || block.endsAt === Number.POSITIVE_INFINITY) return
  entry.block = { ...block, endsAt: now + blockLength(policy, block.level, now) }
}

/** 0 when not blocked, -1 for good. */
export function blockedFor({ block }: Entry, now: number): number {
  if (block === null || now >= block.endsAt) return 0
  return block.endsAt === Number.POSITIVE_INFINITY ? -1 : block.endsAt - now
}

export function describeBlock(entry: Entry, now: number): CounterBlock | null {
  const blockedUs = blockedFor(entry, now)
  if (entry.block === null || blockedUs === 0) return null
  const { level, reason } = entry.block
  return { endsAfterMs: blockedUs === -1 ? null : toMs(blockedUs), level, reason }
}

function countOf({ count, endsAt }: Count, now: number): number {
  return now < endsAt ? count : 0
}

export function isOver({ counter, violations, level, block }: Entry, now: number): boolean {
  const isCounting = counter !== null && !counter.isEnded(now)
  const lastsUntil = Math.max(violations.endsAt, level.endsAt, block?.endsAt ?? 0)
  return !isCounting && now >= lastsUntil
}
