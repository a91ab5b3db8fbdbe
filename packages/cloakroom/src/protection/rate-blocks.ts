import { type Duration, parseDuration } from '../core/duration.ts'
import type { EventSink, EventSource } from '../events/event.ts'
import type {
  BlockPage,
  CounterBlock,
  CounterStore,
  CounterTarget,
  ListedBlock,
} from './counter-store.ts'
import type { RateKey, RateSource } from './rate-limit.ts'
import { emitBlockEnd, emitBlockStart } from './rate-limit-events.ts'
import type { LimitRule } from './rules.ts'

/** Who blocks or unblocks, for the event. */
export interface RateOperator {
  readonly source?: EventSource | undefined
  /** The administrator who does it. */
  readonly actorId?: string | undefined
}

/** How an operator blocks a key. */
export interface ManualBlock extends RateOperator {
  /** Leave it out to block for good. */
  readonly duration?: Duration | undefined
  /** Kept with the block and shown to operators. */
  readonly reason: string
  /** Whom it is meant for, in words: for the event alone, since the store keeps a digest of the key. */
  readonly subject?: string | undefined
}

/** What operators do about blocks. All of it throws {@link StoreError} when the store cannot answer. */
export interface RateBlocks<Rule extends string = string> {
  /** Blocks a key under a rule, replacing a block that is there. */
  block(rule: Rule, key: RateKey, block: ManualBlock): Promise<void>
  /** Lifts a block and forgets what was counted. False when there was no block. */
  unblock(rule: Rule, key: RateKey, by?: RateOperator): Promise<boolean>
  /** Lifts a block found in the list, where the key itself is not known. */
  unblockListed(block: Pick<ListedBlock, 'rule' | 'id'>, by?: RateOperator): Promise<boolean>
  isBlocked(rule: Rule, key: RateKey): Promise<boolean>
  findBlock(rule: Rule, key: RateKey): Promise<CounterBlock | null>
  /** One page of all blocks, in no order. Keys appear as digests; compare them with `idOf`. */
  listBlocks(options?: {
    readonly cursor?: string | null
    readonly count?: number
  }): Promise<BlockPage>
}

/** What {@link createRateBlocks} needs. */
export interface RateBlocksOptions {
  readonly store: CounterStore
  readonly events: EventSink | undefined
  readonly targetOf: (rule: string, key: RateKey) => CounterTarget & { readonly rule: LimitRule }
}

/** Makes the part of a limiter that operators use. */
export function createRateBlocks({ store, events, targetOf }: RateBlocksOptions): RateBlocks {
  async function lift(
    target: Pick<ListedBlock, 'rule' | 'id'>,
    by: RateOperator = {},
  ): Promise<boolean> {
    const isLifted = await store.unblock(target)
    if (isLifted) emitBlockEnd(events, target, originOf(by))
    return isLifted
  }

  return {
    async block(rule, key, { duration, reason, subject, ...by }) {
      const check = targetOf(rule, key)
      const durationMs = duration === undefined ? null : parseDuration(duration, 'duration')
      await store.block(check, { durationMs, reason })
      const start = { check, blockedForMs: durationMs ?? -1, reason, subject }
      emitBlockStart(events, start, originOf(by))
    },
    unblock: async (rule, key, by) => lift(targetOf(rule, key), by),
    unblockListed: ({ rule, id }, by) => lift({ rule, id }, by),
    isBlocked: async (rule, key) => (await store.findBlock(targetOf(rule, key))) !== null,
    findBlock: async (rule, key) => store.findBlock(targetOf(rule, key)),
    listBlocks: ({ cursor = null, count = 100 } = {}) => store.listBlocks(cursor, count),
  }
}

function originOf({ source, actorId }: RateOperator): RateSource {
  return { ...source, ...(actorId !== undefined && { actorId }) }
}
