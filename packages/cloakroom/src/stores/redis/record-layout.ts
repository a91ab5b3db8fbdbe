import { asBuffer, concatBytes } from '../../core/bytes.ts'
import type { SessionRecord, SessionWrite } from '../../sessions/store.ts'

/**
 * How a record stands in Redis, all numbers big-endian:
 *
 * | bytes | what | who writes it |
 * | --- | --- | --- |
 * | 1 | format, now 1 | caller |
 * | 4 | key id | caller |
 * | 4 | generation | caller |
 * | 4 + 4 | idle and absolute timeout, seconds | caller |
 * | 16 | digest of the token | caller |
 * | 6 | created at, ms | script |
 * | 5 | last seen, ms after creation | script |
 * | 3 | epoch of the owner | script |
 * | 2 | check of the three before | script |
 * | rest | sealed | caller |
 *
 * The caller's part is bound into the seal. The script's part cannot be; its check finds accidents.
 */
export const headLength = 33

const timesLength = 16
const format = 1

/** A record, or why it cannot be read. */
export type ReadRecord =
  | { readonly ok: true; readonly record: SessionRecord }
  | { readonly ok: false; readonly reason: 'corrupt' | 'newer-format' }

/** Packs the caller's part that stands before the times. */
export function packHead(record: SessionWrite): Uint8Array {
  const head = Buffer.alloc(headLength)
  head.writeUInt8(format, 0)
  head.write(record.keyId, 1, 'hex')
  head.writeUInt32BE(record.generation, 5)
  head.writeUInt32BE(record.idleMs / 1000, 9)
  head.writeUInt32BE(record.absoluteMs / 1000, 13)
  head.set(record.digest, 17)
  return head
}

/** Reads a stored value. */
export function readRecord(id: string, value: Uint8Array): ReadRecord {
  const bytes = asBuffer(value)
  if (bytes.length < headLength + timesLength) return { ok: false, reason: 'corrupt' }
  if (bytes.readUInt8(0) > format) return { ok: false, reason: 'newer-format' }
  const createdAt = bytes.readUIntBE(33, 6)
  const seenAfter = bytes.readUIntBE(39, 5)
  const epoch = bytes.readUIntBE(44, 3)
  const isIntact = bytes.readUInt16BE(47) === checkOf(createdAt, seenAfter, epoch)
  if (bytes.readUInt8(0) !== format || !isIntact) return { ok: false, reason: 'corrupt' }
  return {
    ok: true,
    record: {
      id,
      keyId: bytes.toString('hex', 1, 5),
      generation: bytes.readUInt32BE(5),
      digest: bytes.subarray(17, 33),
      idleMs: bytes.readUInt32BE(9) * 1000,
      absoluteMs: bytes.readUInt32BE(13) * 1000,
      createdAt,
      seenAt: createdAt + seenAfter,
      epoch,
      sealed: bytes.subarray(headLength + timesLength),
    },
  }
}

/** Packs the times and epoch as the scripts do. */
export function packTimes(createdAt: number, seenAt: number, epoch: number): Uint8Array {
  const times = Buffer.alloc(timesLength)
  times.writeUIntBE(createdAt, 0, 6)
  times.writeUIntBE(seenAt - createdAt, 6, 5)
  times.writeUIntBE(epoch, 11, 3)
  times.writeUInt16BE(checkOf(createdAt, seenAt - createdAt, epoch), 14)
  return times
}

/** Packs a whole record, for tests and for moving records between stores. */
export function packRecord(record: SessionRecord): Uint8Array {
  const times = packTimes(record.createdAt, record.seenAt, record.epoch)
  return concatBytes(packHead(record), times, record.sealed)
}

/** 65521 is the largest prime below 2¹⁶: one changed byte always changes the remainder. */
function checkOf(createdAt: number, seenAfter: number, epoch: number): number {
  return ((createdAt % 65521) + 3 * (seenAfter % 65521) + 7 * epoch) % 65521
}
