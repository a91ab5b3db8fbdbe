import type { EventSink } from '../events/event.ts'
import type { CounterCheck } from './counter-store.ts'
import type { Judgement, RateSource } from './rate-limit.ts'

/** Reports a refusal, also one that a rule in shadow would have made, and a block that began. */
export function emitJudgement(
  events: EventSink | undefined,
  { check, result, isBlockStart }: Judgement,
  source: RateSource,
): void {
  const { reason, blockedForMs } = result
  if (reason === 'limited' || reason === 'blocked') {
    events?.emit({
      ...source,
      type: 'rate_limit_exceeded',
      reason,
      details: describe(check),
    })
  }
  if (isBlockStart) emitBlockStart(events, { check, blockedForMs, reason: 'limit' }, source)
}

/** A block that began. */
export interface BlockStart {
  readonly check: Pick<CounterCheck, 'rule' | 'id'>
  /** -1 for good. */
  readonly blockedForMs: number
  readonly reason: string
  /** Whom an operator meant. */
  readonly subject?: string | undefined
}

/** Reports a block that began. */
export function emitBlockStart(
  events: EventSink | undefined,
  { check, blockedForMs, reason, subject }: BlockStart,
  source: RateSource,
): void {
  const details = { ...describe(check), blockedForMs, ...(subject !== undefined && { subject }) }
  events?.emit({ ...source, type: 'rate_limit_blocked', reason, details })
}

/** Reports that an operator lifted a block. */
export function emitBlockEnd(
  events: EventSink | undefined,
  { rule, id }: { readonly rule: { readonly name: string }; readonly id: string },
  source: RateSource,
): void {
  const details = { rule: rule.name, key: id }
  events?.emit({ ...source, type: 'rate_limit_unblocked', reason: 'lifted', details })
}

/** The key appears as its digest: what it stands for may be somebody's address. */
function describe({ rule, id }: Pick<CounterCheck, 'rule' | 'id'>) {
  return { rule: rule.name, key: id, ...(rule.isShadow ? { isShadow: true } : {}) }
}
