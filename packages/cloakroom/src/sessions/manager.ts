import type { Clock } from '../core/clock.ts'
import type { Duration } from '../core/duration.ts'
import { ConfigError, type StoreError } from '../core/errors.ts'
import { type Keyring, toKeyring } from '../crypto/keyring.ts'
import { createSealer } from '../crypto/seal.ts'
import type { EventSink, EventSource } from '../events/event.ts'
import { createMeter, type Meter } from '../events/meter.ts'
import { createCodec } from './codec.ts'
import { createCsrfSecrets } from './csrf-secret.ts'
import type { SessionData } from './data.ts'
import { createDirectory, type SessionDirectory } from './directory.ts'
import { createEpochNames } from './epoch-names.ts'
import { createEpochs } from './epochs.ts'
import type { LockerStore } from './locker-store.ts'
import { createLockers, type Locker, type LockerOwner } from './lockers.ts'
import {
  createNearCache,
  type NearCache,
  type NearCacheOptions,
  type NearCacheParts,
} from './near-cache.ts'
import { createObserver } from './observer.ts'
import { createOwners } from './owners.ts'
import { resolvePolicy, type SessionOptions } from './policy.ts'
import { createReader } from './reader.ts'
import { rememberOpened } from './remembering-vault.ts'
import type { DataRules } from './schema.ts'
import type { BindableSocket } from './socket-kinds.ts'
import { type BindOptions, createSockets, type SocketBinding } from './sockets.ts'
import { createStarter } from './starter.ts'
import type { SessionState } from './state.ts'
import type { AbsentReason, SessionStore } from './store.ts'
import { tellChanges } from './telling-store.ts'
import { createVault } from './vault.ts'
import { createWriter } from './writer.ts'

/** Who signs in. */
export interface SignedInUser {
  readonly id: string
  /** @default 'user' */
  readonly role?: string | undefined
  readonly permissions?: readonly string[] | undefined
  readonly tenant?: string | undefined
}

/** Who acts in a user's place, such as an administrator who looks into a complaint. */
export interface Actor {
  readonly id: string
}

/** How a session begins. */
export interface CreateOptions<Data> {
  /** Stay signed in beyond the end of the browser. @default false */
  readonly remember?: boolean
  /** How the user proved who they are, in the names of RFC 8176. @default ['pwd'] */
  readonly methods?: readonly string[]
  /** Who acts in the user's place. The session does not count towards the user's limit. */
  readonly actor?: Actor | undefined
  /** Ends the session after this long, whatever happens, where others of its kind live longer. */
  readonly lifetime?: Duration | undefined
  readonly data?: Data
  readonly source?: EventSource
  /** The session the browser had before; its token is retired. */
  readonly previous?: SessionState<Data>
}

/** A session that was made, or given a new token. */
export interface IssuedSession<Data> {
  readonly session: SessionState<Data>
  /** The secret for the cookie. Never log it. */
  readonly token: string
  /** Handles of sessions that had to end because there were too many. */
  readonly evicted: readonly string[]
}

/** How a session is read. */
export interface ValidateOptions {
  readonly source?: EventSource
  /** Does not count as activity: for polling. @default false */
  readonly isPassive?: boolean
  /** Asks the store in any case, and not the near cache. @default false */
  readonly isSensitive?: boolean
}

/** What a token stands for. `unavailable` says nothing about the session: never treat it as absent. */
export type SessionRead<Data> =
  | {
      readonly state: 'valid'
      readonly session: SessionState<Data>
      /** Set when the token given was replaced meanwhile: the one to send back. */
      readonly newToken?: string
    }
  | { readonly state: 'absent'; readonly reason: AbsentReason | 'malformed' }
  | { readonly state: 'unavailable'; readonly error: StoreError }

/** How data is written. */
export interface WriteOptions {
  readonly source?: EventSource
  /** Does not count as activity. @default false */
  readonly isPassive?: boolean
}

/** What changes with the token. */
export interface RotateOptions {
  readonly source?: EventSource
  /** Further proof the user gave, in the names of RFC 8176: a step-up. */
  readonly methods?: readonly string[]
  readonly role?: string
  readonly permissions?: readonly string[]
}

/**
 * Sessions on a store. Knows no HTTP: a token goes in, a session comes out.
 *
 * Methods that write throw {@link StoreError} when the store cannot answer, and `ConflictError`
 * (`ERR_SESSION_GONE`) when the session has ended meanwhile.
 */
