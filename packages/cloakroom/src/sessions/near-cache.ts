import type { Clock } from '../core/clock.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { refuseUnknown, requireInteger } from '../core/options.ts'
import type { ChangeListener, SessionChange } from './changes.ts'
import type { Observer } from './observer.ts'
import type { SessionPolicy } from './policy.ts'
import { createShelf, type Shelved } from './shelf.ts'
import { copyState, createState, type SessionState, secretsOf } from './state.ts'
import { deadlineOf } from './store.ts'
import { idLength } from './token.ts'

/** How many sessions are kept in the process, and for how long. */
export interface NearCacheOptions {
  /** The longest that a session is answered from memory before the store is asked. @default '5s' */
  maxAge?: Duration
  /** @default 10_000 */
  maxEntries?: number
}

/** What the near cache did since the start. */
export interface NearCacheStats {
  readonly hits: number
  readonly misses: number
  /** Changes that were heard; those of this process twice, at once and as a message. */
  readonly invalidations: number
  /** How many sessions are in memory now. */
  readonly size: number
  /** Whether it is in use: changes are proven to be heard. */
  readonly isAlive: boolean
}

/** A session that is being loaded, as {@link NearCache.begin} notes it. */
export interface Loading {
  readonly startedAt: number
  readonly mark: number
}

/** Sessions in the memory of this process. */
export interface NearCache<Data> {
  /** The session of a token, or null when the store must be asked. */
  find(token: string, isActivity: boolean): SessionState<Data> | null
  /** To be called before the store is asked for a session. */
  begin(id: string): Loading
  /** Keeps a session, unless something happened to it since it began to be loaded. */
  keep(loading: Loading, session: SessionState<Data>, storeNow: number): void
  stats(): NearCacheStats
}

/** What {@link createNearCache} needs. */
export interface NearCacheParts {
  readonly observer: Observer
  readonly clock: Clock
  readonly policy: Pick<SessionPolicy, 'touchEveryMs'>
}

interface Entry<Data> extends Shelved {
  readonly session: SessionState<Data>
  readonly generation: number
  /** By the process's clock: when it ends, and when activity is to be noted in the store. */
  readonly endsAt: number
  readonly touchAt: number
  /** What {@link markOf} said when it began to be loaded. */
  mark: number
}

const noBytes = new Uint8Array()

/** Sessions of one slot count as changed together. With this many, that hits few others. */
const slotCount = 16_384

/**
 * Makes a {@link NearCache}.
 *
 * It answers only while every change is proven to be heard, with at most two seconds' delay, and
 * drops what it has at every change. A session that is loaded while a change is heard is not kept:
 * which came first cannot be told.
 *
 * @throws {ConfigError} naming the setting that is wrong.
 */
export function createNearCache<Data>(
  options: NearCacheOptions,
  { observer, clock, policy }: NearCacheParts,
): NearCache<Data> {
  refuseUnknown('nearCache', options, ['maxAge', 'maxEntries'])
  const maxAgeMs = parseDuration(options.maxAge ?? '5s', 'nearCache.maxAge', { max: 60_000 })
  const maxEntries = requireInteger('nearCache.maxEntries', options.maxEntries ?? 10_000, {
    min: 1,
  })
  const entries = createShelf<Entry<Data>>({ clock, maxAgeMs, maxEntries })
  const changes = new Uint32Array(slotCount)
  let resets = 0
  let hits = 0
  let misses = 0
  let invalidations = 0

  /** Another number whenever something happened to the session, or to one of the same slot. */
  function markOf(id: string): number {
    return resets + (changes[slotOf(id)] ?? 0)
  }

  function note(id: string): void {
    const slot = slotOf(id)
    changes[slot] = (changes[slot] ?? 0) + 1
  }

  function reset(): void {
    resets += 1
    entries.clear()
  }

  /** A write is heard twice, at once and as a message: what was loaded in between is up to date. */
  function dropOlder(id: string, generation: number): void {
    const entry = entries.get(id)
    const isNewer = entry !== undefined && entry.generation >= generation
    const isCurrent = isNewer && entry.mark === markOf(id)
    note(id)
    if (isCurrent) entry.mark = markOf(id)
    else entries.remove(id)
  }

  const listener: ChangeListener = {
    onChange(change: SessionChange) {
      invalidations += 1
      if (change.kind === 'epoch') reset()
      else if (change.kind === 'owner-ended') note(change.owner)
      else if (change.kind === 'ended') {
        for (const id of change.ids) {
          note(id)
          entries.remove(id)
        }
      } else dropOlder(change.id, change.generation)
    },
    onGap: reset,
  }
  observer.add(listener)

  return {
    find(token, isActivity) {
      const id = token.slice(0, idLength)
      const entry = entries.get(id)
      const now = clock.now()
      if (
        entry !== undefined &&
        entry.mark === markOf(id) &&
        entries.isFresh(entry, now) &&
        now < entry.endsAt &&
        (!isActivity || now < entry.touchAt) &&
        isSameToken(secretsOf(entry.session).token.text, token) &&
        observer.isProven(now)
      ) {
        hits += 1
        return copyState(entry.session)
      }
      misses += 1
      return null
    },

    begin: id => ({ startedAt: clock.now(), mark: markOf(id) }),

    keep({ startedAt, mark }, session, storeNow) {
      if (mark !== markOf(session.id) || !observer.isProven(clock.now())) return
      const own = secretsOf(session)
      const { record, token } = own
      // The answer was made after the question, so that every instant here comes a little early.
      const ahead = storeNow - startedAt
      const touchAfter = Math.min(policy.touchEveryMs, record.idleMs / 2)
      entries.add(session.id, {
        addedAt: startedAt,
        weight: record.sealed.byteLength,
        // What the store answered may be a part of something far larger, which is let go here.
        session: createState({
          ...own,
          record: { ...record, digest: token.digest, sealed: noBytes },
        }),
        generation: record.generation,
        endsAt: deadlineOf(record) - ahead,
        touchAt: record.seenAt + touchAfter - ahead,
        mark,
      })
    },

    stats: () => ({
      hits,
      misses,
      invalidations,
      size: entries.size,
      isAlive: observer.isProven(clock.now()),
    }),
  }
}

/** An owner and all its sessions begin alike, and so share a slot. */
function slotOf(id: string): number {
  const hash = (id.charCodeAt(0) * 61 + id.charCodeAt(1)) * 61 + id.charCodeAt(2)
  return hash % slotCount
}

/** Compares in time that does not depend on where they differ. */
function isSameToken(left: string, right: string): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let index = idLength; index < left.length; index += 1) {
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index)
  }
  return difference === 0
}
