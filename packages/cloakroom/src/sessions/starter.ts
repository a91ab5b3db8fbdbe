import { ConflictError } from '../core/errors.ts'
import type { EventSource } from '../events/event.ts'
import type { SessionMeta } from './content.ts'
import { makeRoom } from './limit.ts'
import type { CreateOptions, IssuedSession, SignedInUser } from './manager.ts'
import { report, type SessionParts } from './parts.ts'
import type { Lifetime } from './policy.ts'
import { newMeta } from './rights.ts'
import { requireData } from './schema.ts'
import { type SessionState, secretsOf, writtenState } from './state.ts'
import type { SessionRecord } from './store.ts'
import { issueToken, newSessionId, type Token } from './token.ts'

/** Starts sessions. */
export interface SessionStarter<Data> {
  create(user: SignedInUser | null, options?: CreateOptions<Data>): Promise<IssuedSession<Data>>
}

/** Makes a {@link SessionStarter}. */
export function createStarter<Data extends object>(
  parts: SessionParts<Data>,
): SessionStarter<Data> {
  const { store, events, policy, codec, vault, rules, owners, epochs } = parts
  const most = policy.limit?.max ?? 0

  async function create(
    user: SignedInUser | null,
    options: CreateOptions<Data> = {},
  ): Promise<IssuedSession<Data>> {
    const { source, previous } = options
    const data = requireData(options.data ?? ({} as Data), rules)
    await epochs.refresh()
    const meta = newMeta(user, options, epochs)
    const token = issueToken(newSessionId(owners.current(meta.userId)))
    const binding = { id: token.id, digest: token.digest, generation: 1, ...lifetimeOf(meta) }
    const record = vault.seal(binding, { meta, data, token })
    const replaces = previous?.id ?? null
    const room = await makeRoom(parts, meta.userId, replaces)
    reportEvicted(room.ended, meta, source)
    const isIndexed = meta.userId !== null
    const result = await store.create({ record, isIndexed, limit: room.limit, replaces })
    if (result.state === 'refused') throw refusal(token.id, meta, source)
    report(events, 'session_created', { id: token.id, meta, source })
    reportEvicted(result.evicted, meta, source)
    if (previous !== undefined) await replace(previous, token, source)
    const written = { data, meta, token, record: result.record, isLimited: false }
    const evicted = [...room.ended, ...result.evicted].map(({ id }) => id)
    return { session: writtenState(written, codec), token: token.text, evicted }
  }

  /** Ends the session a browser had before; its token leads nowhere, and is known as stolen later. */
  async function replace(
    previous: SessionState<Data>,
    successor: Token,
    source: EventSource | undefined,
  ): Promise<void> {
    const { token, meta } = secretsOf(previous)
    const retired = vault.retire(token, successor, { kind: 'none', graceMs: policy.graceMs })
    const ended = await store.end(previous.id, retired)
    if (ended === null) return
    report(events, 'session_destroyed', { id: ended.id, meta, source, reason: 'replaced' })
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
