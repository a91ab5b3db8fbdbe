import { type AuditHead, type AuditStore, emptyHead, type StoredRecord } from '../../audit/store.ts'
import type { RedisReply } from './client.ts'
import type { ScriptRunner } from './script.ts'
import { appendAudit } from './scripts.generated.ts'

/** What {@link createRedisAudit} needs. */
export interface RedisAuditOptions {
  readonly scripts: ScriptRunner
  /** Begins the name of each key. */
  readonly prefix: string
}

/** The audit trail in Redis: a stream for each log, and beside it where it ends. */
export function createRedisAudit({ scripts, prefix }: RedisAuditOptions): AuditStore {
  const streamOf = (log: string): string => `${prefix}{audit.${log}}:log`
  const headOf = (log: string): string => `${prefix}{audit.${log}}:head`
  const names = `${prefix}audit:logs`
  const named = new Set<string>()

  async function noteName(log: string): Promise<void> {
    if (named.has(log)) return
    await scripts.command(names, ['SADD', names, log])
    named.add(log)
  }

  return {
    async head(log) {
      const key = headOf(log)
      return readHead(await scripts.command(key, ['GET', key]))
    },
    async append({ log, after, records, keep }) {
      await noteName(log)
      const reply = await scripts.run(appendAudit, {
        stream: streamOf(log),
        headKey: headOf(log),
        after: writeHead(after),
        head: writeHead(records.at(-1) ?? after),
        keep,
        entries: records.flatMap(({ sequence, mac, sealed }) => [sequence, mac, sealed]),
      })
      const [state, head = null] = listOf(reply)
      if (textOf(state) === 'appended') return { state: 'appended' }
      return { state: 'conflict', head: readHead(head) }
    },
    async page({ log, order, cursor, count }) {
      const key = streamOf(log)
      const [command, begin, end] =
        order === 'oldest-first' ? ['XRANGE', '-', '+'] : ['XREVRANGE', '+', '-']
      const from = cursor === null ? begin : `(${cursor}`
      const args = [command, key, from, end, 'COUNT', String(count)]
      return listOf(await scripts.command(key, args)).map(readRecord)
    },
    async logs() {
      const found = listOf(await scripts.command(names, ['SMEMBERS', names]))
      return found.map(textOf).sort()
    },
  }
}

function writeHead({ sequence, mac }: AuditHead): string {
  return sequence === 0 ? '' : `${sequence} ${mac}`
}

function readHead(reply: RedisReply): AuditHead {
  const [sequence, mac] = textOf(reply).split(' ')
  return mac === undefined ? emptyHead : { sequence: Number(sequence), mac }
}

/** Of whatever is there: somebody may have written past Cloakroom. */
function readRecord(reply: RedisReply): StoredRecord {
  const [id, list] = listOf(reply)
  const fields = new Map<string, Uint8Array>()
  const parts = listOf(list)
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const value = parts[at + 1]
    if (value instanceof Uint8Array) fields.set(textOf(parts[at]), value)
  }
  const cursor = textOf(id)
  return {
    cursor,
    storedAt: Number(cursor.split('-')[0]),
    sequence: Number(textOf(fields.get('n')) || Number.NaN),
    mac: textOf(fields.get('m')),
    sealed: fields.get('d') ?? new Uint8Array(0),
  }
}

function listOf(reply: RedisReply | undefined): readonly RedisReply[] {
  return Array.isArray(reply) ? reply : []
}

function textOf(reply: RedisReply | undefined): string {
  return reply instanceof Uint8Array ? Buffer.from(reply).toString('latin1') : ''
}
