import { ConfigError } from '../core/errors.ts'
import type { EventSource } from '../events/event.ts'
import type { SessionMeta } from './content.ts'
import type { SharedScope } from './epochs.ts'
import { report, type SessionParts } from './parts.ts'
import type { SessionState } from './state.ts'
import { byHandle, deadlineOf, ownerOf, type SessionRecord } from './store.ts'
import { isSessionId } from './token.ts'

/** A session as its user or an administrator sees it in a list. */
export interface SessionEntry {
  /** Public handle, for {@link SessionDirectory.revoke}. */
  readonly id: string
  readonly userId: string | null
  readonly role: string | null
  readonly tenant: string | null
  readonly device: string | null
  readonly ip: string | null
  /** Who acts in the user's place; null when it is the user. */
  readonly actorId: string | null
  readonly createdAt: number
  readonly seenAt: number
  readonly expiresAt: number
  /** Whether it is the session that asked. */
  readonly isCurrent: boolean
}

/** Whose sessions end at once. */
export type EpochScope = { readonly user: string } | SharedScope

/** Who ends a session, and why, for the event. */
export interface RevokeOptions {
  readonly source?: EventSource | undefined
  /** The administrator who does it, for the events. */
  readonly actorId?: string | undefined
  /** @default 'revoked' */
  readonly reason?: string | undefined
}

/** A page of all sessions. */
export interface EntryPage {
  readonly entries: readonly SessionEntry[]
  /** Pass it on to get the next page; null after the last. */
  readonly cursor: string | null
}

/** How many sessions a part of the store holds, by the key that sealed them. */
export interface KeyCountPage {
  /** Ids of the keys of the ring, newest first. */
  readonly ring: readonly string[]
  /** Of each key of the ring, and of whatever other keys were met. */
  readonly counts: ReadonlyMap<string, number>
  /** Pass it on to count the next part; null after the last. */
  readonly cursor: string | null
}

/** What {@link SessionDirectory.endSealedBy} did in one part of the store. */
export interface EndedPage {
  readonly ended: number
  /** Pass it on for the next part; null after the last. */
  readonly cursor: string | null
}

/** Which part of the store, and who ends what is there. */
export interface SealedByOptions extends RevokeOptions {
  /** Of the part before; null for the first. */
  readonly cursor?: string | null | undefined
  /** @default 1000 */
  readonly count?: number | undefined
}

/** Lists sessions and ends them from outside. */
export interface SessionDirectory<Data> {
  /** One living session by its handle, without noting activity; null when there is none. */
  find(id: string): Promise<SessionEntry | null>
  /** A user's living sessions, the one used last first. */
  list(userId: string, current?: SessionState<Data>): Promise<readonly SessionEntry[]>
  /** Ends one session by its handle; false when there was none. */
  revoke(id: string, options?: RevokeOptions): Promise<boolean>
  /** Ends all sessions of the same user but this one; gives how many. */
  revokeOthers(session: SessionState<Data>, options?: RevokeOptions): Promise<number>
  /** Ends all sessions of a user, those included that a failing index forgot; gives how many. */
  revokeAll(userId: string, options?: RevokeOptions): Promise<number>
  /**
   * Ends all sessions of a user, of a tenant, of an address, or of everybody, in one step however many
   * they are.
   */
  raiseEpoch(scope: EpochScope, options?: RevokeOptions): Promise<void>
  /**
   * All sessions page by page, in no order. A page holds about `count`; where the store holds much
   * else it may hold fewer, or none: there is another one as long as there is a cursor.
   */
  scan(cursor?: string | null, count?: number): Promise<EntryPage>
  /** How many living sessions each key of the ring sealed. A key with none may be taken out. */
  countByKey(): Promise<ReadonlyMap<string, number>>
  /**
   * Ends, in parts of about `count`, all sessions that a key sealed, those included that are not listed
   * any more: after a secret has leaked, nothing should be left that it opens.
   */
  endSealedBy(keyId: string, options?: SealedByOptions): Promise<EndedPage>
  /** {@link countByKey} in parts of about `count` sessions, where all at once are too many. */
  countPage(cursor?: string | null, count?: number): Promise<KeyCountPage>
}

/** How often a store is asked for one page, since a step of a scan may find nothing. */
const stepsPerPage = 10

