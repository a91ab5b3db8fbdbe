import { StoreError } from '../core/errors.ts'
import type { EventSink } from '../events/event.ts'
import type { Charge, CounterStore } from './counter-store.ts'
import {
  combineResults,
  type Judgement,
  type RateLimitOutcome,
  type RateSource,
} from './rate-limit.ts'
import { emitBlockStart } from './rate-limit-events.ts'

/**
 * Units set aside until it is known whether they count: a password to be checked, a job to be run.
 *
 * They count from the start, so that attempts in parallel cannot pass the limit together, and go on
 * counting when neither method is called. Of both methods only the first call has an effect. A store
 * that cannot answer makes neither throw; the units then go on counting.
 */
export interface RateReservation extends RateLimitOutcome {
  /**
   * Lets the units count.
   *
   * @returns how long a block lasts that this began, in milliseconds; 0 for none.
   */
  commit(): Promise<number>
  /** Gives the units back. */
  refund(): Promise<void>
}

/** What {@link createReservation} needs. */
export interface ReservationOptions {
  readonly events: EventSink | undefined
  readonly source: RateSource
  readonly onError: (error: StoreError) => void
}

/** Makes a {@link RateReservation} of what was judged. */
export function createReservation(
  judgements: readonly Judgement[],
  { events, source, onError }: ReservationOptions,
): RateReservation {
  let isSettled = false

  /** The charges by the store that holds them; none after the first time. */
  function settle(): readonly [CounterStore, readonly Charge[]][] {
    if (isSettled) return []
    isSettled = true
    const homes = new Map<CounterStore, Charge[]>()
    for (const { home, charge } of judgements) {
      if (home === null || charge === null) continue
      homes.set(home, [...(homes.get(home) ?? []), charge])
    }
    return [...homes]
  }

  async function commitAt(home: CounterStore, charges: readonly Charge[]): Promise<number> {
    const blocking = charges.filter(charge => charge.rule.block?.at === 'limit')
    if (blocking.length === 0) return 0
    const lengths = await home.commit(blocking)
    for (const [index, check] of blocking.entries()) {
      const blockedForMs = lengths[index] ?? 0
      if (blockedForMs === 0) continue
      emitBlockStart(events, { check, blockedForMs, reason: 'limit' }, source)
    }
    return Math.max(...lengths)
  }

  return {
    ...combineResults(judgements.map(judgement => judgement.result)),
    async commit() {
      const commits = settle().map(([home, charges]) =>
        tolerate(commitAt(home, charges), 0, onError),
      )
      return Math.max(0, ...(await Promise.all(commits)))
    },
    async refund() {
      const refunds = settle().map(([home, charges]) =>
        tolerate(home.refund(charges), undefined, onError),
      )
      await Promise.all(refunds)
    },
  }
}

async function tolerate<Value>(
  promise: Promise<Value>,
  instead: Value,
  onError: (error: StoreError) => void,
): Promise<Value> {
  try {
    return await promise
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    onError(error)
    return instead
  }
}
