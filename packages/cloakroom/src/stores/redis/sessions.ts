import { concatBytes } from '../../core/bytes.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import type { LoadRequest, LoadResult, SaveRequest, SessionStore } from '../../sessions/store.ts'
import { bucketOf, longestMs, ownerOf } from '../../sessions/store.ts'
import { createGlance } from './glance.ts'
import type { Keys } from './keys.ts'
import { notices } from './notices.ts'
import { packHead } from './record-layout.ts'
import type { ScriptRunner } from './script.ts'
import {
  claimSession,
  createSession,
  endAllSessions,
  endSession,
  listSessions,
  loadSession,
  raiseEpoch,
  rotateSession,
  saveSession,
} from './scripts.generated.ts'
import {
  bytesOf,
  listOf,
  packNote,
  readableOf,
  readLoadReply,
  readNote,
  readWriteReply,
  recordOf,
  recordsOf,
  textOf,
} from './session-replies.ts'
import { watchRedis } from './watch.ts'

/** What {@link createRedisSessions} needs. */
export interface RedisSessionsOptions {
  readonly scripts: ScriptRunner
  readonly keys: Keys
  /** Tests pass a clock; otherwise the time of the Redis server counts, the same for every worker. */
  readonly clock?: Clock | undefined
}

/** A record outlives its deadline by this, so that its owner can be told why it ended. */
const lingerMs = 60_000

