import { asBuffer } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { createShelf, type Shelved } from './shelf.ts'
import type { SessionRecord } from './store.ts'
import type { Opened, Vault } from './vault.ts'

/**
 * What was opened, and the record that it was in as far as that is sealed. Its bytes are kept as
 * texts: these are memory of their own too, and cost garbage collection a fraction.
 */
interface Remembered<Data> extends Shelved {
  readonly opened: Opened<Data>
  readonly keyId: string
  readonly generation: number
  readonly idleMs: number
  readonly absoluteMs: number
  /** Stands for the token. */
  readonly digest: string
  readonly sealed: string
}

/** What a page needs to load; longer than that, nothing opened stays in memory. */
const maxAgeMs = 10_000

const maxEntries = 2000

/**
 * The same vault, which does not open again what it opened moments ago. Opening takes longer than all
 * else in a read; comparing the sealed bytes, all of them, takes a hundredth of it.
 */
export function rememberOpened<Data>(
  vault: Vault<Data>,
  clock: Clock,
  keyring: Pick<Keyring, 'onReplace'>,
): Vault<Data> {
  const recent = createShelf<Remembered<Data>>({ clock, maxAgeMs, maxEntries })
  // What only a former key opens must not stay open.
  keyring.onReplace(() => recent.clear())
  return {
    ...vault,
    open(record, token) {
      if (token === null) return vault.open(record, null)
      const known = recent.get(record.id)
      if (known !== undefined && isOf(known, record)) return known.opened
      const opened = vault.open(record, token)
      if (opened.ok) recent.add(record.id, remember(record, opened, clock.now()))
      return opened
    },
  }
}

function remember<Data>(
  record: SessionRecord,
  opened: Opened<Data>,
  addedAt: number,
): Remembered<Data> {
  return {
    addedAt,
    weight: record.sealed.byteLength,
    opened,
    keyId: record.keyId,
    generation: record.generation,
    idleMs: record.idleMs,
    absoluteMs: record.absoluteMs,
    digest: textOf(record.digest),
    sealed: textOf(record.sealed),
  }
}

function isOf(known: Remembered<unknown>, record: SessionRecord): boolean {
  return (
    known.generation === record.generation &&
    known.keyId === record.keyId &&
    known.idleMs === record.idleMs &&
    known.absoluteMs === record.absoluteMs &&
    known.digest === textOf(record.digest) &&
    known.sealed === textOf(record.sealed)
  )
}

function textOf(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1')
}
