import { fromUtf8, toBase64Url, utf8 } from '../core/bytes.ts'
import { SealError } from '../core/errors.ts'
import type { Sealer } from '../crypto/seal.ts'
import type { Codec } from './codec.ts'
import { packMeta, type SessionMeta, unpackMeta } from './content.ts'
import { type DataCheck, type DataRules, readData } from './schema.ts'
import type { SessionRecord, SessionWrite } from './store.ts'
import type { Token } from './token.ts'

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
  /** Seals a successor's token so that only the bearer of the retired token can open it. */
  sealToken(successor: Token, retired: Token): { keyId: string; sealed: Uint8Array }
  openToken(sealed: Uint8Array, keyId: string, retired: Token): string | null
}

export interface VaultOptions<Data> {
  readonly sealer: Sealer
  readonly codec: Codec
  readonly rules: DataRules<Data>
  /** Whether the data needs the token to be opened. */
  readonly isTicket: boolean
}

/** Makes a {@link Vault}. */
export function createVault<Data extends object>(options: VaultOptions<Data>): Vault<Data> {
  const { sealer, codec, rules, isTicket } = options

  function openData(payload: unknown, record: SessionRecord, token: Token): unknown {
    if (!isTicket) return payload
    if (!(payload instanceof Uint8Array)) throw new SealError()
    return codec.decode(sealer.open(payload, ticketContext(record, token), record.keyId))
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
      const read = (): { meta: SessionMeta; payload: unknown } => {
        const plain = sealer.open(record.sealed, recordContext(record), record.keyId)
        const [metaList, inner] = codec.decode(plain) as unknown[]
        const payload = token === null ? null : openData(inner, record, token)
        return { meta: unpackMeta(metaList), payload }
      }
      const opened = attempt(read)
      if (opened === null) return { ok: false, reason: 'corrupt' }
      if (token === null) return { ok: true, meta: opened.meta, readData: refuseData }
      const checked = readData(opened.payload, rules)
      if (!checked.ok) return { ok: false, reason: 'schema' }
      let fresh: Data | null = checked.data
      return {
        ok: true,
        meta: opened.meta,
        readData() {
          const data = fresh ?? requireData(readData(read().payload, rules))
          fresh = null
          return data
        },
      }
    },

    sealToken(successor, retired) {
      return sealer.seal(utf8(successor.text), successorContext(retired))
    },

    openToken(sealed, keyId, retired) {
      return attempt(() => fromUtf8(sealer.open(sealed, successorContext(retired), keyId)))
    },
  }
}

function attempt<Result>(read: () => Result): Result | null {
  try {
    return read()
  } catch {
    return null
  }
}

function requireData<Data>(check: DataCheck<Data>): Data {
  if (!check.ok) throw new SealError()
  return check.data
}

function refuseData(): never {
  throw new SealError()
}

function recordContext(binding: Binding): Uint8Array {
  const { id, generation, idleMs, absoluteMs, digest } = binding
  return utf8(`record ${id} ${generation} ${idleMs} ${absoluteMs} ${toBase64Url(digest)}`)
}

function ticketContext(binding: Binding, token: Token): Uint8Array {
  return utf8(`ticket ${binding.id} ${binding.generation} ${token.text}`)
}

function successorContext(retired: Token): Uint8Array {
  return utf8(`successor ${retired.text}`)
}
