import { equalBytes } from '../core/bytes.ts'
import { ConfigError, ConflictError } from '../core/errors.ts'
import type { EventSource } from '../events/event.ts'
import { describeDevice } from '../http/device.ts'
import { anonymousMeta, type SessionMeta } from './content.ts'
import { applyChanges, type DataChanges, findChanges } from './data.ts'
import { makeRoomElsewhere } from './limit.ts'
import type {
  CreateOptions,
  IssuedSession,
  RotateOptions,
  SignedInUser,
  WriteOptions,
} from './manager.ts'
import { report, type SessionParts } from './parts.ts'
import type { Lifetime } from './policy.ts'
import type { SessionReader } from './reader.ts'
import { checkData } from './schema.ts'
import { createState, type SessionSecrets, type SessionState, secretsOf } from './state.ts'
import { requireStorable } from './storable.ts'
import type { GraceKind, RetiredToken, SessionRecord, SessionWrite, WriteResult } from './store.ts'
import { issueToken, newSessionId, type Token } from './token.ts'

/** Starts sessions and changes them. */
export interface SessionWriter<Data> {
  create(user: SignedInUser | null, options?: CreateOptions<Data>): Promise<IssuedSession<Data>>
  touch(session: SessionState<Data>): Promise<SessionState<Data>>
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
  const { store, events, clock, policy, codec, vault, rules, owners, epochs } = parts

  async function create(
    user: SignedInUser | null,
    options: CreateOptions<Data> = {},
  ): Promise<IssuedSession<Data>> {
    const { source, previous } = options
    const data = requireValid(options.data ?? ({} as Data))
    await epochs.refresh()
    const meta = newMeta(user, options)
    const token = issueToken(newSessionId(owners.current(meta.userId)))
    const lifetime = lifetimeOf(meta)
    const binding = { id: token.id, digest: token.digest, generation: 1, ...lifetime }
    const max = policy.limit?.max ?? 0
    const moved = meta.userId === null ? null : await makeRoomElsewhere(parts, meta.userId)
    const result = await store.create({
      record: vault.seal(binding, { meta, data, token }),
      isIndexed: meta.userId !== null,
      limit:
        policy.limit === null || moved === null ? null : { ...policy.limit, max: max - moved.kept },
    })
    if (result.state === 'refused') {
      const about = { id: token.id, meta, source, reason: 'refuse' }
      report(events, 'session_limit_exceeded', { ...about, details: { limit: max } })
      throw new ConflictError(
        'ERR_SESSION_LIMIT',
        `The user has ${max} sessions already. End one of them first.`,
      )
    }
    report(events, 'session_created', { id: token.id, meta, source })
    const evicted = [...(moved?.ended ?? []), ...result.evicted]
    for (const record of evicted) {
      const about = { id: record.id, meta, source, reason: policy.limit?.over ?? '' }
      report(events, 'session_limit_exceeded', { ...about, details: { limit: max } })
      report(events, 'session_destroyed', { ...about, reason: 'limit' })
    }
    if (previous !== undefined) await replace(previous, token, source)
    const session = freshState({ token, record: result.record, meta, data })
    return { session, token: token.text, evicted: evicted.map(record => record.id) }
  }

  /** Ends the session a browser had before; its token leads nowhere, and is known as stolen later. */
  async function replace(
    previous: SessionState<Data>,
    successor: Token,
    source: EventSource | undefined,
  ): Promise<void> {
    const { token, meta } = secretsOf(previous)
    const ended = await store.end(previous.id, retire(token, successor, 'none'))
    if (ended === null) return
    report(events, 'session_destroyed', { id: ended.id, meta, source, reason: 'replaced' })
  }

  async function touch(session: SessionState<Data>): Promise<SessionState<Data>> {
    const isDue = clock.now() - session.seenAt >= policy.touchEveryMs
    return isDue ? noteActivity(session, policy.touchEveryMs) : session
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
    const { digest } = own.token
    const result = await store.load({ id: session.id, digest, touchEveryMs })
    if (result.state !== 'valid') throw gone()
    return createState({ ...own, record: result.record }, { data: session.data })
  }

  function changesOf(session: SessionState<Data>): DataChanges | null {
    return findChanges(secretsOf(session).readStored(), session.data, codec)
  }

