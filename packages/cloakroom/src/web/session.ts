import type { EventSource } from '../events/event.ts'
import type { SessionData } from '../sessions/data.ts'
import type { RevokeOptions, SessionEntry } from '../sessions/directory.ts'
import type { IssuedSession, SessionRead, SignedInUser } from '../sessions/manager.ts'
import type { SessionState } from '../sessions/state.ts'
import { noteActivity } from './activity.ts'
import { carryOver } from './carry-over.ts'
import type { Engine } from './engine.ts'
import { userOf } from './parties.ts'
import { headSent, notLoaded, passIfGone, storeUnavailable } from './request-errors.ts'
import type { CookieChange, CurrentUser, LoginOptions, SessionRequest } from './session-types.ts'

/**
 * The session of one request. What is changed in `data` is saved before the response's headers leave.
 *
 * Methods that change who is signed in act at once, or fail with `ERR_HEADERS_SENT`, changing nothing.
 */
export class Session<Data extends object = SessionData> {
  readonly #engine: Engine<Data>
  readonly #request: SessionRequest<Data>
  #loading: Promise<this> | null = null
  #read: SessionRead<Data> | null = null
  #isLoaded = false
  #isUsed = false
  #state: SessionState<Data> | null = null
  #draft: Data | null = null
  #cookie: CookieChange | null = null

  constructor(engine: Engine<Data>, request: SessionRequest<Data>) {
    this.#engine = engine
    this.#request = request
  }

  /** Reads the session if that has not happened. Frameworks do it before the first handler. */
  load(): Promise<this> {
    return this.open() ?? Promise.resolve(this)
  }

