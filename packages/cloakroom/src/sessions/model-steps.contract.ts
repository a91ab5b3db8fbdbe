import { expect } from 'vitest'
import type { RotateOptions, SessionManager } from './manager.ts'
import { type Model, type ModelRights, type ModelSession, modelPolicy } from './model.contract.ts'
import type { SessionState } from './state.ts'

type Data = Record<string, unknown>

/** What a client remembers: a state that it read some time ago. */
interface Held {
  readonly state: SessionState<Data>
  readonly token: string
  readonly rights: ModelRights
  readonly isLimited: boolean
  /** What it changed since. */
  readonly changes: Data
}

/** A story that is being told to sessions and model alike. */
export interface Story {
  readonly model: Model
  readonly clients: readonly SessionManager<Data>[]
  readonly tokens: string[]
  readonly held: Held[]
  advance(ms: number): void
}

/** Numbers that choose among what there is. */
export interface Choice {
  readonly client: number
  readonly which: number
  readonly detail: number
}

type Step = (story: Story, sessions: SessionManager<Data>, choice: Choice) => Promise<void>

const users = [
  { id: 'alice', tenant: 'acme' },
  { id: 'bob', tenant: 'acme' },
  { id: 'carol', tenant: 'umbrella' },
]
const gains: readonly RotateOptions[] = [{}, {}, { methods: ['otp'] }, { role: 'admin' }]
const pauses = [1, 500, 2000, 9999, 60_000, 200_000, 1_700_000, 3_600_000]
const underWay = { touchMs: null, isUnderWay: true }

