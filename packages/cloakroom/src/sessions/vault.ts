import { fromUtf8, toBase64Url, utf8 } from '../core/bytes.ts'
import { SealError } from '../core/errors.ts'
import type { Sealer } from '../crypto/seal.ts'
import type { Codec } from './codec.ts'
import { packMeta, type SessionMeta, unpackMeta } from './content.ts'
import { copyValue } from './copy.ts'
import { type DataCheck, type DataRules, readData } from './schema.ts'
import { isPlainObject, isStorable } from './storable.ts'
import type { GraceKind, RetiredToken, Retirement, SessionRecord, SessionWrite } from './store.ts'
import { parseToken, type Token } from './token.ts'

/** What the sealed part of a record is bound to: sealed for one record, it opens in no other. */
export type Binding = Omit<SessionWrite, 'keyId' | 'sealed'>

/** An opened record. */
export type Opened<Data> =
  | { readonly ok: true; readonly meta: SessionMeta; readonly readData: () => Data }
  | { readonly ok: false; readonly reason: 'corrupt' | 'unknown-key' | 'schema' }

/** Seals what a session holds and opens it again. */
export interface Vault<Data> {
  seal(binding: Binding, content: { meta: SessionMeta; data: Data; token: Token }): SessionWrite
  /** With the token, meta and data; without it, meta alone. */
  open(record: SessionRecord, token: Token | null): Opened<Data>
  /** What to remember of a token; only its bearer can open the successor in it. */
  retire(
    token: Token,
    successor: Token,
    grace: Pick<RetiredToken, 'kind' | 'graceMs'>,
  ): RetiredToken
  /** The token that came after this one, or null when that cannot be told. */
  successorOf(token: Token, retirement: Retirement): Token | null
}

export interface VaultOptions<Data> {
  readonly sealer: Sealer
  readonly codec: Codec
  readonly rules: DataRules<Data>
  /** Whether data that is sealed from now on needs the token to be opened. */
  readonly isTicket: boolean
}

/** Makes a {@link Vault}. */
export function createVault<Data extends object>(options: VaultOptions<Data>): Vault<Data> {
  const { sealer, codec, rules, isTicket } = options

  /** Breaks the seals. What was in them can then be read as often as it is wanted. */
  function unseal(record: SessionRecord, token: Token | null): Unsealed {
    const { sealed, keyId } = record
    const readContent = codec.reader(sealer.open(sealed, recordContext(record), keyId))
    const [metaList, payload] = readContent() as unknown[]
    const meta = unpackMeta(metaList)
    if (token === null) return { meta, stored: null, readStored: refuseData }
    // Data is a plain object, so bytes are data under the token's own seal, whatever is set today.
    if (payload instanceof Uint8Array) {
      const readTicketed = codec.reader(sealer.open(payload, ticketContext(record, token), keyId))
      return { meta, stored: requireObject(readTicketed()), readStored: readTicketed }
    }
    const readStored = (): unknown => (readContent() as unknown[])[1]
    return { meta, stored: requireObject(payload), readStored }
  }

  return {
    seal(binding, { meta, data, token }) {
      const inner = isTicket
        ? sealer.seal(codec.encode(data), ticketContext(binding, token)).sealed
        : data
      const plain = codec.encode([packMeta(meta), inner])
      const { keyId, sealed } = sealer.seal(plain, recordContext(binding))
      return { ...binding, keyId, sealed }
    },

    open(record, token) {
      if (!sealer.knows(record.keyId)) return { ok: false, reason: 'unknown-key' }
      const unsealed = attempt(() => unseal(record, token))
      if (unsealed === null) return { ok: false, reason: 'corrupt' }
      const { meta, stored, readStored } = unsealed
      if (token === null) return { ok: true, meta, readData: refuseData }
      const checked = readData(stored, rules)
      if (!checked.ok) return { ok: false, reason: 'schema' }
      const { data } = checked
      // Only a schema makes of what was stored what could not be.
      const isCopied = rules.schema === undefined || isStorable(data)
      if (isCopied) return { ok: true, meta, readData: copierOf(data) }
      return { ok: true, meta, readData: () => requireOk(readData(readStored(), rules)) }
    },

    retire(token, successor, grace) {
      const context = successorContext(token, grace.kind)
      const { keyId, sealed } = sealer.seal(utf8(successor.text), context)
      return { ...grace, digest: token.digest, keyId, successor: sealed }
    },

    successorOf(token, { successor, keyId, kind }) {
      const context = successorContext(token, kind)
      const open = (): string => fromUtf8(sealer.open(successor, context, keyId))
      return parseToken(attempt(open) ?? '')
    },
  }
}

/** Apart from what it was opened from, all of which it would keep in memory. */
function copierOf<Data>(data: Data): () => Data {
  return () => copyValue(data)
}

interface Unsealed {
  readonly meta: SessionMeta
  readonly stored: unknown
  readonly readStored: () => unknown
}

function requireObject(value: unknown): object {
  if (isPlainObject(value)) return value
  throw new SealError()
}

function attempt<Result>(read: () => Result): Result | null {
  try {
    return read()
  } catch {
    return null
  }
}

function requireOk<Data>(check: DataCheck<Data>): Data {
  if (!check.ok) throw new SealError()
  return check.data
}

function refuseData(): never {
  throw new SealError()
}

function recordContext(binding: Binding): string {
  const { id, generation, idleMs, absoluteMs, digest } = binding
  return `record ${id} ${generation} ${idleMs} ${absoluteMs} ${toBase64Url(digest)}`
}

function ticketContext(binding: Binding, token: Token): string {
  return `ticket ${binding.id} ${binding.generation} ${token.text}`
}

/** With the kind: whoever can write to Redis must not make a successor of what was for nobody. */
function successorContext(retired: Token, kind: GraceKind): string {
  return `successor ${kind} ${retired.text}`
}
