import { equalBytes } from '../core/bytes.ts'
import { ConflictError } from '../core/errors.ts'
import type { SessionMeta } from './content.ts'
import { isPlainlySame, keepCopy } from './copy.ts'
import { applyChanges, type DataChanges, findChanges } from './data.ts'
import type { IssuedSession, RotateOptions, WriteOptions } from './manager.ts'
import { report, type SessionParts } from './parts.ts'
import { gone, type SessionReader } from './reader.ts'
import { graceOf, hasSameRights, raiseRights } from './rights.ts'
import { requireData } from './schema.ts'
import {
  createState,
  isUnread,
  type SessionSecrets,
  type SessionState,
  secretsOf,
} from './state.ts'
import { requirePlainObject, requireStorable } from './storable.ts'
import type { SessionRecord, SessionWrite, WriteResult } from './store.ts'
import { issueToken, type Token } from './token.ts'

/** Changes sessions. */
export interface SessionWriter<Data> {
  touch(session: SessionState<Data>): Promise<SessionState<Data>>
  isTouchDue(session: SessionState<Data>): boolean
  renew(session: SessionState<Data>, options?: WriteOptions): Promise<SessionState<Data>>
  rotate(session: SessionState<Data>, options?: RotateOptions): Promise<IssuedSession<Data>>
  save(session: SessionState<Data>, options?: WriteOptions): Promise<SessionState<Data>>
  hasChanges(session: SessionState<Data>): boolean
  update(
    session: SessionState<Data>,
    change: (data: Data) => Data | undefined,
    options?: WriteOptions,
  ): Promise<SessionState<Data>>
}

/** So many writers would have to be faster in a row that something else must be wrong. */
const mostAttempts = 100