/** Makes a {@link SessionDirectory}. */
export function createDirectory<Data>(parts: SessionParts<Data>): SessionDirectory<Data> {
  const { store, events, clock, vault, owners, epochs, keyring } = parts

  async function find(id: string): Promise<SessionEntry | null> {
    if (!isSessionId(id)) return null
    const [result] = await Promise.all([store.load(byHandle(id)), epochs.refresh()])
    const entries = result.state === 'valid' ? entriesOf([result.record]) : []
    return entries[0] ?? null
  }

  async function list(
    userId: string,
    current?: SessionState<Data>,
  ): Promise<readonly SessionEntry[]> {
    const [pages] = await Promise.all([
      Promise.all(owners.all(userId).map(owner => store.list(owner))),
      epochs.refresh(),
    ])
    return entriesOf(pages.flat(), current?.id)
      .filter(entry => entry.userId === userId)
      .toSorted((left, right) => right.seenAt - left.seenAt)
  }

  async function revoke(id: string, options: RevokeOptions = {}): Promise<boolean> {
    if (!isSessionId(id)) return false
    const record = await store.end(id)
    if (record !== null) reportEnd(record, options)
    return record !== null
  }

  async function revokeOthers(
    session: SessionState<Data>,
    options: RevokeOptions = {},
  ): Promise<number> {
    if (session.userId === null) throw noUser()
    return endAll(session.userId, { ...options, exceptId: session.id })
  }

  async function endAll(
    userId: string,
    options: RevokeOptions & { exceptId?: string | undefined },
  ): Promise<number> {
    const { exceptId } = options
    const endOwner = (owner: string): Promise<readonly SessionRecord[]> =>
      exceptId !== undefined && ownerOf(exceptId) === owner
        ? store.endAll(owner, exceptId)
        : store.endAll(owner)
    const ended = (await Promise.all(owners.all(userId).map(endOwner))).flat()
    for (const record of ended) reportEnd(record, options)
    return ended.length
  }

  async function raiseEpoch(scope: EpochScope, options: RevokeOptions = {}): Promise<void> {
    if ('user' in scope) await endAll(scope.user, options)
    else await epochs.raise(scope)
    const { actorId } = options
    events.emit({
      type: 'session_epoch_raised',
      userId: 'user' in scope ? scope.user : undefined,
      ...(actorId !== undefined && { actorId }),
      ip: options.source?.ip,
      userAgent: options.source?.userAgent,
      reason: options.reason ?? 'revoked',
      details: detailsOf(scope),
    })
  }

  async function scan(cursor: string | null = null, count = 100): Promise<EntryPage> {
    await epochs.refresh()
    const entries: SessionEntry[] = []
    let place = cursor
    for (let step = 0; step < stepsPerPage; step += 1) {
      const page = await store.scan(place, count)
      entries.push(...entriesOf(page.records.filter(record => deadlineOf(record) > clock.now())))
      place = page.cursor
      if (place === null || entries.length >= count) break
    }
    return { entries, cursor: place }
  }

  async function countPage(cursor: string | null = null, count = 1000): Promise<KeyCountPage> {
    const ring = keyring.keys.map(key => key.id)
    const counts = new Map(ring.map(id => [id, 0]))
    const page = await store.scan(cursor, count)
    for (const { keyId } of page.records) counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
    return { ring, counts, cursor: page.cursor }
  }

  async function endSealedBy(keyId: string, options: SealedByOptions = {}): Promise<EndedPage> {
    const page = await store.scan(options.cursor ?? null, options.count ?? 1000)
    const sealed = page.records.filter(record => record.keyId === keyId)
    const ended = (await Promise.all(sealed.map(({ id }) => store.end(id)))).filter(
      record => record !== null,
    )
    for (const record of ended) reportEnd(record, options)
    return { ended: ended.length, cursor: page.cursor }
  }

  async function countByKey(): Promise<ReadonlyMap<string, number>> {
    const total = new Map<string, number>()
    let cursor: string | null = null
    do {
      const page = await countPage(cursor)
      for (const [id, count] of page.counts) total.set(id, (total.get(id) ?? 0) + count)
      cursor = page.cursor
    } while (cursor !== null)
    return total
  }

  function entriesOf(records: readonly SessionRecord[], currentId?: string): SessionEntry[] {
    return records.flatMap(record => {
      const meta = metaOf(record)
      if (meta === null || epochs.isOutdated(meta)) return []
      const { userId, role, tenant, device, ip, actorId } = meta
      const { id, createdAt, seenAt } = record
      const isCurrent = id === currentId
      const expiresAt = deadlineOf(record)
      const about = { userId, role, tenant, device, ip, actorId }
      return [{ id, ...about, createdAt, seenAt, expiresAt, isCurrent }]
    })
  }

  function reportEnd(record: SessionRecord, options: RevokeOptions): void {
    report(events, 'session_destroyed', {
      id: record.id,
      meta: metaOf(record),
      source: options.source,
      actorId: options.actorId,
      reason: options.reason ?? 'revoked',
    })
  }

  function metaOf(record: SessionRecord): SessionMeta | null {
    const opened = vault.open(record, null)
    return opened.ok ? opened.meta : null
  }

  const revokeAll = (userId: string, options: RevokeOptions = {}): Promise<number> =>
    endAll(userId, { ...options, exceptId: undefined })

  return {
    find,
    list,
    revoke,
    revokeOthers,
    revokeAll,
    raiseEpoch,
    scan,
    endSealedBy,
    countByKey,
    countPage,
  }
}

function noUser(): ConfigError {
  return new ConfigError(
    'ERR_OPTION_INVALID',
    'The `session` belongs to a visitor, who has no other sessions. Sign in first.',
  )
}

function detailsOf(scope: EpochScope): Record<string, string> {
  if ('tenant' in scope) return { tenant: scope.tenant }
  return 'address' in scope ? { address: scope.address } : {}
}