  /** {@link load}; null when there is nothing to wait for. Framework use. */
  open(): Promise<this> | null {
    if (!this.#isLoaded) this.#loading ??= this.#load()
    return this.#isLoaded ? null : this.#loading
  }

  /** Saves what changed and reads the session again, as it is stored by now. */
  async reload(): Promise<void> {
    await this.save()
    // A new token was given out in this request: there is nothing newer than what it stands for.
    if (this.#cookie === null) await this.#load()
  }

  #load(): Promise<this> | null {
    const read = this.#request.read()
    if (read instanceof Promise) return read.then(found => this.#take(found))
    this.#take(read)
    return null
  }

  #take(read: SessionRead<Data> | null): this {
    this.#read = read
    this.#isLoaded = true
    this.#state = read?.state === 'valid' ? read.session : null
    const token = read?.state === 'valid' ? read.newToken : undefined
    if (token !== undefined) this.#cookie = { kind: 'set', token }
    return this
  }

  /** Whether there is a session, and whether that can be told at all. */
  get state(): SessionRead<Data>['state'] {
    if (!this.#isLoaded) throw notLoaded()
    if (this.#state !== null) return 'valid'
    return this.#read?.state === 'unavailable' ? 'unavailable' : 'absent'
  }

  /** Why there is no session: `none` when the request brought no ticket. */
  get reason(): string | null {
    if (this.state === 'valid') return null
    return this.#read?.state === 'absent' ? this.#read.reason : 'none'
  }

  /** Who sent the request, for limits and events of your own. */
  get source(): EventSource {
    return this.#request.source
  }

  /** Public handle, or null for a visitor about whom nothing is stored. */
  get id(): string | null {
    return this.#known()?.id ?? null
  }

  /** Who is signed in, or null. */
  get user(): CurrentUser | null {
    return userOf(this.#known())
  }

  get isAuthenticated(): boolean {
    return this.user !== null
  }

  /** Device, times, proofs and whatever else is known, or null without a session. */
  get info(): Omit<SessionState<Data>, 'data'> | null {
    return this.#known()
  }

  /** What the session holds. Change it as you like; a visitor's first change starts a session. */
  get data(): Data {
    const state = this.#known()
    if (state !== null) return state.data
    this.#draft ??= {} as Data
    return this.#draft
  }

  /** Whether the user's role reaches this one. */
  hasRole(role: string): boolean {
    return this.#engine.roles.reaches(this.user?.role ?? null, role)
  }

  /** Whether the user may do this, by role or by a permission of their own. */
  hasPermission(permission: string): boolean {
    const user = this.user
    if (user === null) return false
    return user.permissions.includes(permission) || this.#engine.roles.allows(user.role, permission)
  }

  /** Signs a user in: a new session with a new token; the one before, if any, ends. */
  async login(user: SignedInUser, options: LoginOptions<Data> = {}): Promise<void> {
    this.#engine.roles.requireKnown(user.role ?? 'user')
    await this.#begin(user, options)
  }

  /** A new session with a new token for a visitor; the one before ends, whoever was signed in. */
  restart(): Promise<void> {
    return this.#begin(null, {})
  }

  async #begin(user: SignedInUser | null, { carry = true, ...given }: LoginOptions<Data>) {
    await this.#prepareChange()
    const last = this.#state
    const data = carryOver(this.data, { from: last?.userId ?? null, to: user?.id ?? null, carry })
    const options = { ...given, ...this.#from, data, ...(last && { previous: last }) }
    this.#accept(await this.#engine.sessions.create(user, options))
  }

  /** Ends the session. The visitor goes on without one. */
  async logout(): Promise<void> {
    await this.#prepareChange()
    const ending = { ...this.#from, reason: 'logout' }
    if (this.#state !== null) await this.#engine.sessions.revoke(this.#state.id, ending)
    this.#state = null
    this.#draft = null
    this.#read = null
    this.#cookie = { kind: 'clear' }
  }

  /** Notes further proof of who the user is, such as `'otp'`, and gives the session a new token. */
  stepUp(method: string): Promise<void> {
    return this.rotate({ methods: [method] })
  }

  /** Gives the session a new token. Without a session, nothing happens. */
  async rotate(change: { readonly methods?: readonly string[] } = {}): Promise<void> {
    await this.#prepareChange()
    if (this.#state === null) return
    const saved = await this.#engine.sessions.save(this.#state, this.#from)
    this.#accept(await this.#engine.sessions.rotate(saved, { ...change, ...this.#from }))
  }

  /** Counts as activity now, as when the user answers that they are still there. */
  async renew(): Promise<void> {
    await this.load()
    if (this.#state === null) return
    this.#state = await this.#engine.sessions.renew(this.#state, this.#from)
  }

  /** Saves now instead of before the headers leave. */
  async save(): Promise<void> {
    await this.load()
    if (this.#pendingDraft() !== null && this.#request.isHeadSent()) throw headSent()
    await this.commit()
  }

  /** Changes the data in one atomic step; `change` may be called again after a conflict. */
  async update(change: (data: Data) => Data | undefined): Promise<void> {
    await this.load()
    const pending = this.#known()
    if (pending === null) {
      this.#draft = change(this.data) ?? this.data
      return this.save()
    }
    const saved = await this.#engine.sessions.save(pending, this.#from)
    this.#state = await this.#engine.sessions.update(saved, change, this.#from)
  }

  /** The user's sessions, this one marked. Empty for visitors. */
  async list(): Promise<readonly SessionEntry[]> {
    await this.load()
    const state = this.#known()
    return state?.userId ? this.#engine.sessions.list(state.userId, state) : []
  }

  /** Ends one of the user's own sessions; false for a handle that is none of theirs. */
  async revoke(id: string): Promise<boolean> {
    if (!(await this.list()).some(entry => entry.id === id)) return false
    if (id !== this.#state?.id) return this.#engine.sessions.revoke(id, this.#from)
    await this.logout()
    return true
  }

  /** Ends the user's other sessions; gives how many. */
  async revokeOthers(): Promise<number> {
    await this.load()
    const state = this.#known()
    return state?.userId ? this.#engine.sessions.revokeOthers(state, this.#from) : 0
  }

  /** Secrets for tokens against request forgery, or null without a session. Framework use. */
  get csrfSecrets(): readonly Uint8Array[] | null {
    return this.#state === null ? null : this.#engine.sessions.csrfSecrets(this.#state)
  }

  /** Whether the handler looked at the session, so that its answer is for one person alone. */
  get isUsed(): boolean {
    return this.#isUsed
  }

  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** When a cookie for this session ends, by our clock; null for when the browser closes. */
  get cookieEndsAt(): number | null {
    const { isPersistent = false, expiresAt = 0, seenAt = 0 } = this.#state ?? {}
    return isPersistent ? this.#engine.clock.now() + expiresAt - seenAt : null
  }

  /** Notes the request as activity where that is due. Framework use. */
  noteActivity(): void {
    if (this.#state !== null) noteActivity(this.#engine, this.#state, this.source)
  }

  /** Takes the cookie that the response must carry, once. Framework use. */
  takeCookie(): CookieChange | null {
    const change = this.#cookie
    this.#cookie = null
    return change
  }

  /**
   * Saves what changed; null when nothing did, at no cost. Framework use.
   *
   * A session that ended stays ended, and the browser's cookie is left alone: it may be a newer one.
   */
  commit(): Promise<void> | null {
    const draft = this.#pendingDraft()
    if (draft !== null) return this.#saveDraft(draft)
    const state = this.#isUsed ? this.#state : null
    if (state === null || !this.#engine.sessions.hasChanges(state)) return null
    return this.#saveChanges(state)
  }

  async #saveDraft(data: Data): Promise<void> {
    // A session may well be there: another one in its place would sign its user out.
    if (this.state === 'unavailable') throw storeUnavailable(this.#read)
    this.#accept(await this.#engine.sessions.create(null, { data, ...this.#from }))
  }

  #pendingDraft(): Data | null {
    return this.#state === null && Object.keys(this.#draft ?? {}).length > 0 ? this.#draft : null
  }

  async #saveChanges(state: SessionState<Data>): Promise<void> {
    this.#state = await this.#engine.sessions.save(state, this.#from).catch(passIfGone(state))
  }

  async #prepareChange(): Promise<void> {
    if (this.#request.isHeadSent()) throw headSent()
    await this.load()
    this.#known()
  }

  get #from(): RevokeOptions & { readonly source: EventSource } {
    return { source: this.#request.source, actorId: this.#state?.actorId ?? undefined }
  }

  #accept(issued: IssuedSession<Data>): void {
    this.#state = issued.session
    this.#draft = null
    this.#isUsed = true
    this.#cookie = { kind: 'set', token: issued.token }
  }

  /** The state, noting that the handler looked at it. */
  #known(): SessionState<Data> | null {
    if (!this.#isLoaded) throw notLoaded()
    this.#isUsed = true
    const isHidden = this.#request.unavailablePolicy() === 'anonymous'
    if (this.state === 'unavailable' && !isHidden) throw storeUnavailable(this.#read)
    return this.#state
  }
}
