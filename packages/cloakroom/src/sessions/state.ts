import { ConfigError } from '../core/errors.ts'
import type { Codec } from './codec.ts'
import type { SessionMeta } from './content.ts'
import { deadlineOf, type SessionRecord } from './store.ts'
import type { Token } from './token.ts'

/**
 * A session at one moment. Changing `data` changes nothing stored until it is saved.
 *
 * The token is not part of it, so it may be logged or serialised.
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

const secrets: unique symbol = Symbol('secrets')

/** Makes a {@link SessionState}; the secrets hang on it out of sight of logs and serialisers. */
export function createState<Data>(
  own: SessionSecrets<Data>,
  data: Data = own.readStored(),
): SessionState<Data> {
  const { record, meta, isLimited } = own
  const state: SessionState<Data> = {
    id: record.id,
    userId: meta.userId,
    role: meta.role,
    permissions: meta.permissions,
    tenant: meta.tenant,
    device: meta.device,
    ip: meta.ip,
    methods: isLimited ? {} : datedMethods(meta.methods, record.createdAt),
    isPersistent: meta.isPersistent,
    createdAt: record.createdAt,
    seenAt: record.seenAt,
    idleExpiresAt: deadlineOf(record),
    expiresAt: record.createdAt + record.absoluteMs,
    isLimited,
    data,
  }
  Object.defineProperty(state, secrets, { value: own, enumerable: false })
  return state
}

/** The state of a session that was just written with this data. */
export function writtenState<Data>(
  written: Omit<SessionSecrets<Data>, 'readStored'> & { readonly data: Data },
  codec: Codec,
): SessionState<Data> {
  const { data, ...own } = written
  const stored = codec.copy(data)
  return createState({ ...own, readStored: () => codec.copy(stored) }, data)
}

/** The other half of {@link createState}. @throws {ConfigError} for an object made elsewhere. */
export function secretsOf<Data>(state: SessionState<Data>): SessionSecrets<Data> {
  const own = (state as { [secrets]?: SessionSecrets<Data> })[secrets]
  if (own !== undefined) return own
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    'The `session` given was not made by this session manager. Pass on the object it returned.',
  )
}

function datedMethods(methods: SessionMeta['methods'], createdAt: number): Record<string, number> {
  return Object.fromEntries(Object.entries(methods).map(([name, at]) => [name, at || createdAt]))
}
