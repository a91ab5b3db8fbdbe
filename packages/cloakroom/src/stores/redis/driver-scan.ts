import { fromBase64Url, toBase64Url, utf8 } from '../../core/bytes.ts'
import { StoreError } from '../../core/errors.ts'
import type { RedisReply, ScanPage } from './client.ts'
import type { Master } from './driver-connection.ts'

/** What to look for, and where to go on. */
export interface ScanRequest {
  readonly pattern: string
  readonly cursor: string | null
  readonly count: number
  readonly prefix: string
}

/**
 * Reads one page of key names from the masters, in the order of their names.
 *
 * The cursor holds the master's name and its own cursor. When a Cluster has lost that master, the
 * scan goes on with the next one: keys that moved meanwhile may be missed or named twice.
 */
export async function scanMasters(
  masters: readonly Master[],
  request: ScanRequest,
): Promise<ScanPage> {
  const ordered = masters.toSorted((left, right) => (left.name < right.name ? -1 : 1))
  const place = readCursor(request.cursor)
  const master = ordered.find(candidate => candidate.name >= place.name)
  if (master === undefined) return { keys: [], cursor: null }
  const from = master.name === place.name ? place.cursor : '0'
  const match = request.prefix.replace(/[\\*?[\]]/g, '\\$&') + request.pattern
  const reply = await master.send(['SCAN', from, 'MATCH', match, 'COUNT', String(request.count)])
  const { cursor, keys } = readReply(reply)
  return {
    keys: keys.map(key => key.slice(request.prefix.length)),
    cursor: nextCursor(cursor, master, ordered),
  }
}

function nextCursor(cursor: string, master: Master, ordered: readonly Master[]): string | null {
  if (cursor !== '0') return writeCursor(master.name, cursor)
  const next = ordered[ordered.indexOf(master) + 1]
  return next === undefined ? null : writeCursor(next.name, '0')
}

function writeCursor(name: string, cursor: string): string {
  return toBase64Url(utf8(`${cursor} ${name}`))
}

/** Begins at the beginning when the text is no cursor. */
function readCursor(text: string | null): { name: string; cursor: string } {
  const bytes = text === null ? null : fromBase64Url(text)
  const match = bytes === null ? null : /^(\d{1,20}) (.*)$/.exec(toText(bytes))
  return { name: match?.[2] ?? '', cursor: match?.[1] ?? '0' }
}

function readReply(reply: RedisReply): { cursor: string; keys: string[] } {
  const [cursor, keys] = Array.isArray(reply) ? reply : []
  if (!(cursor instanceof Uint8Array) || !Array.isArray(keys)) {
    throw new StoreError('ERR_STORE_REPLY', 'SCAN was answered in an unknown form.')
  }
  return { cursor: toText(cursor), keys: keys.map(toText) }
}

function toText(bytes: RedisReply): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : String(bytes)
}