/** Makes a {@link SessionWriter}. */
export function createWriter<Data extends object>(
  parts: SessionParts<Data>,
  reader: SessionReader<Data>,
): SessionWriter<Data> {
  const { store, events, meter, clock, policy, codec, vault, rules, epochs } = parts

  async function touch(session: SessionState<Data>): Promise<SessionState<Data>> {
    return isTouchDue(session) ? noteActivity(session, policy.touchEveryMs) : session
  }

  function isTouchDue(session: SessionState<Data>): boolean {
    const { idleMs } = secretsOf(session).record
    return clock.now() - session.seenAt >= Math.min(policy.touchEveryMs, idleMs / 2)
  }

  async function renew(
    session: SessionState<Data>,
    options: WriteOptions = {},
  ): Promise<SessionState<Data>> {
    const renewed = await noteActivity(session, 0)
    const { meta } = secretsOf(session)
    report(events, 'session_renewed', { id: session.id, meta, source: options.source })
    return renewed
  }

  async function noteActivity(
    session: SessionState<Data>,
    touchEveryMs: number,
  ): Promise<SessionState<Data>> {
    const own = secretsOf(session)
    const { record } = await reader.resume(own.token, touchEveryMs)
    // Of the record only the activity is taken: its data may be newer than what changes are based on.
    const noted = { ...own.record, seenAt: record.seenAt }
    const data = isUnread(session) ? undefined : session.data
    return createState({ ...own, record: noted }, data)
  }

  function changesOf(session: SessionState<Data>): DataChanges | null {
    if (isUnread(session)) return null
    const stored = secretsOf(session).readStored()
    if (isPlainlySame(stored, session.data)) return null
    requirePlainObject(session.data)
    requireStorable(session.data)
    return findChanges(stored, session.data, codec)
  }

  function hasChanges(session: SessionState<Data>): boolean {
    try {
      return changesOf(session) !== null
    } catch {
      // What cannot be stored is a change: saving it says so.
      return true
    }
  }

  async function save(
    session: SessionState<Data>,
    options: WriteOptions = {},
  ): Promise<SessionState<Data>> {
    const changes = changesOf(session)
    if (changes === null) return session
    return update(session, data => applyChanges(data, changes), options)
  }

  async function update(
    session: SessionState<Data>,
    change: (data: Data) => Data | undefined,
    options: WriteOptions = {},
  ): Promise<SessionState<Data>> {
    return write(session, {
      revise(current) {
        const draft = current.readStored()
        const data = requireData(change(draft) ?? draft, rules)
        return { data, meta: current.meta, token: current.token }
      },
      send: record => store.save({ record, isActivity: options.isPassive !== true }),
    })
  }

  async function rotate(
    session: SessionState<Data>,
    options: RotateOptions = {},
  ): Promise<IssuedSession<Data>> {
    if (secretsOf(session).isLimited) throw outranked()
    const successor = issueToken(session.id)
    const grace = { kind: graceOf(options), graceMs: policy.graceMs }
    const raise = (meta: SessionMeta): SessionMeta => raiseRights(meta, options, clock.now())
    const rotated = await write(session, {
      revise: ({ readStored, meta }) => ({
        data: readStored(),
        meta: raise(meta),
        token: successor,
      }),
      send: (record, { token }) =>
        store.rotate({
          record,
          isActivity: true,
          retired: vault.retire(token, successor, grace),
        }),
      settle(current, newer) {
        if (newer.token === current.token) return null
        // Another request rotated. Where it got what this one wants, both get the same successor;
        // where it got more, this one must not have it.
        const isSame = hasSameRights(newer.meta, raise(current.meta), policy.graceMs)
        if (isSame) return { ...newer, isLimited: false }
        if (newer.isLimited) throw outranked()
        return null
      },
    })
    const { token, meta } = secretsOf(rotated)
    if (token === successor) {
      report(events, 'session_rotated', { id: session.id, meta, source: options.source })
    }
    return { session: rotated, token: token.text, evicted: [] }
  }

  /** Writes on top of what is stored now, however often others are faster. */
  async function write(
    session: SessionState<Data>,
    step: WriteStep<Data>,
  ): Promise<SessionState<Data>> {
    let current = secretsOf(session)
    await epochs.refresh()
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      if (epochs.isOutdated(current.meta)) throw gone()
      const revision = step.revise(current)
      const { isLimited, record } = current
      const { id, generation, idleMs, absoluteMs } = record
      const { digest } = revision.token
      const binding = { id, generation: generation + 1, digest, idleMs, absoluteMs }
      const sealed = vault.seal(binding, revision)
      // In the same moment: what is changed while the store answers is not stored.
      const readStored = keepCopy(revision.data)
      const result = await step.send(sealed, current)
      if (result.state === 'gone') throw gone()
      if (result.state === 'written') {
        const { data, meta, token } = revision
        return createState({ meta, token, record: result.record, readStored, isLimited }, data)
      }
      meter.tell({ kind: 'conflict' })
      const newer = await catchUp(result.record, current)
      const settled = step.settle?.(current, newer) ?? null
      if (settled !== null) return createState(settled)
      current = newer
    }
    throw new ConflictError(
      'ERR_SESSION_CONFLICT',
      'Other requests kept changing the session. Load it again and redo.',
    )
  }

  /** What another request made of the session meanwhile, under its new token if it got one. */
  async function catchUp(
    record: SessionRecord,
    current: SessionSecrets<Data>,
  ): Promise<SessionSecrets<Data>> {
    const { token, isLimited } = current
    if (!equalBytes(record.digest, token.digest)) {
      const newer = await reader.resume(token, null)
      return { ...newer, isLimited: isLimited || newer.isLimited }
    }
    const opened = vault.open(record, token)
    if (!opened.ok) throw gone()
    return { token, record, meta: opened.meta, readStored: opened.readData, isLimited }
  }

  return { touch, isTouchDue, renew, rotate, save, hasChanges, update }
}

interface WriteStep<Data> {
  revise(current: SessionSecrets<Data>): Revision<Data>
  send(record: SessionWrite, current: SessionSecrets<Data>): Promise<WriteResult>
  /** What to return instead of trying again, now that another request was faster. */
  settle?(current: SessionSecrets<Data>, newer: SessionSecrets<Data>): SessionSecrets<Data> | null
}

interface Revision<Data> {
  readonly data: Data
  readonly meta: SessionMeta
  readonly token: Token
}

function outranked(): ConflictError {
  return new ConflictError(
    'ERR_SESSION_CONFLICT',
    'The session got further rights, and a new token, by another request. Load it again and redo.',
  )
}
