import { ConfigError } from '../core/errors.ts'
import type { SessionMeta } from './content.ts'
import { deadlineOf, type SessionRecord } from './store.ts'
import type { Token } from './token.ts'

/**
 * A session at one moment. Changing `data` changes nothing stored until it is saved.
 *
 * It may be logged: neither the token nor the data show.
 */
export interface SessionState<Data> {
  /** Public handle: stays the same while the token changes; safe to log and to show. */
  readonly id: string
  readonly userId: string | null
  readonly role: string | null
  readonly permissions: readonly string[]
  readonly tenant: string | null
  readonly device: string | null
  readonly ip: string | null
  /** Who acts in the user's place; null when it is the user. */
  readonly actorId: string | null
  /** How the user proved who they are, and when: RFC 8176 names to milliseconds. */
  readonly methods: Readonly<Record<string, number>>
  readonly isPersistent: boolean
  readonly createdAt: number
  /** Last activity that was noted; up to one touch interval behind. */
  readonly seenAt: number
  /** When it ends if nothing happens any more. */
  readonly idleExpiresAt: number
  /** When it ends in any case. */
  readonly expiresAt: number
  /** Read through a token that was replaced moments ago by one with more rights. */
  readonly isLimited: boolean
  readonly data: Data
}

/** What belongs to a state and must not be seen with it. */
export interface SessionSecrets<Data> {
  readonly token: Token
  readonly record: SessionRecord
  readonly meta: SessionMeta
  /** The data as it was stored, anew on each call. */
  readonly readStored: () => Data
  /** Whether all that came of this session must do without what its successor gained. */
  readonly isLimited: boolean
}

/** Makes a {@link SessionState}. Without `data`, what is stored is read when it is asked for. */
export function createState<Data>(own: SessionSecrets<Data>, data?: Data): SessionState<Data> {
  const { record, meta, isLimited } = own
  const facts: SessionFacts = {
    id: record.id,
    userId: meta.userId,
    role: meta.role,
    permissions: Object.freeze([...meta.permissions]),
    tenant: meta.tenant,
    device: meta.device,
    ip: meta.ip,
    actorId: meta.actorId,
    methods: Object.freeze(isLimited ? {} : datedMethods(meta.methods, record.createdAt)),
    isPersistent: meta.isPersistent,
    createdAt: record.createdAt,
    seenAt: record.seenAt,
    idleExpiresAt: deadlineOf(record),
    expiresAt: record.createdAt + record.absoluteMs,
    isLimited,
  }
  return new State(facts, own, data)
}

/** The same session for another reader, with data of its own. Costs next to nothing. */
export function copyState<Data>(state: SessionState<Data>): SessionState<Data> {
  return new State(state, secretsOf(state))
}

/** The other half of {@link createState}. @throws {ConfigError} for an object made elsewhere. */
export function secretsOf<Data>(state: SessionState<Data>): SessionSecrets<Data> {
  const own = State.secretsOf(state)
  if (own !== undefined) return own as SessionSecrets<Data>
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    'The `session` given was not made by this session manager. Pass on the object it returned.',
  )
}

/** Whether nobody has asked for the data, so that nothing of it can have changed. */
export function isUnread(state: SessionState<unknown>): boolean {
  return State.isUnread(state)
}

type SessionFacts = Omit<SessionState<unknown>, 'data'>

/**
 * A class, since a getter in an object literal takes thirty times as long to make. Secrets and data
 * are private, and so out of sight of logs and serialisers.
 */
class State<Data> implements SessionState<Data> {
  readonly id: string
  readonly userId: string | null
  readonly role: string | null
  readonly permissions: readonly string[]
  readonly tenant: string | null
  readonly device: string | null
  readonly ip: string | null
  readonly actorId: string | null
  readonly methods: Readonly<Record<string, number>>
  readonly isPersistent: boolean
  readonly createdAt: number
  readonly seenAt: number
  readonly idleExpiresAt: number
  readonly expiresAt: number
  readonly isLimited: boolean
  readonly #own: SessionSecrets<Data>
  #data: Data | undefined

  constructor(facts: SessionFacts, own: SessionSecrets<Data>, data?: Data) {
    this.id = facts.id
    this.userId = facts.userId
    this.role = facts.role
    this.permissions = facts.permissions
    this.tenant = facts.tenant
    this.device = facts.device
    this.ip = facts.ip
    this.actorId = facts.actorId
    this.methods = facts.methods
    this.isPersistent = facts.isPersistent
    this.createdAt = facts.createdAt
    this.seenAt = facts.seenAt
    this.idleExpiresAt = facts.idleExpiresAt
    this.expiresAt = facts.expiresAt
    this.isLimited = facts.isLimited
    this.#own = own
    this.#data = data
  }

  get data(): Data {
    this.#data ??= this.#own.readStored()
    return this.#data
  }

  static secretsOf(state: SessionState<unknown>): SessionSecrets<unknown> | undefined {
    return #own in state ? state.#own : undefined
  }

  static isUnread(state: SessionState<unknown>): boolean {
    return #data in state && state.#data === undefined
  }
}

function datedMethods(methods: SessionMeta['methods'], createdAt: number): Record<string, number> {
  const dated: Record<string, number> = {}
  for (const name in methods) dated[name] = methods[name] || createdAt
  return dated
}
