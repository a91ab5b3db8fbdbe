import { asBuffer } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { deadlineOf, type LoadRequest, type LoadResult, ownerOf } from '../../sessions/store.ts'
import { createBatch } from './batch.ts'
import type { RedisReply } from './client.ts'
import type { Keys } from './keys.ts'
import { readRecord } from './record-layout.ts'
import type { ScriptRunner } from './script.ts'
import { bytesOf, listOf } from './session-replies.ts'

/** What {@link createGlance} needs. */
export interface GlanceOptions {
  readonly scripts: ScriptRunner
  readonly keys: Keys
  /** The clock of this process, or the tests' clock when that is the store's too. */
  readonly clock: Clock
}

/** Has a script look at a session. */
type Look = (request: LoadRequest) => Promise<LoadResult>

/** Reads sessions without a script, which takes Redis ten times as long as a plain read. */
export interface Glance {
  /**
   * A session that plainly lives, with nothing to be noted. Whatever else it may be is left to
   * `look`, and so is what is not even worth asking.
   *
   * Record and epoch come from one `MGET`, and so from one moment.
   */
  read(request: LoadRequest, look: Look): Promise<LoadResult>
  /** Learns the time of Redis from what a script answered to a question asked at this instant. */
  learn(redisNow: number, askedAt: number): void
}

/** How long the difference of two clocks is taken to be the same. */
const learntForMs = 10_000

/** Whatever ends within this time is left to the script, which knows the time exactly. */
const marginMs = 1000

/** Few enough that others hardly wait for one command: some 0.5 µs a session. */
const batchSize = 64

/** Makes a {@link Glance}. */
export function createGlance({ scripts, keys, clock }: GlanceOptions): Glance {
  let ahead = 0
  let learntAt = Number.NEGATIVE_INFINITY
  const batch = createBatch<string, Values>(ask, batchSize)

  async function ask(ids: readonly string[]): Promise<readonly Values[]> {
    const names: string[] = ['MGET']
    for (const id of ids) names.push(keys.session(id), keys.epoch(ownerOf(id)))
    const values = listOf(await scripts.command(names[1] ?? null, names))
    return ids.map((_, index) => [values[2 * index], values[2 * index + 1]])
  }

  function isWorthAsking({ touchEveryMs }: LoadRequest): boolean {
    const sinceLearnt = clock.now() - learntAt
    // With 0 something is to be noted in any case.
    return sinceLearnt >= 0 && sinceLearnt <= learntForMs && touchEveryMs !== 0
  }

  return {
    read(request, look) {
      if (!isWorthAsking(request)) return look(request)
      return batch
        .add(request.id)
        .then(values => judge(request, values, clock.now() + ahead) ?? look(request))
    },
    learn(redisNow, askedAt) {
      // Never behind: the answer was made after the question. So no session lives on by this.
      ahead = redisNow - askedAt
      learntAt = askedAt
    },
  }
}

/** Record and epoch, each null where there is none. */
type Values = readonly [RedisReply | undefined, RedisReply | undefined]

function judge(
  { id, digest, touchEveryMs }: LoadRequest,
  [value, epoch]: Values,
  now: number,
): LoadResult | null {
  if (!(value instanceof Uint8Array)) return null
  const read = readRecord(id, value)
  if (!read.ok) return null
  const { record } = read
  const isOther = digest !== null && !asBuffer(record.digest).equals(digest)
  if (isOther || now + marginMs >= deadlineOf(record)) return null
  if (epoch !== null && Number(asBuffer(bytesOf(epoch)).toString('latin1')) > record.epoch) {
    return null
  }
  const touchAfter = touchEveryMs === null ? Infinity : Math.min(touchEveryMs, record.idleMs / 2)
  return now - record.seenAt >= touchAfter ? null : { state: 'valid', record, now }
}
