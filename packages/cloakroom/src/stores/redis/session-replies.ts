import { asBuffer, concatBytes } from '../../core/bytes.ts'
import { StoreError } from '../../core/errors.ts'
import type {
  AbsentReason,
  GraceKind,
  LoadResult,
  Retirement,
  SaveRequest,
  SessionRecord,
  WriteResult,
} from '../../sessions/store.ts'
import type { RedisReply } from './client.ts'
import { packHead, readRecord } from './record-layout.ts'

const graceKinds: readonly GraceKind[] = ['successor', 'limited', 'none']

/** A note on a former token: kind, key id, sealed successor. The script puts the grace before it. */
export function packNote({ kind, keyId, successor }: Retirement): Uint8Array {
  const head = Uint8Array.of(graceKinds.indexOf(kind))
  return concatBytes(head, Buffer.from(keyId, 'hex'), successor)
}

/** The reverse of {@link packNote}. */
export function readNote(note: Uint8Array): Retirement {
  const bytes = asBuffer(note)
  return {
    kind: graceKinds[bytes[0] ?? -1] ?? 'none',
    keyId: bytes.toString('hex', 1, 5),
    successor: bytes.subarray(5),
  }
}

export function readLoadReply(id: string, reply: readonly RedisReply[]): LoadResult {
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

export function readWriteReply({ record }: SaveRequest, reply: readonly RedisReply[]): WriteResult {
  const [word, at, value] = reply
  const state = textOf(word)
  if (state !== 'written' && state !== 'conflict') return { state: 'gone' }
  const bytes =
    state === 'written'
      ? concatBytes(packHead(record), bytesOf(value), record.sealed)
      : bytesOf(value)
  return { state, record: recordOf(record.id, bytes), now: Number(at) }
}

export function recordsOf(bucket: string, reply: readonly RedisReply[]): SessionRecord[] {
  const records: SessionRecord[] = []
  for (let at = 0; at + 1 < reply.length; at += 2) {
    const record = readableOf(bucket + textOf(reply[at]), bytesOf(reply[at + 1]))
    if (record !== null) records.push(record)
  }
  return records
}

export function recordOf(id: string, value: Uint8Array): SessionRecord {
  const record = readableOf(id, value)
  if (record === null) throw unexpected()
  return record
}

export function readableOf(id: string, value: Uint8Array): SessionRecord | null {
  const read = readRecord(id, value)
  return read.ok ? read.record : null
}

export function listOf(reply: RedisReply): readonly RedisReply[] {
  if (Array.isArray(reply)) return reply
  throw unexpected()
}

export function bytesOf(reply: RedisReply | undefined): Uint8Array {
  if (reply instanceof Uint8Array) return reply
  throw unexpected()
}

export function textOf(reply: RedisReply | undefined): string {
  return asBuffer(bytesOf(reply)).toString('latin1')
}

function unexpected(): StoreError {
  return new StoreError(
    'ERR_STORE_REPLY',
    'Redis answered in a form that is not expected. Check that nothing else writes its keys.',
  )
}
