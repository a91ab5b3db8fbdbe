import type { AdoptionStore } from './adoption-store.ts'
import type { SessionEntry } from './directory.ts'
import type { SessionParts } from './parts.ts'
import { byHandle, deadlineOf, type SessionPage, type SessionRecord } from './store.ts'

/** An adopted session as its user or an administrator sees it in a list. */
export type AdoptedEntry = Pick<
  SessionEntry,
  'id' | 'userId' | 'createdAt' | 'seenAt' | 'expiresAt'
>

/** Which adopted sessions are a user's. It never says that a session is valid. */
export interface AdoptedIndex {
  /** Enters a session under its user, before it is written. */
  link(userId: string, id: string): Promise<void>
  unlink(userId: string | null, id: string): Promise<void>
  /** A user's living sessions, the one used last first. */
  list(userId: string): Promise<readonly AdoptedEntry[]>
  /** Every living session there is, in no order. */
  scan(): AsyncIterable<AdoptedEntry>
}

/** A session is written this long after it was entered under its user, at most. */
const writingMs = 60_000

/** With more sessions than this, a sign-in looks for those that have ended by themselves. */
const tidyAbove = 10

const pageSize = 500

/** Makes an {@link AdoptedIndex}. */
export function createAdoptedIndex<Data>(
  parts: SessionParts<Data>,
  adoption: AdoptionStore,
): AdoptedIndex {
  const { store, vault, owners, epochs, clock } = parts

  async function list(userId: string): Promise<readonly AdoptedEntry[]> {
    await epochs.refresh()
    const owned = await Promise.all(owners.all(userId).map(owner => findLinked(owner)))
    return owned
      .flatMap(found => [...found.values()])
      .flatMap(entry => (entry?.userId === userId ? [entry] : []))
      .toSorted((left, right) => right.seenAt - left.seenAt)
  }

  async function findLinked(
    owner: string,
    until: number = Number.MAX_SAFE_INTEGER,
  ): Promise<ReadonlyMap<string, AdoptedEntry | null>> {
    const ids = await adoption.linked(owner, until)
    return new Map(await Promise.all(ids.map(async id => [id, await findEntry(id)] as const)))
  }

  async function findEntry(id: string): Promise<AdoptedEntry | null> {
    const result = await store.load(byHandle(id))
    return result.state === 'valid' ? entryOf(result.record) : null
  }

  function entryOf(record: SessionRecord): AdoptedEntry | null {
    const opened = vault.open(record, null)
    if (!opened.ok || epochs.isOutdated(opened.meta)) return null
    const { id, createdAt, seenAt } = record
    return { id, userId: opened.meta.userId, createdAt, seenAt, expiresAt: deadlineOf(record) }
  }

  async function* scan(): AsyncGenerator<AdoptedEntry> {
    await epochs.refresh()
    let cursor: string | null = null
    do {
      const page: SessionPage = await store.scan(cursor, pageSize)
      for (const entry of page.records.map(entryOf)) {
        if (entry !== null && entry.expiresAt > clock.now()) yield entry
      }
      cursor = page.cursor
    } while (cursor !== null)
  }

  async function link(userId: string, id: string): Promise<void> {
    const owner = owners.current(userId)
    const now = clock.now()
    await adoption.link(owner, id, now)
    const ids = await adoption.linked(owner, now - writingMs)
    if (ids.length > tidyAbove) await tidy(owner, now - writingMs)
  }

  async function tidy(owner: string, until: number): Promise<void> {
    const found = await findLinked(owner, until)
    const ended = [...found].flatMap(([id, entry]) => (entry === null ? [id] : []))
    await adoption.unlink(owner, ended)
  }

  async function unlink(userId: string | null, id: string): Promise<void> {
    if (userId === null) return
    await Promise.all(owners.all(userId).map(owner => adoption.unlink(owner, [id])))
  }

  return { link, unlink, list, scan }
}