/** What clients do. Each step acts, and compares all that comes of it with the model. */
export const steps: Readonly<Record<string, Step>> = {
  async create({ model, tokens, held }, sessions, { which, detail }) {
    const user = detail % 4 === 0 ? null : (pick(users, which) ?? null)
    const before = detail % 3 === 0 ? pick(held, which + detail) : undefined
    const previous = before?.state
    const twin = before === undefined ? null : findTwin(model, before, user?.id ?? null)
    const isNew = user !== null && twin === null
    const evicted = isNew ? model.evict(user.id, previous?.id ?? null) : []
    const data = { made: tokens.length }
    const issued = await sessions.create(user, { data, ...(previous && { previous }) })
    const { session, token } = issued
    expect(issued.evicted).toEqual(evicted)
    if (twin === null) {
      expect(model.sessions.has(session.id)).toBe(false)
      const who = { user: user?.id ?? null, tenant: user?.tenant ?? null }
      const rights = user === null ? { role: null, methods: {} } : signedIn
      model.begin({ id: session.id, ...who, token, rights, data: { ...data } })
    } else {
      expect(token).toBe(twin.token)
    }
    if (before !== undefined) model.end(before.state.id, { token: before.token, next: token })
    tokens.push(token)
    const { rights } = model.sessions.get(session.id) ?? { rights: signedIn }
    held.push({ state: session, token, rights, isLimited: false, changes: {} })
  },

  async validate({ model, tokens, held }, sessions, { which, detail }) {
    const token = pick(tokens, which)
    if (token === undefined || isForgotten(model, token)) return
    const isPassive = detail % 3 === 0
    const touchMs = isPassive ? null : modelPolicy.touchMs
    const expected = model.read(token, { touchMs, isUnderWay: false })
    const read = await sessions.validate(token, { isPassive })
    if (read.state !== 'valid' || expected.state !== 'valid') {
      expect(read).toEqual(expected)
      return
    }
    const { session, isLimited, newToken } = expected
    const { rights } = session
    expect(read.newToken ?? null).toBe(newToken)
    expect(read.session).toMatchObject({
      id: session.id,
      userId: session.user,
      role: rights.role,
      seenAt: session.seenAt,
      isLimited,
    })
    expect(read.session.data).toEqual(session.data)
    const proofs = isLimited ? [] : Object.keys(rights.methods)
    expect(Object.keys(read.session.methods)).toEqual(proofs)
    held.push({ state: read.session, token: session.token, rights, isLimited, changes: {} })
  },

  async save(story, sessions, { which, detail }) {
    const before = pick(story.held, which)
    if (before === undefined) return
    const { state, changes } = before
    const isPassive = detail % 3 === 0
    const value = story.held.length
    state.data[`k${detail % 5}`] = value
    changes[`k${detail % 5}`] = value
    await expectWritten(story, before, {
      result: await outcomeOf(sessions.save(state, { isPassive })),
      change: data => ({ ...data, ...changes }),
      isPassive,
    })
  },

  async update(story, sessions, { which }) {
    const before = pick(story.held, which)
    if (before === undefined) return
    const change = (data: Data): Data => ({ ...data, count: Number(data['count'] ?? 0) + 1 })
    const result = await outcomeOf(sessions.update(before.state, change))
    await expectWritten(story, before, { result, change, isPassive: false })
  },

  async rotate(story, sessions, { which, detail }) {
    const before = pick(story.held, which)
    if (before === undefined) return
    const { model, tokens, held } = story
    const options = pick(gains, detail) ?? {}
    const expected = expectRotation(model, before, options)
    const result = await outcomeOf(sessions.rotate(before.state, options))
    if (typeof result === 'string' || typeof expected === 'string') {
      expect(result).toBe(expected)
      return
    }
    const { session, isShared, rights } = expected
    if (isShared) {
      expect(result.token).toBe(session.token)
    } else {
      expect(tokens).not.toContain(result.token)
      const kind = 'role' in options ? 'none' : 'methods' in options ? 'limited' : 'successor'
      model.rotate(session, kind, result.token)
      session.rights = rights
      tokens.push(result.token)
    }
    expect(result.session).toMatchObject({ id: session.id, isLimited: false, data: session.data })
    const { token, session: state } = result
    held.push({ state, token, rights: session.rights, isLimited: false, changes: {} })
  },

  async renew({ model, held }, sessions, { which }) {
    const before = pick(held, which)
    if (before === undefined || isForgotten(model, before.token)) return
    const expected = model.read(before.token, { touchMs: 0, isUnderWay: true })
    const result = await outcomeOf(sessions.renew(before.state))
    if (typeof result === 'string' || expected.state === 'absent') {
      expect([result, expected.state]).toEqual(['ERR_SESSION_GONE', 'absent'])
      return
    }
    const { isLimited } = before
    expect(result).toMatchObject({ seenAt: expected.session.seenAt, isLimited })
  },

  async revoke({ model }, sessions, { which }) {
    const id = pick([...model.sessions.keys()], which)
    if (id !== undefined) expect(await sessions.revoke(id)).toBe(model.end(id))
  },

  async revokeOthers({ model, held }, sessions, { which }) {
    const state = pick(held, which)?.state
    if (state === undefined || state.userId === null) return
    expect(await sessions.revokeOthers(state)).toBe(model.endAll(state.userId, state.id))
  },

  async revokeAll({ model }, sessions, { which, detail }) {
    const user = pick(users, which)?.id ?? ''
    if (detail % 2 === 0) {
      expect(await sessions.revokeAll(user)).toBe(model.endAll(user, null))
    } else {
      await sessions.raiseEpoch({ user })
      model.endAll(user, null)
    }
  },

  async raiseTenant(story, sessions, { which }) {
    const tenant = pick(users, which)?.tenant ?? ''
    await sessions.raiseEpoch({ tenant })
    story.model.raise(tenant)
    // So long may it take until every process knows.
    story.advance(1000)
  },

  async list({ model }, sessions, { which }) {
    const user = pick(users, which)?.id ?? ''
    const entries = await sessions.list(user)
    const expected = model.living(user).filter(model.isAlive)
    const seen = (list: readonly { id: string; seenAt: number }[]) =>
      Object.fromEntries(list.map(({ id, seenAt }) => [id, seenAt]))
    expect(seen(entries)).toEqual(seen(expected))
    expect(entries.length).toBeLessThanOrEqual(modelPolicy.limit)
  },

  async wait(story, _sessions, { which }) {
    story.advance(pick(pauses, which) ?? 0)
  },
}