/** Sessions in Redis. */
export function createRedisSessions(options: RedisSessionsOptions): SessionStore {
  const { scripts, keys, clock } = options
  const local = clock ?? systemClock
  const glance = createGlance({ scripts, keys, clock: local })
  const now = (): number => (clock === undefined ? 0 : clock.now())
  const channel = keys.changes()
  const namesOf = (id: string) => ({
    session: keys.session(id),
    index: keys.index(id),
    epochKey: keys.epoch(ownerOf(id)),
  })
  const writeInput = ({ record, isActivity }: SaveRequest) => ({
    ...namesOf(record.id),
    givenNow: now(),
    head: packHead(record),
    sealed: record.sealed,
    isActivity: isActivity ? 1 : 0,
    member: keys.member(record.id),
    linger: lingerMs,
    channel,
  })

  async function loadByScript(request: LoadRequest): Promise<LoadResult> {
    const { id, digest, touchEveryMs, isUnderWay } = request
    const askedAt = local.now()
    const reply = await scripts.run(loadSession, {
      ...namesOf(id),
      retired: keys.retired(id),
      givenNow: now(),
      digest: digest ?? '',
      touchEvery: touchEveryMs ?? -1,
      isUnderWay: isUnderWay ? 1 : 0,
      member: keys.member(id),
      linger: lingerMs,
      channel,
      notice: notices.ended(id),
    })
    const result = readLoadReply(id, listOf(reply))
    if (result.state === 'valid') glance.learn(result.now, askedAt)
    return result
  }

  return {
    load: request => glance.read(request, loadByScript),

    async create({ record, isIndexed, limit, replaces }) {
      const { id, sealed } = record
      const owner = ownerOf(id)
      const head = packHead(record)
      const reply = await scripts.run(createSession, {
        session: keys.session(id),
        index: keys.index(id),
        epochKey: keys.epoch(owner),
        givenNow: now(),
        head,
        sealed,
        member: isIndexed ? keys.member(id) : '',
        limit: limit?.max ?? -1,
        over: limit?.over ?? '',
        prefix: keys.sessionsOf(owner),
        owner: keys.member(owner),
        replaced: replaces === null || ownerOf(replaces) !== owner ? '' : keys.member(replaces),
        linger: lingerMs,
        longest: longestMs,
        channel,
        bucket: bucketOf(owner),
      })
      const [state, at, times, ...evicted] = listOf(reply)
      if (textOf(state) === 'refused') return { state: 'refused' }
      if (textOf(state) === 'exists') {
        return { state: 'exists', record: recordOf(id, bytesOf(times)) }
      }
      return {
        state: 'created',
        record: recordOf(id, concatBytes(head, bytesOf(times), sealed)),
        evicted: recordsOf(bucketOf(owner), evicted),
        now: Number(at),
      }
    },

    async claim(id, retired) {
      const reply = await scripts.run(claimSession, {
        session: keys.session(id),
        retired: keys.retired(id),
        givenNow: now(),
        digest: retired.digest,
        note: packNote(retired),
        grace: retired.graceMs,
        linger: lingerMs,
      })
      if (reply === null) return null
      const [note, isUnderWay] = listOf(reply)
      return { ...readNote(bytesOf(note)), isDone: isUnderWay === 0 }
    },

    async save(request) {
      const { id, generation } = request.record
      const notice = notices.saved(id, generation)
      const reply = await scripts.run(saveSession, { ...writeInput(request), notice })
      return readWriteReply(request, listOf(reply))
    },

    async rotate(request) {
      const { retired } = request
      const { id, generation } = request.record
      const tell = retired.kind === 'successor' ? notices.saved : notices.rights
      const reply = await scripts.run(rotateSession, {
        ...writeInput(request),
        notice: tell(id, generation),
        retired: keys.retired(id),
        digest: retired.digest,
        note: packNote(retired),
        grace: retired.graceMs,
      })
      return readWriteReply(request, listOf(reply))
    },

    async end(id, retired) {
      const { session, index } = namesOf(id)
      const reply = await scripts.run(endSession, {
        session,
        index,
        retired: keys.retired(id),
        givenNow: now(),
        member: keys.member(id),
        digest: retired?.digest ?? '',
        note: retired === undefined ? '' : packNote(retired),
        grace: retired?.graceMs ?? 0,
        linger: lingerMs,
        channel,
        notice: notices.ended(id),
      })
      return reply === null ? null : readableOf(id, bytesOf(reply))
    },

    async endAll(owner, exceptId) {
      const reply = await scripts.run(endAllSessions, {
        index: keys.index(owner),
        epochKey: keys.epoch(owner),
        givenNow: now(),
        prefix: keys.sessionsOf(owner),
        owner: keys.member(owner),
        kept: exceptId === undefined ? '' : keys.member(exceptId),
        longest: longestMs,
        channel,
        notice: notices.ownerEnded(owner, exceptId),
      })
      return recordsOf(bucketOf(owner), listOf(reply))
    },

    async list(owner) {
      const reply = await scripts.run(listSessions, {
        index: keys.index(owner),
        epochKey: keys.epoch(owner),
        givenNow: now(),
        prefix: keys.sessionsOf(owner),
        owner: keys.member(owner),
      })
      return recordsOf(bucketOf(owner), listOf(reply))
    },

    async scan(cursor, count) {
      const page = await scripts.scanKeys(keys.anySession(), cursor, count)
      const found = await Promise.all(
        page.keys.map(async key => {
          const id = keys.sessionIdOf(key)
          const value = id === null ? null : await scripts.command(key, ['GET', key])
          return id === null || value === null ? null : readableOf(id, bytesOf(value))
        }),
      )
      return { records: found.filter(record => record !== null), cursor: page.cursor }
    },

    async readEpochs() {
      const key = keys.epochs()
      const reply = listOf(await scripts.command(key, ['HGETALL', key]))
      const epochs = new Map<string, number>()
      for (let at = 0; at + 1 < reply.length; at += 2) {
        epochs.set(textOf(reply[at]), Number(textOf(reply[at + 1])))
      }
      return epochs
    },

    async raiseEpoch(name) {
      const epochs = keys.epochs()
      const input = { epochs, givenNow: now(), name, longest: longestMs, channel }
      return Number(await scripts.run(raiseEpoch, input))
    },

    watch: (listener, clock) => watchRedis({ scripts, keys, clock }, listener),
  }
}
