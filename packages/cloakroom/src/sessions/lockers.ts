import { utf8 } from '../core/bytes.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { ConfigError, ConflictError } from '../core/errors.ts'
import { requireText } from '../core/options.ts'
import { randomText } from '../core/random.ts'
import type { CipherName } from '../crypto/ciphers.ts'
import { createSealer } from '../crypto/seal.ts'
import { createCodec } from './codec.ts'
import type { LockerRecord, LockerStore } from './locker-store.ts'
import type { SessionParts } from './parts.ts'
import { gone } from './reader.ts'
import { requireStorable } from './storable.ts'
import { byHandle } from './store.ts'
import { isSessionId } from './token.ts'

/**
 * Whose locker it is: a user's stays, a session's is gone with the session. One with a name of its own
 * is nobody's, and is forgotten when nothing was put into it for a time.
 */
export type LockerOwner =
  | { readonly user: string }
  | { readonly session: string }
  | { readonly name: string; readonly keepFor: Duration }

/** A value and its version, a text that changes with every write and never comes back. */
export interface LockerValue {
  readonly value: unknown
  readonly version: string
}

/** On which condition something is written. */
export interface LockerWriteOptions {
  /** Only if this is the value's version now; null: only if there is no value. */
  readonly ifVersion?: string | null
}

/** What became of a write. */
export type LockerWrite =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly reason: 'conflict'; readonly current: LockerValue | null }
  /** All values of a locker together may take {@link largestLocker} bytes. */
  | { readonly ok: false; readonly reason: 'full' }

/**
 * Named values beside a session or a user, sealed like everything else: for programs that know the
 * public handle of a session and not its token.
 *
 * Every method throws {@link ConflictError} `ERR_SESSION_GONE` when the session has ended, and
 * {@link StoreError} when the store cannot answer.
 */
export interface Locker {
  get(name: string): Promise<LockerValue | null>
  entries(): Promise<ReadonlyMap<string, LockerValue>>
  /** @throws {ConfigError} when the value is of no kind that can be stored. */
  set(name: string, value: unknown, options?: LockerWriteOptions): Promise<LockerWrite>
  /** Gives the version that was removed; also succeeds when there was nothing. */
  remove(name: string, options?: LockerWriteOptions): Promise<LockerWrite>
  clear(): Promise<void>
}

/** Bytes that all values of a locker may take together, packed. */
export const largestLocker = 262_144

/** No session lives longer; a user's locker that is not used for so long is forgotten. */
const longestMs = 400 * 86_400_000

/** So many writers would have to be faster in a row that something else must be wrong. */
const mostAttempts = 100

type Content = Map<string, LockerValue>

interface Opened {
  readonly place: string
  readonly version: number
  readonly content: Content
}

/** What {@link createLockers} needs. */
export interface LockerParts<Data> extends SessionParts<Data> {
  readonly lockers: LockerStore
  readonly cipher: CipherName
}

/** Opens lockers. */
export function createLockers<Data>(parts: LockerParts<Data>): (owner: LockerOwner) => Locker {
  const { store, lockers, keyring, cipher, clock, owners, vault, epochs } = parts
  const codec = createCodec()
  const sealer = createSealer({ keyring, purpose: 'locker', cipher, clock })

  return owner => {
    const places = placesOf(owner)
    const [newest = ''] = places

    async function read(): Promise<Opened> {
      for (const place of places) {
        const record = await lockers.read(place)
        if (record !== null) return { place, version: record.version, content: open(place, record) }
      }
      return { place: newest, version: 0, content: new Map() }
    }

    /** Writes on top of what is stored now, however often others are faster. */
    async function write(
      name: string,
      options: LockerWriteOptions,
      change: (content: Content) => string,
    ): Promise<LockerWrite> {
      const ttlMs = await requireLife(owner)
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        const { place, version: stored, content } = await read()
        const current = content.get(name) ?? null
        if (!isMet(options, current)) return { ok: false, reason: 'conflict', current }
        const version = change(content)
        const plain = codec.encode(content)
        if (plain.byteLength > largestLocker) return { ok: false, reason: 'full' }
        // What an older key named moves to the place that the newest key names.
        const base = place === newest ? stored : 0
        const sealed = sealer.seal(plain, contextOf(newest, base + 1))
        if (!(await lockers.write(newest, { version: base + 1, ...sealed }, ttlMs))) continue
        if (place !== newest) await lockers.clear(place)
        return { ok: true, version }
      }
      throw new ConflictError(
        'ERR_SESSION_CONFLICT',
        'Other requests kept changing the locker. Load it again and redo.',
      )
    }

    async function entries(): Promise<Content> {
      await requireLife(owner)
      return (await read()).content
    }

    return {
      entries,
      get: async name => (await entries()).get(name) ?? null,
      set(name, value, options = {}) {
        requireText('name', name)
        requireStorable(value)
        return write(name, options, content => {
          const version = randomText(12)
          content.set(name, { value, version })
          return version
        })
      },
      remove: (name, options = {}) =>
        write(name, options, content => {
          const version = content.get(name)?.version ?? ''
          content.delete(name)
          return version
        }),
      async clear() {
        for (const place of places) await lockers.clear(place)
      },
    }
  }

  function placesOf(owner: LockerOwner): readonly string[] {
    if ('user' in owner) return owners.all(owner.user)
    // No user is called so.
    if ('name' in owner) return owners.all(`\0locker ${requireText('name', owner.name)}`)
    if (isSessionId(owner.session)) return [owner.session]
    throw new ConfigError('ERR_OPTION_INVALID', '`session` is no handle of a session.')
  }

  function open(place: string, { version, keyId, sealed }: LockerRecord): Content {
    const packed = sealer.open(sealed, contextOf(place, version), keyId)
    return codec.decode(packed) as Content
  }

  /** For how long the owner may still live. @throws {ConflictError} when it has ended. */
  async function requireLife(owner: LockerOwner): Promise<number> {
    if ('user' in owner) return longestMs
    if ('name' in owner)
      return parseDuration(owner.keepFor, 'keepFor', { min: 1000, max: longestMs })
    const [result] = await Promise.all([store.load(byHandle(owner.session)), epochs.refresh()])
    if (result.state !== 'valid') throw gone()
    const opened = vault.open(result.record, null)
    if (!opened.ok || epochs.isOutdated(opened.meta)) throw gone()
    return result.record.createdAt + result.record.absoluteMs - result.now
  }
}

function isMet({ ifVersion }: LockerWriteOptions, current: LockerValue | null): boolean {
  return ifVersion === undefined || ifVersion === (current?.version ?? null)
}

function contextOf(place: string, version: number): Uint8Array {
  return utf8(`locker ${place} ${version}`)
}
