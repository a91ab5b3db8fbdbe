import type { Clock } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import { randomText } from '../../core/random.ts'
import {
  type Charge,
  type CounterBlock,
  type CounterStore,
  type CounterTarget,
  type CounterVerdict,
  toMs,
} from '../../protection/counter-store.ts'
import { createBatch } from './batch.ts'
import { createCounterKeys } from './counter-keys.ts'
import {
  type CounterCall,
  keysOf,
  listOf,
  readAnswers,
  textOf,
  writeCalls,
  writeRule,
} from './counter-layout.ts'
import { type CounterSteps, createSlotGuard } from './counter-slots.ts'
import type { ScriptRunner } from './script.ts'
import {
  blockLimit,
  commitLimit,
  consumeLimit,
  listBlock,
  readBlock,
  refundLimit,
  unblockLimit,
} from './scripts.generated.ts'

/** What {@link createRedisCounters} needs. */
export interface RedisCountersOptions {
  readonly scripts: ScriptRunner
  /** Begins the name of each key. */
  readonly prefix: string
  /** Tests pass a clock; otherwise the time of the Redis server counts, the same for every worker. */
  readonly clock?: Clock | undefined
}

/** Few enough that others hardly wait for one script: some 4 µs a call. */
const batchSize = 32

/**
 * Counters in Redis. What is asked for in one turn of the event loop is one script, however many calls
 * and rules that are. In a Redis Cluster each call is a script, or several if its rules are in
 * different places: they are then judged in turn.
 */
export function createRedisCounters({
  scripts,
  prefix,
  clock,
}: RedisCountersOptions): CounterStore {
  const keys = createCounterKeys(prefix)
  const slots = createSlotGuard()
  const worker = randomText(8)
  let scriptCount = 0
  const now = (): number => (clock === undefined ? 0 : Math.round(clock.now() * 1000))
  const batch = createBatch<CounterCall, readonly CounterVerdict[]>(send, batchSize)

  async function send(
    calls: readonly CounterCall[],
  ): Promise<readonly (readonly CounterVerdict[] | StoreError)[]> {
    scriptCount += 1
    const name = `${worker}-${scriptCount}`
    const reply = await scripts.run(consumeLimit, { name, ...writeCalls(keys, calls) })
    return readAnswers(name, calls, reply)
  }

  const judge: CounterSteps['judge'] = (checks, mode) => batch.add({ checks, mode, now: now() })

  async function commit(charges: readonly Charge[]): Promise<readonly number[]> {
    const reply = await scripts.run(commitLimit, {
      givenNow: now(),
      keys: charges.flatMap(charge => keysOf(keys, charge)),
      rules: charges.map(charge => writeRule(charge.rule)),
    })
    return listOf(reply).map(length => toMs(Number(length)))
  }

  async function refund(charges: readonly Charge[]): Promise<readonly []> {
    await scripts.run(refundLimit, {
      givenNow: now(),
      counters: charges.map(charge => keys.counter(charge)),
      charges: charges.flatMap(({ rule, cost, run, slot }) => [writeRule(rule), cost, run, slot]),
    })
    return []
  }

  const steps: CounterSteps = { judge, commit, refund }

  /** Only operators look at the list; a block holds even if it cannot be entered. */
  async function enter(target: CounterTarget, lengthMs: number): Promise<void> {
    await scripts.run(listBlock, {
      list: keys.blocks(),
      givenNow: now(),
      member: keys.nameOf(target),
      length: lengthMs * 1000,
    })
  }

  async function enterStarted(
    verdicts: readonly CounterVerdict[],
  ): Promise<readonly CounterVerdict[]> {
    for (const { check, blockedForMs, isBlockStart } of verdicts) {
      if (isBlockStart) await enter(check, blockedForMs).catch(ignoreStoreError)
    }
    return verdicts
  }

  async function findBlock(target: CounterTarget): Promise<CounterBlock | null> {
    const block = keys.block(target)
    const reply = listOf(await scripts.run(readBlock, { block, givenNow: now() }))
    if (reply.length === 0) return null
    const [left, level, reason] = reply
    const endsAfterMs = Number(left) < 0 ? null : toMs(Number(left))
    return { endsAfterMs, level: Number(level), reason: textOf(reason) }
  }

  return {
    consume: (checks, mode) =>
      slots
        .consume(checks, mode, steps)
        .then(verdicts =>
          verdicts.some(({ isBlockStart }) => isBlockStart) ? enterStarted(verdicts) : verdicts,
        ),

    peek: checks => slots.spread(checks, some => judge(some, 'peek')),

    async commit(charges) {
      const lengths = await slots.spread(charges, commit)
      for (const [index, charge] of charges.entries()) {
        const length = lengths[index] ?? 0
        if (length > 0) await enter(charge, length).catch(ignoreStoreError)
      }
      return lengths
    },

    async refund(charges) {
      await slots.spread(charges, refund)
    },

    async block(target, { durationMs, reason }) {
      await scripts.run(blockLimit, {
        counter: keys.counter(target),
        block: keys.block(target),
        violations: keys.violations(target),
        givenNow: now(),
        length: (durationMs ?? 0) * 1000,
        reason,
      })
      await enter(target, durationMs ?? 0)
    },

    async unblock(target) {
      const reply = await scripts.run(unblockLimit, {
        counter: keys.counter(target),
        block: keys.block(target),
        level: keys.level(target),
        violations: keys.violations(target),
        givenNow: now(),
      })
      if (textOf(reply) !== 'blocked') return false
      await scripts.command(keys.blocks(), ['ZREM', keys.blocks(), keys.nameOf(target)])
      return true
    },

    findBlock,

    async listBlocks(cursor, count) {
      const list = keys.blocks()
      const page = await scripts.command(list, [
        'ZSCAN',
        list,
        cursor ?? '0',
        'COUNT',
        String(count),
      ])
      const [next, members] = listOf(page)
      // Members and scores take turns.
      const names = listOf(members).filter((_, index) => index % 2 === 0)
      const targets = names.map(name => keys.targetOf(textOf(name)))
      const found = await Promise.all(
        targets.map(async target => {
          const block = target === null ? null : await findBlock(target)
          return target === null || block === null ? [] : [{ ...target, ...block }]
        }),
      )
      return { blocks: found.flat(), cursor: textOf(next) === '0' ? null : textOf(next) }
    },
  }
}

function ignoreStoreError(error: unknown): void {
  if (!(error instanceof StoreError)) throw error
}
