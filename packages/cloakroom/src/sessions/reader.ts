import { ConflictError, StoreError } from '../core/errors.ts'
import type { EventSource } from '../events/event.ts'
import type { SessionMeta } from './content.ts'
import type { SessionRead, ValidateOptions } from './manager.ts'
import { expiries, report, type SessionParts } from './parts.ts'
import { createState, type SessionSecrets, type SessionState, secretsOf } from './state.ts'
import type { AbsentReason, LoadResult, SessionRecord } from './store.ts'
import { parseToken, type Token } from './token.ts'

/** Finds sessions by their token. */
export interface SessionReader<Data> {
  validate(token: string, options?: ValidateOptions): Promise<SessionRead<Data>>
  /** {@link validate}, at once where nobody has to be asked. */
  recall(token: string, options?: ValidateOptions): SessionRead<Data> | Promise<SessionRead<Data>>
  /**
   * Finds a session again for a request that read it before, under its new token if it got one.
   *
   * @throws {ConflictError} `ERR_SESSION_GONE` when it has ended.
   */
  resume(token: Token, touchEveryMs: number | null): Promise<SessionSecrets<Data>>
}

interface Search {
  readonly source?: EventSource | undefined
  readonly touchEveryMs: number | null
  readonly isUnderWay: boolean
}

/** Makes a {@link SessionReader}. */
export function createReader<Data extends object>(parts: SessionParts<Data>): SessionReader<Data> {
  const { store, events, meter, vault, epochs, policy, nearCache } = parts

  function recall(
    text: string,
    options: ValidateOptions = {},
  ): SessionRead<Data> | Promise<SessionRead<Data>> {
    const { source, isPassive, isSensitive } = options
    const known = isSensitive === true ? null : nearCache?.find(text, isPassive !== true)
    if (known) return { state: 'valid', session: known }
    const token = parseToken(text)
    if (token === null) return count({ state: 'absent', reason: 'malformed' })
    const touchEveryMs = isPassive === true ? null : policy.touchEveryMs
    return find(token, { source, touchEveryMs, isUnderWay: false }).then(read => count(read))
  }

  function count(read: SessionRead<Data>): SessionRead<Data> {
    if (!meter.isHeard) return read
    const reason = read.state === 'absent' ? read.reason : ''
    meter.tell({ kind: 'validation', result: read.state, reason })
    return read
  }

  async function resume(token: Token, touchEveryMs: number | null): Promise<SessionSecrets<Data>> {
    const read = await find(token, { touchEveryMs, isUnderWay: true })
    if (read.state === 'valid') return secretsOf(read.session)
    throw read.state === 'unavailable' ? read.error : gone()
  }

  async function find(token: Token, search: Search): Promise<SessionRead<Data>> {
    const { touchEveryMs, isUnderWay } = search
    const { id, digest } = token
    const loading = nearCache?.begin(id)
    try {
      const loaded = store.load({ id, digest, touchEveryMs, isUnderWay })
      if (!epochs.isFresh()) await Promise.all([loaded, epochs.refresh()])
      const result = await loaded
      const session = result.state === 'valid' ? accept(token, result.record) : null
      if (result.state !== 'valid' || session === null) return await explain(token, result, search)
      if (loading !== undefined) nearCache?.keep(loading, session, result.now)
      return { state: 'valid', session }
    } catch (error) {
      if (error instanceof StoreError) return { state: 'unavailable', error }
      throw error
    }
  }

  function accept(token: Token, record: SessionRecord): SessionState<Data> | null {
    const opened = vault.open(record, token)
    if (!opened.ok || epochs.isOutdated(opened.meta)) return null
    const { meta, readData: readStored } = opened
    return createState<Data>({ token, record, meta, readStored, isLimited: false })
  }

  async function explain(
    token: Token,
    result: LoadResult,
    search: Search,
  ): Promise<SessionRead<Data>> {
    if (result.state === 'valid') return reject(token, result.record, search)
    if (result.state === 'retired') return followGrace(token, result, search)
    if (result.state === 'reused') return punishReuse(token, result, search)
    return refuse(token, result.reason, { record: result.record, search })
  }

  /** The store gave a record that {@link accept} did not take. */
  async function reject(
    token: Token,
    record: SessionRecord,
    search: Search,
  ): Promise<SessionRead<Data>> {
    const opened = vault.open(record, token)
    const reason = opened.ok ? 'epoch' : opened.reason
    if (!opened.ok) meter.tell({ kind: 'open-failure', reason, keyId: record.keyId })
    // A broken value is of no use to anybody. One sealed by a key or in a form that is not known
    // here may be whole to another worker, in the middle of a deployment.
    if (reason === 'epoch' || reason === 'corrupt') await store.end(record.id)
    return refuse(token, reason, { record, search })
  }

  /** A request that was under way while the token changed. */
  async function followGrace(
    token: Token,
    result: Extract<LoadResult, { state: 'retired' }>,
    search: Search,
  ): Promise<SessionRead<Data>> {
    const { kind } = result.retired
    const next = kind === 'none' ? null : vault.successorOf(token, result.retired)
    if (next === null) return { state: 'absent', reason: 'retired' }
    // One token in its grace is enough: what followed it may have been replaced long ago.
    const read = await find(next, { ...search, isUnderWay: true })
    if (read.state !== 'valid') return read
    if (kind === 'limited') {
      const limited = { ...secretsOf(read.session), isLimited: true }
      return { state: 'valid', session: createState(limited, read.session.data) }
    }
    return read.session.isLimited ? read : { newToken: next.text, ...read }
  }

  /** A token used after its grace was stolen before or after it was replaced: nobody keeps it. */
  async function punishReuse(
    token: Token,
    result: Extract<LoadResult, { state: 'reused' }>,
    search: Search,
  ): Promise<SessionRead<Data>> {
    const next = vault.successorOf(token, result.retired)
    const record = result.record ?? (next === null ? null : await endFamily(next))
    const meta = record === null ? null : metaOf(record)
    const about = { id: record?.id ?? token.id, meta, source: search.source, reason: 'reused' }
    report(events, 'session_reuse_detected', about)
    if (record !== null) report(events, 'session_destroyed', about)
    return { state: 'absent', reason: 'reused' }
  }

  /** Ends the session that a token led to, however often it was replaced, by sign-ins too. */
  async function endFamily(token: Token): Promise<SessionRecord | null> {
    const { id, digest } = token
    const result = await store.load({ id, digest, touchEveryMs: null, isUnderWay: true })
    if (result.state === 'valid') return store.end(id)
    const next = result.state === 'retired' ? vault.successorOf(token, result.retired) : null
    return next === null ? null : endFamily(next)
  }

  function refuse(
    token: Token,
    reason: AbsentReason,
    { record, search }: { record: SessionRecord | null; search: Search },
  ): SessionRead<Data> {
    const type = expiries.includes(reason) ? 'session_expired' : 'session_refused'
    const meta = record === null ? null : metaOf(record)
    report(events, type, { id: token.id, meta, source: search.source, reason })
    return { state: 'absent', reason }
  }

  function metaOf(record: SessionRecord): SessionMeta | null {
    const opened = vault.open(record, null)
    return opened.ok ? opened.meta : null
  }

  return {
    validate: (token, options) => Promise.resolve(recall(token, options)),
    recall,
    resume,
  }
}

/** What requests are told that go on with a session after its end. */
export function gone(): ConflictError {
  return new ConflictError('ERR_SESSION_GONE', 'The session has ended meanwhile. Sign in again.')
}
