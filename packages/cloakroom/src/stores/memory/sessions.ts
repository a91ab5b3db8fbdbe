import { equalBytes, toBase64Url } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import type { ChangeListener } from '../../sessions/changes.ts'
import type {
  AbsentReason,
  CreateRequest,
  LoadRequest,
  LoadResult,
  RetiredToken,
  SaveRequest,
  SessionRecord,
  SessionStore,
  WriteResult,
} from '../../sessions/store.ts'
import { longestMs, ownerOf } from '../../sessions/store.ts'
import { tellChanges } from '../../sessions/telling-store.ts'

/** What {@link createMemorySessions} needs. */
export interface MemorySessionsOptions {
  readonly clock: Clock
}

/** A token that was replaced, and until when requests under way may still use it. */
interface RetiredNote extends RetiredToken {
  readonly graceEndsAt: number
  readonly forgetAt: number
}

/** So many former tokens of a session are remembered: nobody fills the memory by rotating. */
const mostNotes = 32

/** Ended records are looked for after so many new ones. */
const sweepEvery = 1000

/**
 * Sessions in the memory of this process: the readable specification of a store, and the default
 * while developing. They end with the process and no other process sees them.
 */
export function createMemorySessions({ clock }: MemorySessionsOptions): SessionStore {
  const records = new Map<string, SessionRecord>()
  const indexed = new Map<string, Set<string>>()
  const retiredTokens = new Map<string, Map<string, RetiredNote>>()
  const ownerEpochs = new Map<string, number>()
  const epochs = new Map<string, number>()
  const listeners = new Set<ChangeListener>()
  let created = 0

  const epochOf = (owner: string): number => ownerEpochs.get(owner) ?? 0

  function endingOf(record: SessionRecord): AbsentReason | null {
    if (clock.now() >= record.createdAt + record.absoluteMs) return 'absolute'
    if (clock.now() >= record.seenAt + record.idleMs) return 'idle'
    return epochOf(ownerOf(record.id)) > record.epoch ? 'epoch' : null
  }

  function remove(id: string): SessionRecord | null {
    const record = records.get(id) ?? null
    const ids = indexed.get(ownerOf(id))
    records.delete(id)
    ids?.delete(id)
    if (ids?.size === 0) indexed.delete(ownerOf(id))
    return record
  }

  function remember(record: SessionRecord, retired: RetiredToken): void {
    const notes = retiredTokens.get(record.id) ?? new Map<string, RetiredNote>()
    const graceEndsAt = clock.now() + retired.graceMs
    const forgetAt = Math.max(record.createdAt + record.absoluteMs, graceEndsAt)
    notes.set(toBase64Url(retired.digest), { ...retired, graceEndsAt, forgetAt })
    const [oldest] = notes.keys()
    if (notes.size > mostNotes && oldest !== undefined) notes.delete(oldest)
    retiredTokens.set(record.id, notes)
  }

  function readFormer({ id, digest, isUnderWay }: LoadRequest): LoadResult {
    const retired = digest === null ? null : retiredTokens.get(id)?.get(toBase64Url(digest))
    if (!retired || clock.now() >= retired.forgetAt) {
      return { state: 'absent', reason: 'unknown', record: null }
    }
    if (isUnderWay || clock.now() < retired.graceEndsAt) return { state: 'retired', retired }
    retiredTokens.delete(id)
    return { state: 'reused', retired, record: remove(id) }
  }

  function livingOf(owner: string): SessionRecord[] {
    const ids = indexed.get(owner) ?? new Set<string>()
    return [...ids].flatMap(id => {
      const record = records.get(id)
      return record === undefined || endingOf(record) !== null ? [] : [record]
    })
  }

  function makeRoom({ record: { id }, limit, replaces }: CreateRequest): SessionRecord[] | null {
    if (limit === null) return []
    const living = livingOf(ownerOf(id)).filter(record => record.id !== replaces)
    if (living.length < limit.max) return []
    if (limit.over === 'refuse') return null
    const age = limit.over === 'end-oldest' ? 'createdAt' : 'seenAt'
    const oldestFirst = living.toSorted(
      (left, right) => left[age] - right[age] || (left.id < right.id ? -1 : 1),
    )
    const surplus = oldestFirst.slice(0, living.length - limit.max + 1)
    for (const record of surplus) remove(record.id)
    return surplus
  }

  function replace({ record, isActivity }: SaveRequest): WriteResult {
    const current = records.get(record.id)
    const now = clock.now()
    if (current === undefined || endingOf(current) !== null) return { state: 'gone' }
    if (record.generation !== current.generation + 1) {
      return { state: 'conflict', record: current, now }
    }
    const { createdAt, epoch } = current
    const seenAt = isActivity ? Math.max(now, current.seenAt) : current.seenAt
    const next = { ...record, createdAt, seenAt, epoch }
    records.set(record.id, next)
    return { state: 'written', record: next, now }
  }

  function sweep(): void {
    for (const record of records.values()) if (endingOf(record) !== null) remove(record.id)
    for (const [id, notes] of retiredTokens) {
      for (const [digest, { forgetAt }] of notes) {
        if (clock.now() >= forgetAt) notes.delete(digest)
      }
      if (notes.size === 0) retiredTokens.delete(id)
    }
  }

  const store: SessionStore = {
    async load(request) {
      const { id, digest, touchEveryMs } = request
      const record = records.get(id)
      const isOther = digest !== null && record !== undefined && !equalBytes(record.digest, digest)
      if (record === undefined || isOther) return readFormer(request)
      const now = clock.now()
      const reason = endingOf(record)
      if (reason !== null) return { state: 'absent', reason, record: remove(id) }
      const isTouch =
        touchEveryMs !== null &&
        now > record.seenAt &&
        now - record.seenAt >= Math.min(touchEveryMs, record.idleMs / 2)
      if (!isTouch) return { state: 'valid', record, now }
      const touched = { ...record, seenAt: now }
      records.set(id, touched)
      return { state: 'valid', record: touched, now }
    },

    async create(request) {
      const { record, isIndexed } = request
      created += 1
      if (created % sweepEvery === 0) sweep()
      const owner = ownerOf(record.id)
      const present = records.get(record.id)
      if (present !== undefined) return { state: 'exists', record: present }
      const now = clock.now()
      const evicted = isIndexed ? makeRoom(request) : []
      if (evicted === null) return { state: 'refused' }
      const stored = { ...record, createdAt: now, seenAt: now, epoch: epochOf(owner) }
      records.set(record.id, stored)
      if (isIndexed) {
        const ids = indexed.get(owner) ?? new Set<string>()
        indexed.set(owner, ids.add(record.id))
      }
      return { state: 'created', record: stored, evicted, now }
    },

    async claim(id, retired) {
      const known = retiredTokens.get(id)?.get(toBase64Url(retired.digest))
      const record = records.get(id)
      if (known !== undefined && clock.now() < known.graceEndsAt) {
        return { ...known, isDone: record === undefined }
      }
      if (record !== undefined) remember(record, retired)
      return null
    },

    save: async request => replace(request),

    async rotate(request) {
      const result = replace(request)
      if (result.state === 'written') remember(result.record, request.retired)
      return result
    },

    async end(id, retired) {
      const record = remove(id)
      if (retired === undefined) retiredTokens.delete(id)
      else if (record !== null) remember(record, retired)
      return record === null || endingOf(record) !== null ? null : record
    },

    async endAll(owner, exceptId) {
      const living = livingOf(owner)
      const epoch = epochOf(owner) + 1
      ownerEpochs.set(owner, epoch)
      return living.filter(record => {
        if (record.id === exceptId) records.set(record.id, { ...record, epoch })
        else remove(record.id)
        return record.id !== exceptId
      })
    },

    list: async owner => livingOf(owner),

    async scan(cursor, count) {
      const ids = [...records.keys()].sort()
      const page = ids.filter(id => cursor === null || id > cursor).slice(0, count)
      const last = page.length === count ? page.at(-1) : undefined
      return {
        records: page.flatMap(id => records.get(id) ?? []),
        cursor: last ?? null,
      }
    },

    readEpochs: async () => new Map(epochs),

    async raiseEpoch(name) {
      const now = Math.floor(clock.now() / 1000)
      const raised = Math.max(now, (epochs.get(name) ?? 0) + 1)
      for (const [old, value] of epochs) if (value < now - longestMs / 1000) epochs.delete(old)
      epochs.set(name, raised)
      return raised
    },

    watch(listener, watchClock) {
      listeners.add(listener)
      return {
        get provenAt() {
          return listeners.has(listener) ? watchClock.now() : Number.NEGATIVE_INFINITY
        },
        close: () => listeners.delete(listener),
      }
    },
  }
  return tellChanges(store, change => {
    for (const listener of listeners) listener.onChange(change)
  })
}
