import type { Clock } from '../core/clock.ts'
import { ConflictError } from '../core/errors.ts'
import type { CipherName } from '../crypto/ciphers.ts'
import { createKeyring } from '../crypto/keyring.ts'
import { createSealer } from '../crypto/seal.ts'
import type { EventSink, SecurityEvent } from '../events/event.ts'
import { createMeter } from '../events/meter.ts'
import { type AdoptedEntry, createAdoptedIndex } from './adopted-index.ts'
import { adoptToken } from './adopted-token.ts'
import type { AdoptionStore } from './adoption-store.ts'
import { createCodec, largestContent } from './codec.ts'
import { anonymousMeta, type SessionMeta } from './content.ts'
import { keepCopy } from './copy.ts'
import { applyChanges, findChanges } from './data.ts'
import { createEpochNames } from './epoch-names.ts'
import { createEpochs } from './epochs.ts'
import { createOwners } from './owners.ts'
import { report, type SessionParts } from './parts.ts'
import { resolvePolicy } from './policy.ts'
import { createReader, gone } from './reader.ts'
import { rememberOpened } from './remembering-vault.ts'
import { createState, type SessionSecrets, type SessionState, secretsOf } from './state.ts'
import type { SessionRecord, SessionStore } from './store.ts'
import type { Token } from './token.ts'
import { createVault } from './vault.ts'

/** What the data of an adopted session says of it. */
export interface AdoptedFacts {
  /** Whose it is by now; null for a visitor's. */
  readonly userId: string | null
  /** Ends after this long without a request; whole seconds. */
  readonly idleMs: number
}

/**
 * Sessions under secrets that somebody else made, such as the session ids of express-session.
 *
 * Their records are those of every session; what differs is that a session and its secret are there
 * before it is known whose they are, and that its user and lifetime may change with any write.
 *
 * @throws {StoreError} from every method, when the store cannot answer.
 */
export interface AdoptedSessions<Data> {
  /** The session of a secret, or null. */
  find(secret: string): Promise<SessionState<Data> | null>
  /** Begins a session; null when there is one, or was one a moment ago. */
  begin(secret: string, data: Data): Promise<SessionState<Data> | null>
  /**
   * Saves what differs from what was read, on top of what others stored meanwhile.
   *
   * @throws {ConflictError} `ERR_SESSION_GONE` when it has ended.
   */
  save(session: SessionState<Data>, data: Data): Promise<SessionState<Data>>
  /** Notes activity where that is due; false when the session has ended. */
  touch(secret: string): Promise<boolean>
  end(secret: string): Promise<void>
  /** Ends a session by its handle, and gives whether there was one. */
  revoke(id: string, reason: string): Promise<boolean>
  /** A user's living sessions, the one used last first. */
  list(userId: string): Promise<readonly AdoptedEntry[]>
  /** Every living session there is, in no order. */
  scan(): AsyncIterable<AdoptedEntry>
}

/** Options of {@link createAdoptedSessions}. */
export interface AdoptedOptions<Data> {
  readonly store: SessionStore
  readonly adoption: AdoptionStore
  /** One secret or several, newest first; 32 characters at least. */
  readonly secret: string | readonly string[]
  /** @default 'fernet' */
  readonly cipher?: CipherName | undefined
  /** As of any session. @default 'server' */
  readonly seal?: 'server' | 'ticket' | undefined
  /** Ends this long after it began, whatever happens; whole seconds. */
  readonly absoluteMs: number
  /** Activity is noted at most this often; null for never. */
  readonly touchEveryMs: number | null
  readonly events: EventSink
  readonly clock: Clock
  describe(data: Data): AdoptedFacts
}

/** So many writers would have to be faster in a row that something else must be wrong. */
const mostAttempts = 100

/** How old this process's copy of everybody's epoch may be. */
const epochIntervalMs = 1000

