import { asBuffer, concatBytes, fromUtf8 } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import type {
  AbsentReason,
  GraceKind,
  LoadResult,
  RetiredToken,
  SaveRequest,
  SessionRecord,
  SessionStore,
  WriteResult,
} from '../../sessions/store.ts'
import { bucketOf, ownerOf } from '../../sessions/store.ts'
import type { RedisReply } from './client.ts'
import type { Keys } from './keys.ts'
import { notices } from './notices.ts'
import { packHead, readRecord } from './record-layout.ts'
import type { ScriptRunner } from './script.ts'
import {
  createSession,
  endAllSessions,
  endSession,
  listSessions,
  loadSession,
  raiseEpoch,
  rotateSession,
  saveSession,
} from './scripts.generated.ts'
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

/** No session lives longer, so an epoch need not either. */
const longestMs = 400 * 86_400_000

/** Sessions in Redis. */
export function createRedisSessions(options: RedisSessionsOptions): SessionStore {
  const { scripts, keys, clock } = options
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

  return {
    async load({ id, digest, touchEveryMs, isUnderWay }) {
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
      return readLoadReply(id, listOf(reply))
    },

    async create({ record, isIndexed, limit, replaces }) {
      const owner = ownerOf(record.id)
      const reply = await scripts.run(createSession, {
        ...namesOf(record.id),
        givenNow: now(),
        head: packHead(record),
        sealed: record.sealed,
        member: isIndexed ? keys.member(record.id) : '',
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
      return {
        state: 'created',
        record: recordOf(record.id, concatBytes(packHead(record), bytesOf(times), record.sealed)),
        evicted: recordsOf(bucketOf(owner), evicted),
        now: Number(at),
      }
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
      return Number(await scripts.run(raiseEpoch, { epochs: keys.epochs(), name, channel }))
    },

    watch: (listener, clock) => watchRedis({ scripts, keys, clock }, listener),
  }
}

const graceKinds: readonly GraceKind[] = ['successor', 'limited', 'none']

/** A note on a former token: kind, key id, sealed successor. The script puts the grace before it. */
function packNote({ kind, keyId, successor }: RetiredToken): Uint8Array {
  const head = Uint8Array.of(graceKinds.indexOf(kind))
  return concatBytes(head, Buffer.from(keyId, 'hex'), successor)
}

function readNote(note: Uint8Array): Omit<RetiredToken, 'digest' | 'graceMs'> {
  const bytes = asBuffer(note)
  return {
    kind: graceKinds[bytes[0] ?? -1] ?? 'none',
    keyId: bytes.toString('hex', 1, 5),
    successor: bytes.subarray(5),
  }
}

function readLoadReply(id: string, reply: readonly RedisReply[]): LoadResult {
  const [word, first, second] = reply
  const state = textOf(word)
  if (state === 'valid') {
    const read = readRecord(id, bytesOf(second))
    if (!read.ok) return { state: 'absent', reason: read.reason, record: null }
    return { state, record: read.record, now: Number(first) }
  }
  if (state === 'retired') return { state, retired: readNote(bytesOf(first)) }
  if (state === 'reused') {
    const record = second instanceof Uint8Array ? readableOf(id, second) : null
    return { state, retired: readNote(bytesOf(first)), record }
  }
  const record = first instanceof Uint8Array ? readableOf(id, first) : null
  return { state: 'absent', reason: state as AbsentReason, record }
}

function readWriteReply({ record }: SaveRequest, reply: readonly RedisReply[]): WriteResult {
  const [word, at, value] = reply
  const state = textOf(word)
  if (state !== 'written' && state !== 'conflict') return { state: 'gone' }
  const bytes =
    state === 'written'
      ? concatBytes(packHead(record), bytesOf(value), record.sealed)
      : bytesOf(value)
  return { state, record: recordOf(record.id, bytes), now: Number(at) }
}

function recordsOf(bucket: string, reply: readonly RedisReply[]): SessionRecord[] {
  const records: SessionRecord[] = []
  for (let at = 0; at + 1 < reply.length; at += 2) {
    const record = readableOf(bucket + textOf(reply[at]), bytesOf(reply[at + 1]))
    if (record !== null) records.push(record)
  }
  return records
}

function recordOf(id: string, value: Uint8Array): SessionRecord {
  const record = readableOf(id, value)
  if (record === null) throw unexpected()
  return record
}

function readableOf(id: string, value: Uint8Array): SessionRecord | null {
  const read = readRecord(id, value)
  return read.ok ? read.record : null
}

function listOf(reply: RedisReply): readonly RedisReply[] {
  if (Array.isArray(reply)) return reply
  throw unexpected()
}

function bytesOf(reply: RedisReply | undefined): Uint8Array {
  if (reply instanceof Uint8Array) return reply
  throw unexpected()
}

function textOf(reply: RedisReply | undefined): string {
  return fromUtf8(bytesOf(reply))
}

function unexpected(): StoreError {
  return new StoreError(
    'ERR_STORE_REPLY',
    'Redis answered in a form that is not expected. Check that nothing else writes its keys.',
  )
}