const signedIn: ModelRights = { role: 'user', methods: { pwd: 0 } }

/** Compares a write with what must have come of it. */
async function expectWritten(
  { model, held }: Story,
  before: Held,
  {
    result,
    change,
    isPassive,
  }: {
    readonly result: SessionState<Data> | string
    readonly change: (data: Data) => Data
    readonly isPassive: boolean
  },
): Promise<void> {
  const reached = catchUp(model, before)
  if (reached === null || typeof result === 'string') {
    expect([result, reached]).toEqual(['ERR_SESSION_GONE', null])
    return
  }
  const { session, isLimited } = reached
  session.data = change(session.data)
  if (!isPassive) session.seenAt = model.now()
  expect(result).toMatchObject({ isLimited, seenAt: session.seenAt })
  expect(result.data).toEqual(session.data)
  const { token, rights } = session
  held.push({ state: result, token, rights, isLimited, changes: {} })
}

/** The session that a client reaches from what it remembers, or null when there is no way. */
function catchUp(
  model: Model,
  { state, token, isLimited }: Held,
): { session: ModelSession; isLimited: boolean } | null {
  const session = model.sessions.get(state.id)
  if (session === undefined || !model.isAlive(session)) return null
  if (session.token === token) return { session, isLimited }
  const read = model.read(token, underWay)
  return read.state === 'absent' ? null : { session, isLimited: isLimited || read.isLimited }
}

function expectRotation(
  model: Model,
  before: Held,
  options: RotateOptions,
): string | { session: ModelSession; isShared: boolean; rights: ModelRights } {
  if (before.isLimited) return 'ERR_SESSION_CONFLICT'
  const reached = catchUp(model, before)
  if (reached === null) return 'ERR_SESSION_GONE'
  const { session, isLimited } = reached
  const rights = raise(session.rights, options, model.now())
  if (session.token === before.token) return { session, isShared: false, rights }
  if (isSame(session.rights, raise(before.rights, options, model.now()))) {
    return { session, isShared: true, rights: session.rights }
  }
  return isLimited ? 'ERR_SESSION_CONFLICT' : { session, isShared: false, rights }
}

function raise(rights: ModelRights, options: RotateOptions, now: number): ModelRights {
  const { role = rights.role, methods = [] } = options
  const second = Math.floor(now / 1000) * 1000
  const proofs = Object.fromEntries(methods.map(method => [method, second]))
  return { role, methods: { ...rights.methods, ...proofs } }
}

function isSame(left: ModelRights, right: ModelRights): boolean {
  const names = Object.keys(left.methods)
  return (
    left.role === right.role &&
    names.length === Object.keys(right.methods).length &&
    names.every(name => {
      const apart = Math.abs((left.methods[name] ?? 0) - (right.methods[name] ?? Infinity))
      return apart <= modelPolicy.graceMs
    })
  )
}

/** The session of the same sign-in, a double click, if it is just as it began. */
function findTwin(model: Model, { state, token }: Held, user: string | null): ModelSession | null {
  const link = model.sessions.get(state.id)?.links.get(token)
  if (link === undefined || model.now() >= link.graceEndsAt || user === null) return null
  const twin = model.sessions.get(link.next.slice(0, 22))
  if (twin === undefined || twin.id === state.id || twin.user !== user) return null
  const isUntouched = twin.token === link.next && isSame(twin.rights, signedIn)
  return isUntouched && model.isAlive(twin) ? twin : null
}

/** Stores may forget former tokens once their session would have ended anyway. */
function isForgotten(model: Model, token: string): boolean {
  const session = model.sessions.get(token.slice(0, 22))
  if (session?.links.has(token) !== true) return false
  return model.now() >= session.createdAt + modelPolicy.absoluteMs
}

async function outcomeOf<Value>(work: Promise<Value>): Promise<Value | string> {
  try {
    return await work
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error)
  }
}

function pick<Value>(list: readonly Value[], number: number): Value | undefined {
  return list[number % Math.max(1, list.length)]
}
