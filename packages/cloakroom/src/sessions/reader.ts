import { StoreError } from '../core/errors.ts'
import type { SessionMeta } from './content.ts'
import type { SessionRead, ValidateOptions } from './manager.ts'
import { report, type SessionParts } from './parts.ts'
import { createState, secretsOf } from './state.ts'
import type { AbsentReason, LoadResult, SessionRecord } from './store.ts'
import { parseToken, type Token } from './token.ts'

/** Finds sessions by their token. */
export interface SessionReader<Data> {
  validate(token: string, options?: ValidateOptions): Promise<SessionRead<Data>>
}

/** Reasons that end a session whose deadline or epoch was passed, as opposed to values not trusted. */
const expiries: readonly AbsentReason[] = ['idle', 'absolute', 'epoch']

/** Makes a {@link SessionReader}. */
export function createReader<Data extends object>(parts: SessionParts<Data>): SessionReader<Data> {
  const { store, events, vault, epochs, policy } = parts

  async function validate(text: string, options: ValidateOptions = {}): Promise<SessionRead<Data>> {
    const token = parseToken(text)
    if (token === null) return { state: 'absent', reason: 'malformed' }
    try {
      const touchEveryMs = options.isPassive === true ? null : policy.touchEveryMs
      const [result] = await Promise.all([
        store.load({ id: token.id, digest: token.digest, touchEveryMs }),
        epochs.refresh(),
      ])
      return await interpret(token, result, options)
    } catch (error) {
      if (error instanceof StoreError) return { state: 'unavailable', error }
      throw error
    }
  }

  async function interpret(
    token: Token,
    result: LoadResult,
    options: ValidateOptions,
  ): Promise<SessionRead<Data>> {
    if (result.state === 'valid') return accept(token, result.record, options)
    if (result.state === 'retired') return followGrace(token, result, options)
    if (result.state === 'reused') return punishReuse(token, result, options)
    return refuse(token, result.reason, { record: result.record, options })
  }

  async function accept(
    token: Token,
    record: SessionRecord,
    options: ValidateOptions,
  ): Promise<SessionRead<Data>> {
    const opened = vault.open(record, token)
    if (!opened.ok) {
      // A broken value is of no use to anybody. One sealed by a key or in a form that is not known
      // here may be whole to another worker, in the middle of a deployment.
      if (opened.reason === 'corrupt') await store.end(record.id)
      return refuse(token, opened.reason, { record, options })
    }
    const { meta, readData } = opened
    if (epochs.isOutdated(meta)) {
      await store.end(record.id)
      return refuse(token, 'epoch', { record, options })
    }
    const secrets = { token, record, meta, readStored: readData }
    return { state: 'valid', session: createState<Data>(secrets) }
  }

  /** A request that was under way while the token changed. */
  async function followGrace(
    token: Token,
    result: Extract<LoadResult, { state: 'retired' }>,
    options: ValidateOptions,
  ): Promise<SessionRead<Data>> {
    const { kind, successor, keyId } = result.retired
    const next = kind === 'none' ? null : vault.openToken(successor, keyId, token)
    if (next === null) return { state: 'absent', reason: 'retired' }
    const read = await validate(next, options)
    if (read.state !== 'valid') return read
    if (kind === 'successor') return { newToken: next, ...read }
    return { state: 'valid', session: createState(secretsOf(read.session), { isLimited: true }) }
  }

  /** A token used after its grace was stolen before or after it was replaced: nobody keeps it. */
  async function punishReuse(
    token: Token,
    result: Extract<LoadResult, { state: 'reused' }>,
    options: ValidateOptions,
  ): Promise<SessionRead<Data>> {
    const { successor, keyId } = result.retired
    const next = parseToken(vault.openToken(successor, keyId, token) ?? '')
    const elsewhere = next === null || next.id === token.id ? null : await store.end(next.id)
    const record = result.record ?? elsewhere
    const meta = record === null ? null : metaOf(record)
    const about = { id: record?.id ?? token.id, meta, source: options.source, reason: 'reused' }
    report(events, 'session_reuse_detected', about)
    if (record !== null) report(events, 'session_destroyed', about)
    return { state: 'absent', reason: 'reused' }
  }

  function refuse(
    token: Token,
    reason: AbsentReason,
    { record, options }: { record: SessionRecord | null; options: ValidateOptions },
  ): SessionRead<Data> {
    const type = expiries.includes(reason) ? 'session_expired' : 'session_refused'
    const meta = record === null ? null : metaOf(record)
    report(events, type, { id: token.id, meta, source: options.source, reason })
    return { state: 'absent', reason }
  }

  function metaOf(record: SessionRecord): SessionMeta | null {
    const opened = vault.open(record, null)
    return opened.ok ? opened.meta : null
  }

  return { validate }
}