  const hasChanges = (session: SessionState<Data>): boolean => changesOf(session) !== null

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
        return {
          data: requireValid(change(draft) ?? draft),
          meta: current.meta,
          token: current.token,
        }
      },
      send: record => store.save({ record, isActivity: options.isPassive !== true }),
    })
  }

  async function rotate(
    session: SessionState<Data>,
    options: RotateOptions = {},
  ): Promise<IssuedSession<Data>> {
    const retired = secretsOf(session).token
    const successor = issueToken(session.id)
    const note = retire(retired, successor, graceOf(options))
    const rotated = await write(session, {
      isRotation: true,
      revise: current => ({
        data: current.readStored(),
        meta: raisedMeta(current.meta, options),
        token: successor,
      }),
      send: record => store.rotate({ record, isActivity: true, retired: note }),
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
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const revision = step.revise(current)
      const { id, generation, idleMs, absoluteMs } = current.record
      const { digest } = revision.token
      const binding = { id, generation: generation + 1, digest, idleMs, absoluteMs }
      const result = await step.send(vault.seal(binding, revision))
      if (result.state === 'gone') throw gone()
      if (result.state === 'written') return freshState({ ...revision, record: result.record })
      const newer = await catchUp(result.record, current.token)
      if (step.isRotation === true && newer.token !== current.token) return createState(newer)
      current = newer
    }
    throw new ConflictError(
      'ERR_SESSION_CONFLICT',
      'Other requests kept changing the session. Load it again and redo.',
    )
  }

  /** What another request made of the session meanwhile, under its new token if it got one. */
  async function catchUp(record: SessionRecord, token: Token): Promise<SessionSecrets<Data>> {
    if (equalBytes(record.digest, token.digest)) {
      const opened = vault.open(record, token)
      if (!opened.ok) throw gone()
      return { token, record, meta: opened.meta, readStored: opened.readData }
    }
    const read = await reader.validate(token.text, { isPassive: true })
    if (read.state === 'unavailable') throw read.error
    if (read.state === 'absent') throw gone()
    return secretsOf(read.session)
  }

  function newMeta(user: SignedInUser | null, options: CreateOptions<Data>): SessionMeta {
    const { source, remember, methods = ['pwd'] } = options
    const from = { ip: source?.ip ?? null, device: describeDevice(source?.userAgent) }
    const tenant = user?.tenant ?? null
    const meta = { ...anonymousMeta, ...from, ...epochs.of(tenant), tenant }
    if (user === null) return meta
    const { id, role = 'user', permissions = [] } = user
    const isPersistent = remember === true
    return { ...meta, userId: id, role, permissions, isPersistent, methods: stamp(methods, 0) }
  }

  function raisedMeta(meta: SessionMeta, options: RotateOptions): SessionMeta {
    const { methods, role = meta.role, permissions = meta.permissions } = options
    if (graceOf(options) === 'successor') return meta
    const proofs = { ...meta.methods, ...stamp(methods ?? [], clock.now()) }
    return { ...meta, role, permissions, methods: proofs, csrfEpoch: meta.csrfEpoch + 1 }
  }

  function lifetimeOf(meta: SessionMeta): Lifetime {
    if (meta.userId === null) return policy.anonymous
    return meta.isPersistent ? policy.remember : policy.user
  }

  function retire(token: Token, successor: Token, kind: GraceKind): RetiredToken {
    const { keyId, sealed } = vault.sealToken(successor, token)
    return { digest: token.digest, kind, graceMs: policy.graceMs, keyId, successor: sealed }
  }

  function requireValid(data: Data): Data {
    requireStorable(data)
    const check = checkData(data, rules)
    if (check.ok) return check.data
    throw new ConfigError('ERR_VALUE_UNSTORABLE', `The schema refuses it. ${check.problem}.`)
  }

  return { create, touch, renew, rotate, save, hasChanges, update }
}

function stamp(methods: readonly string[], at: number): Record<string, number> {
  return Object.fromEntries(methods.map(method => [method, at]))
}

interface WriteStep<Data> {
  revise(current: SessionSecrets<Data>): Revision<Data>
  send(record: SessionWrite): Promise<WriteResult>
  /** Two that rotate at once share the successor of the faster one. */
  readonly isRotation?: boolean
}

interface Revision<Data> {
  readonly data: Data
  readonly meta: SessionMeta
  readonly token: Token
}

/** What a replaced token is still good for, by what the session gained. */
function graceOf({ methods, role, permissions }: RotateOptions): GraceKind {
  if (role !== undefined || permissions !== undefined) return 'none'
  return methods === undefined ? 'successor' : 'limited'
}

/** The state of a session that was just written with this data. */
function freshState<Data>(
  written: Revision<Data> & { readonly record: SessionRecord },
): SessionState<Data> {
  const { data, meta, token, record } = written
  const stored = structuredClone(data)
  const readStored = (): Data => structuredClone(stored)
  return createState({ token, record, meta, readStored }, { data })
}

function gone(): ConflictError {
  return new ConflictError('ERR_SESSION_GONE', 'The session has ended meanwhile. Sign in again.')
}
