import { equalBytes } from '../core/bytes.ts'
import { ConflictError } from '../core/errors.ts'
import type { EventSource } from '../events/event.ts'
import type { SessionMeta } from './content.ts'
import { keepCopy } from './copy.ts'
import { makeRoom, type Room } from './limit.ts'
import type { CreateOptions, IssuedSession, SignedInUser } from './manager.ts'
import { report, type SessionParts } from './parts.ts'
import { type Lifetime, shorten } from './policy.ts'
import { gone } from './reader.ts'
import { hasSameRights, newMeta } from './rights.ts'
import { requireData } from './schema.ts'
import { createState, type SessionState, secretsOf } from './state.ts'
import { ownerOf, type RetiredToken, type SessionRecord } from './store.ts'
import { issueFirstToken, type Token } from './token.ts'

/** Starts sessions. */
export interface SessionStarter<Data> {
  create(user: SignedInUser | null, options?: CreateOptions<Data>): Promise<IssuedSession<Data>>
}

/** Makes a {@link SessionStarter}. */
export function createStarter<Data extends object>(
  parts: SessionParts<Data>,
): SessionStarter<Data> {
  const { store, events, policy, vault, rules, owners, epochs } = parts
  const most = policy.limit?.max ?? 0

  async function create(
    user: SignedInUser | null,
    options: CreateOptions<Data> = {},
  ): Promise<IssuedSession<Data>> {
    const { source, previous } = options
    const data = requireData(options.data ?? ({} as Data), rules)
    await epochs.refresh()
    const meta = newMeta(user, options, epochs)
    const replaces = previous?.id ?? null
    const lifetime = shorten(lifetimeOf(meta), options.lifetime)
    // Whoever acts in a user's place must not sign the user out.
    const room = await makeRoom(parts, meta.actorId === null ? meta.userId : null, replaces)
    reportEvicted(room.ended, meta, source)
    const draft = { data, meta, lifetime, source, replaces, room }
    const own = issueFirstToken(owners.current(meta.userId))
    const twin = previous === undefined ? null : await claim(previous, own)
    const joined = twin === null ? null : await joinOrBegin(twin, draft)
    const issued = joined ?? (await begin(own, draft))
    if (issued === null) throw gone()
    if (previous !== undefined) await replace(previous, secretsOf(issued.session).token, source)
    return issued
  }

  /** Claims the place of a session, or finds who has: the same user's sign-in, a double click. */
  async function claim(previous: SessionState<Data>, own: Token): Promise<Twin | null> {
    const { token } = secretsOf(previous)
    const faster = await store.claim(previous.id, retire(token, own))
    const next = faster === null ? null : vault.successorOf(token, faster)
    if (faster === null || next === null || ownerOf(next.id) !== ownerOf(own.id)) return null
    // A rotation leads to the same session under another token, which is no sign-in.
    return next.id === previous.id ? null : { token: next, isDone: faster.isDone }
  }

  /** Two clicks share one token, so that whichever comes first begins what both get. */
  async function joinOrBegin(
    { token, isDone }: Twin,
    draft: Draft<Data>,
  ): Promise<IssuedSession<Data> | null> {
    if (!isDone) return begin(token, draft)
    const { id, digest } = token
    const result = await store.load({ id, digest, touchEveryMs: null, isUnderWay: true })
    return result.state === 'valid' ? join(token, result.record, draft) : null
  }

  /** Begins a session, or joins the one that a double click has begun; null when that is another. */
  async function begin(token: Token, draft: Draft<Data>): Promise<IssuedSession<Data> | null> {
    const { data, meta, lifetime, source, replaces, room } = draft
    const binding = { id: token.id, digest: token.digest, generation: 1, ...lifetime }
    const record = vault.seal(binding, { meta, data, token })
    // In the same moment: what is changed while the store answers is not stored.
    const readStored = keepCopy(data)
    const isIndexed = meta.userId !== null
    const result = await store.create({ record, isIndexed, limit: room.limit, replaces })
    if (result.state === 'refused') throw refusal(token.id, meta, source)
    if (result.state === 'exists') return join(token, result.record, draft)
    report(events, 'session_created', { id: token.id, meta, source })
    reportEvicted(result.evicted, meta, source)
    const own = { meta, token, record: result.record, readStored, isLimited: false }
    const evicted = [...room.ended, ...result.evicted].map(({ id }) => id)
    return { session: createState(own, data), token: token.text, evicted }
  }

  function join(
    token: Token,
    record: SessionRecord,
    { meta, lifetime }: Draft<Data>,
  ): IssuedSession<Data> | null {
    const opened = equalBytes(record.digest, token.digest) ? vault.open(record, token) : null
    if (opened?.ok !== true) return null
    const { userId, tenant, isPersistent } = opened.meta
    const isSame =
      userId === meta.userId &&
      tenant === meta.tenant &&
      isPersistent === meta.isPersistent &&
      record.absoluteMs === lifetime.absoluteMs
    if (!isSame || !hasSameRights(opened.meta, meta, 0) || epochs.isOutdated(opened.meta)) {
      return null
    }
    const own = { token, record, meta: opened.meta, readStored: opened.readData, isLimited: false }
    return { session: createState(own), token: token.text, evicted: [] }
  }

  /** Ends the session a browser had before; its token leads nowhere, and is known as stolen later. */
  async function replace(
    previous: SessionState<Data>,
    successor: Token,
    source: EventSource | undefined,
  ): Promise<void> {
    const { token, meta } = secretsOf(previous)
    const ended = await store.end(previous.id, retire(token, successor))
    if (ended === null) return
    report(events, 'session_destroyed', { id: ended.id, meta, source, reason: 'replaced' })
  }

  function retire(token: Token, successor: Token): RetiredToken {
    return vault.retire(token, successor, { kind: 'none', graceMs: policy.graceMs })
  }

  function lifetimeOf(meta: SessionMeta): Lifetime {
    if (meta.userId === null) return policy.anonymous
    return meta.isPersistent ? policy.remember : policy.user
  }

  function reportEvicted(
    records: readonly SessionRecord[],
    meta: SessionMeta,
    source: EventSource | undefined,
  ): void {
    for (const { id } of records) {
      const reason = policy.limit?.over ?? ''
      const details = { limit: most }
      report(events, 'session_limit_exceeded', { id, meta, source, reason, details })
      report(events, 'session_destroyed', { id, meta, source, reason: 'limit' })
    }
  }

  function refusal(id: string, meta: SessionMeta, source: EventSource | undefined): ConflictError {
    const details = { limit: most }
    report(events, 'session_limit_exceeded', { id, meta, source, reason: 'refuse', details })
    return new ConflictError(
      'ERR_SESSION_LIMIT',
      `The user has ${most} sessions already. End one of them first.`,
    )
  }

  return { create }
}

/** A session that is to begin, but for its token. */
interface Draft<Data> {
  readonly data: Data
  readonly meta: SessionMeta
  readonly lifetime: Lifetime
  readonly source: EventSource | undefined
  readonly replaces: string | null
  readonly room: Room
}

/** The sign-in of another click, and whether it is done. */
interface Twin {
  readonly token: Token
  readonly isDone: boolean
}
