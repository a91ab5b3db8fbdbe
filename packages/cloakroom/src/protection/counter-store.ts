import type { LimitRule } from './rules.ts'

/** Whose count under which rule. */
export interface CounterTarget {
  readonly rule: Pick<LimitRule, 'name' | 'version'>
  /** A keyed digest, 22 characters of base64url. Stores never see what it stands for. */
  readonly id: string
}

/** A wish to use some units. */
export interface CounterCheck extends CounterTarget {
  readonly rule: LimitRule
  /** How many; with 0 nothing is written. */
  readonly cost: number
}

/** Units that were charged. What makes it possible to give back these and no others. */
export interface Charge extends CounterCheck {
  /** Names the run of counting they belong to; a later run has another. */
  readonly run: number
  /** Where in it they are, as the strategy needs it. */
  readonly slot: number | string
}

/**
 * What a store says to one {@link CounterCheck}.
 *
 * The call as a whole passes when `retryAfterMs` is 0 for each rule that is not in shadow.
 */
export interface CounterVerdict {
  readonly check: CounterCheck
  readonly remaining: number
  /** 0 when it passes, -1 when it never will. Waiting this long is enough, if nobody else calls. */
  readonly retryAfterMs: number
  /** When the count will be as if nothing had been used. */
  readonly resetAfterMs: number
  /** 0 when not blocked, -1 for good. A call that uses up the limit may pass and block later ones. */
  readonly blockedForMs: number
  /** Whether the block began with this call. */
  readonly isBlockStart: boolean
  /** Null unless units were charged. */
  readonly charge: Charge | null
}

/** A block as operators see it. */
export interface CounterBlock {
  /** Milliseconds to its end, or null for good. */
  readonly endsAfterMs: number | null
  /** How many blocks before it were remembered. */
  readonly level: number
  /** `'limit'` for those a rule has made. */
  readonly reason: string
}

/** One entry of a list of blocks. */
export interface ListedBlock extends CounterBlock, CounterTarget {}

/** One page of blocks. Pages may be empty. */
export interface BlockPage {
  readonly blocks: readonly ListedBlock[]
  /** What to pass for the next page; null after the last. */
  readonly cursor: string | null
}

/** `'reserve'` leaves blocking at the limit to {@link CounterStore.commit}. */
export type ConsumeMode = 'charge' | 'reserve'

/**
 * Counts units under rules.
 *
 * Where one call names several targets, the most specific comes first, and no target twice. Times
 * are of the store's own clock. Every method throws {@link StoreError} when the store cannot answer.
 */
export interface CounterStore {
  /**
   * Charges all checks or, if one that is not in shadow is refused, none. Refused units are not
   * counted. Blocks begin in the same step; while one lasts nothing is charged, and when it ends
   * counting begins anew.
   */
  consume(checks: readonly CounterCheck[], mode: ConsumeMode): Promise<readonly CounterVerdict[]>
  /** What {@link consume} would say. Changes nothing. */
  peek(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]>
  /**
   * Keeps reserved units, blocking where a rule wants that at its limit.
   *
   * @returns for each charge how long the block lasts that it began: 0 for none.
   */
  commit(charges: readonly Charge[]): Promise<readonly number[]>
  /** Gives units back, where they still count. */
  refund(charges: readonly Charge[]): Promise<void>
  /** Blocks by hand, null for good. Counting begins anew afterwards. */
  block(
    target: CounterTarget,
    block: { readonly durationMs: number | null; readonly reason: string },
  ): Promise<void>
  /** Forgets counts and blocks of a target. False when it was not blocked. */
  unblock(target: CounterTarget): Promise<boolean>
  findBlock(target: CounterTarget): Promise<CounterBlock | null>
  /** The blocks of all rules, in no order. */
  listBlocks(cursor: string | null, count: number): Promise<BlockPage>
}

/**
 * Microseconds as stores count, in the milliseconds of a verdict. Rounded up: a wait that is a little
 * too long is true, one that is too short is not. -1 remains.
 */
export function toMs(us: number): number {
  return us < 0 ? -1 : Math.ceil(us / 1000)
}