/** Makes {@link AdoptedSessions}. @throws {ConfigError} naming the setting that is wrong. */
export function createAdoptedSessions<Data extends object>(
  options: AdoptedOptions<Data>,
): AdoptedSessions<Data> {
  const { store, adoption, events, absoluteMs, touchEveryMs } = options
  const parts = createParts(options)
  const { vault, codec, epochs } = parts
  const index = createAdoptedIndex(parts, adoption)
  const reader = createReader<Data>({ ...parts, events: { emit: reportKnown } })

  /** A secret of which nothing is known is often just older than the store. */
  function reportKnown(event: SecurityEvent): void {
    if (event.reason !== 'unknown') events.emit(event)
  }

  async function find(secret: string): Promise<SessionState<Data> | null> {
    const { text } = adoptToken(secret)
    const read = await reader.validate(text, { isPassive: true })
    if (read.state === 'unavailable') throw read.error
    return read.state === 'valid' ? read.session : null
  }

  async function begin(secret: string, data: Data): Promise<SessionState<Data> | null> {
    const token = adoptToken(secret)
    const { id, digest } = token
    await epochs.refresh()
    const { userId, lifetime } = factsOf(data)
    const meta = { ...anonymousMeta, ...epochs.of({ ip: null, tenant: null }), ...ownedBy(userId) }
    if (userId !== null) await index.link(userId, id)
    const record = vault.seal({ id, digest, generation: 1, ...lifetime }, { meta, data, token })
    const readStored = keepCopy(data)
    // In this order: whoever ends the session meanwhile ends it once more after burying it.
    const [result, isBuried] = await Promise.all([
      store.create({ record, isIndexed: false, limit: null, replaces: null }),
      adoption.isBuried(id),
    ])
    if (result.state !== 'created') return null
    if (isBuried) {
      await store.end(id)
      return null
    }
    report(events, 'session_created', { id, meta })
    return createState({ meta, token, record: result.record, readStored, isLimited: false }, data)
  }

  async function save(session: SessionState<Data>, data: Data): Promise<SessionState<Data>> {
    let current = secretsOf(session)
    const changes = findChanges(current.readStored(), data, codec)
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const stored = current.readStored()
      const merged = changes === null ? stored : applyChanges(stored, changes)
      if (isWritten(current, stored, merged)) return noteActivity(current)
      const written = await write(current, merged)
      if ('session' in written) return written.session
      current = written.newer
    }
    throw new ConflictError(
      'ERR_SESSION_CONFLICT',
      'Other requests kept changing the session. Load it again and redo.',
    )
  }

  async function write(
    { record: { id, generation, digest }, meta: before, token }: SessionSecrets<Data>,
    data: Data,
  ): Promise<{ session: SessionState<Data> } | { newer: SessionSecrets<Data> }> {
    const { userId, lifetime } = factsOf(data)
    const isMoving = userId !== before.userId
    if (isMoving && userId !== null) await index.link(userId, id)
    const meta = { ...before, ...(isMoving && ownedBy(userId)) }
    const binding = { id, digest, generation: generation + 1, ...lifetime }
    const record = vault.seal(binding, { meta, data, token })
    const readStored = keepCopy(data)
    const result = await store.save({ record, isActivity: true })
    if (result.state === 'gone') throw gone()
    if (result.state === 'conflict') return { newer: open(result.record, token) }
    if (isMoving) await index.unlink(before.userId, id)
    const own = { meta, token, record: result.record, readStored, isLimited: false }
    return { session: createState(own, data) }
  }

  /** Nothing is left to write, or others have written the same. */
  function isWritten({ meta, record }: SessionSecrets<Data>, stored: Data, data: Data): boolean {
    const { userId, lifetime } = factsOf(data)
    const isAsBefore = userId === meta.userId && lifetime.idleMs === record.idleMs
    return isAsBefore && findChanges(stored, data, codec) === null
  }

  async function noteActivity(current: SessionSecrets<Data>): Promise<SessionState<Data>> {
    const { id, digest } = current.token
    const result = await store.load({ id, digest, touchEveryMs, isUnderWay: true })
    if (result.state !== 'valid') throw gone()
    return createState({ ...current, record: { ...current.record, seenAt: result.record.seenAt } })
  }

  async function touch(secret: string): Promise<boolean> {
    const { id, digest } = adoptToken(secret)
    const result = await store.load({ id, digest, touchEveryMs, isUnderWay: true })
    return result.state === 'valid'
  }

  async function revoke(id: string, reason: string): Promise<boolean> {
    const record = await store.end(id)
    if (record === null) return false
    await Promise.all([adoption.bury(id), store.end(id)])
    const opened = vault.open(record, null)
    const meta = opened.ok ? opened.meta : null
    await index.unlink(meta?.userId ?? null, id)
    report(events, 'session_destroyed', { id, meta, reason })
    return true
  }

  function open(record: SessionRecord, token: Token): SessionSecrets<Data> {
    const opened = vault.open(record, token)
    if (!opened.ok) throw gone()
    return { token, record, meta: opened.meta, readStored: opened.readData, isLimited: false }
  }

  function factsOf(data: Data) {
    const { userId, idleMs } = options.describe(data)
    return { userId, lifetime: { idleMs: Math.min(idleMs, absoluteMs), absoluteMs } }
  }

  return {
    find,
    begin,
    save,
    touch,
    end: async secret => {
      await revoke(adoptToken(secret).id, 'logout')
    },
    revoke,
    list: index.list,
    scan: index.scan,
  }
}

function ownedBy(userId: string | null): Pick<SessionMeta, 'userId' | 'role'> {
  return { userId, role: userId === null ? null : 'user' }
}

function createParts<Data extends object>(options: AdoptedOptions<Data>): SessionParts<Data> {
  const { store, events, clock, cipher, seal = 'server' } = options
  const keyring = createKeyring(options.secret, { name: 'secret' })
  const names = createEpochNames(keyring)
  const policy = resolvePolicy({ limit: false, seal, maxBytes: largestContent })
  const codec = createCodec({ maxBytes: policy.maxBytes })
  const sealer = createSealer({ keyring, purpose: 'session', cipher, clock })
  return {
    store,
    events,
    meter: createMeter(),
    clock,
    policy,
    codec,
    vault: rememberOpened(
      createVault<Data>({ sealer, codec, rules: {}, isTicket: policy.isTicket }),
      clock,
      keyring,
    ),
    rules: {},
    keyring,
    owners: createOwners(keyring),
    epochs: createEpochs({ store, clock, names, intervalMs: epochIntervalMs }),
    nearCache: null,
  }
}