export interface SessionManager<Data = SessionData> extends SessionDirectory<Data> {
  /** Starts a session for a user, or for a visitor when the user is null. */
  create(user: SignedInUser | null, options?: CreateOptions<Data>): Promise<IssuedSession<Data>>
  /** The sessions in memory; null while the near cache is not switched on. */
  readonly nearCache: Pick<NearCache<Data>, 'stats'> | null
  /** Finds the session of a token and notes the activity. Never throws for what a client sent. */
  validate(token: string, options?: ValidateOptions): Promise<SessionRead<Data>>
  /** {@link validate}, at once where nobody has to be asked. Framework use. */
  recall(token: string, options?: ValidateOptions): SessionRead<Data> | Promise<SessionRead<Data>>
  /**
   * Notes activity, at most once in a touch interval: otherwise it returns the same state at no cost.
   * For reads that were passive until it was known what they were for.
   */
  touch(session: SessionState<Data>): Promise<SessionState<Data>>
  /** Whether {@link touch} would note anything. */
  isTouchDue(session: SessionState<Data>): boolean
  /** Notes activity now, within the absolute lifetime. */
  renew(session: SessionState<Data>, options?: WriteOptions): Promise<SessionState<Data>>
  /**
   * Gives a session a new token and forgets the old one, keeping its data.
   *
   * Call it whenever the person behind the session gains rights; a token planted before that moment
   * is then worth nothing. Requests already under way keep working for a few seconds
   * ({@link SessionOptions.grace}), without the new rights. When two requests rotate at once, both
   * get the same successor.
   */
  rotate(session: SessionState<Data>, options?: RotateOptions): Promise<IssuedSession<Data>>
  /**
   * Saves `session.data`: only what changed, on top of what others stored meanwhile. A session that
   * ended stays ended.
   */
  save(session: SessionState<Data>, options?: WriteOptions): Promise<SessionState<Data>>
  /** Whether {@link save} would write anything. */
  hasChanges(session: SessionState<Data>): boolean
  /**
   * Secrets that the session's tokens against request forgery are made from: one for each key of
   * the ring, newest first. They stay while the token rotates, and change when rights change.
   */
  csrfSecrets(session: SessionState<Data>): readonly Uint8Array[]
  /** Changes the data in one atomic step. `change` is called again when another request was faster. */
  update(
    session: SessionState<Data>,
    change: (data: Data) => Data | undefined,
    options?: WriteOptions,
  ): Promise<SessionState<Data>>
  /**
   * Closes a socket when its session ends or its rights change, by whatever process: a WebSocket
   * with code 4001 or 4003, a Socket.IO socket by disconnecting it, a response by ending it.
   *
   * It takes milliseconds where changes are heard, and at most a second after a deadline. The session
   * may get new tokens meanwhile. Messages from the client count as activity; pings do not.
   */
  bind(socket: BindableSocket, session: SessionState<Data>, options?: BindOptions): SocketBinding
  /**
   * Opens the locker of a session or of a user: named values for programs that know a session by its
   * handle, read and written without its token.
   *
   * @throws {ConfigError} when the manager was made without lockers, or the handle is none.
   */
  locker(owner: LockerOwner): Locker
  /** Stops listening for changes, and unbinds all sockets. The store stays open. */
  close(): void
}

/** What a manager is made of. */
export interface SessionManagerOptions<Data> extends DataRules<Data> {
  readonly store: SessionStore
  /** Where values beside sessions and users are kept. */
  readonly lockers?: LockerStore | undefined
  /** One secret or several, newest first; 32 characters at least. */
  readonly secret: string | readonly string[] | Keyring
  readonly session?: SessionOptions
  /** @default 'fernet' */
  readonly cipher?: 'fernet' | 'aes-256-gcm'
  /**
   * Answers from memory for a few seconds, as long as what other processes change is heard; true
   * for the defaults. @default false
   */
  readonly nearCache?: NearCacheOptions | boolean | undefined
  readonly events: EventSink
  /** Told what is no event. */
  readonly meter?: Meter | undefined
  readonly clock: Clock
}

/** How old this process's copy of the epochs that many share may be. */
const epochIntervalMs = 1000

/**
 * Makes a {@link SessionManager}.
 *
 * @throws {ConfigError} naming the setting that is wrong.
 */
export function createSessionManager<Data extends object = SessionData>(
  options: SessionManagerOptions<Data>,
): SessionManager<Data> {
  const { events, clock } = options
  const observer = createObserver(options.store, clock)
  const store = tellChanges(options.store, observer.tell)
  const policy = resolvePolicy(options.session)
  const keyring = toKeyring(options.secret, { name: 'secret' })
  keyring.onReplace(observer.tellGap)
  const codec = createCodec({ maxBytes: policy.maxBytes })
  const vault = createVault<Data>({
    sealer: createSealer({
      keyring,
      purpose: 'session',
      cipher: options.cipher ?? 'fernet',
      clock,
    }),
    codec,
    rules: options,
    isTicket: policy.isTicket,
  })
  const names = createEpochNames(keyring)
  const epochs = createEpochs({ store, clock, names, intervalMs: epochIntervalMs })
  observer.add(epochs)
  const nearCache = openNearCache<Data>(options.nearCache, { observer, clock, policy })
  const parts = {
    store,
    events,
    meter: options.meter ?? createMeter(),
    clock,
    policy,
    codec,
    vault: rememberOpened(vault, clock, keyring),
    rules: options,
    keyring,
    owners: createOwners(keyring),
    epochs,
    nearCache,
  }
  const reader = createReader<Data>(parts)
  const sockets = createSockets<Data>(parts, observer)
  const { lockers, cipher = 'fernet' } = options
  const locker = lockers ? createLockers<Data>({ ...parts, lockers, cipher }) : refuseLocker
  return {
    ...createStarter<Data>(parts),
    validate: reader.validate,
    recall: reader.recall,
    ...createWriter<Data>(parts, reader),
    ...createDirectory<Data>(parts),
    csrfSecrets: createCsrfSecrets(keyring),
    nearCache: nearCache && { stats: nearCache.stats },
    bind: sockets.bind,
    locker,
    close() {
      observer.close()
      sockets.close()
    },
  }
}

function openNearCache<Data>(
  option: NearCacheOptions | boolean | undefined,
  parts: NearCacheParts,
): NearCache<Data> | null {
  if (option === undefined || option === false) return null
  const cache = createNearCache<Data>(option === true ? {} : option, parts)
  parts.observer.start()
  return cache
}

function refuseLocker(): never {
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    '`lockers` is missing. Pass a store for them to the session manager.',
  )
}
