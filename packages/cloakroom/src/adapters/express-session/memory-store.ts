import { systemClock } from '../../core/clock.ts'
import type { SessionData } from './session.ts'
import { Store, type StoreCallback } from './store.ts'
import { parseStoredSession } from './stored-session.ts'

/**
 * Keeps sessions as JSON in the memory of this process: for development, and for tests.
 *
 * They end with the process, no other process sees them, and those that never expire are never
 * forgotten.
 */
export class MemoryStore extends Store {
  /** JSON of each session by its id. */
  sessions: Record<string, string> = Object.create(null)

  override get(
    id: string,
    callback: (error?: Error | null, session?: SessionData | null) => void,
  ): void {
    const session = this.#find(id)
    setImmediate(() => callback(null, session))
  }

  override set(id: string, session: object, callback?: StoreCallback): void {
    this.sessions[id] = JSON.stringify(session)
    later(callback)
  }

  override destroy(id: string, callback?: StoreCallback): void {
    delete this.sessions[id]
    later(callback)
  }

  override touch(id: string, session: object, callback?: StoreCallback): void {
    const stored = this.#find(id)
    if (stored !== undefined && 'cookie' in session) {
      this.sessions[id] = JSON.stringify({ ...stored, cookie: session.cookie })
    }
    later(callback)
  }

  override all(
    callback: (error?: Error | null, sessions?: Record<string, SessionData>) => void,
  ): void {
    const sessions: Record<string, SessionData> = Object.create(null)
    for (const id of Object.keys(this.sessions)) {
      const session = this.#find(id)
      if (session !== undefined) sessions[id] = session
    }
    setImmediate(() => callback(null, sessions))
  }

  override length(callback: (error?: Error | null, length?: number) => void): void {
    this.all((error, sessions) => {
      callback(error, Object.keys(sessions ?? {}).length)
    })
  }

  override clear(callback?: StoreCallback): void {
    this.sessions = Object.create(null)
    later(callback)
  }

  /** What is stored and lives; anything else is removed. */
  #find(id: string): SessionData | undefined {
    const text = this.sessions[id]
    if (text === undefined) return undefined
    const session = parseStoredSession(text)
    if (session !== null && !hasExpired(session)) return session
    delete this.sessions[id]
    return undefined
  }
}

function hasExpired({ cookie }: SessionData): boolean {
  if (!('expires' in cookie) || typeof cookie.expires !== 'string') return false
  return new Date(cookie.expires).getTime() <= systemClock.now()
}

function later(callback: StoreCallback | undefined): void {
  if (callback !== undefined) setImmediate(callback)
}
