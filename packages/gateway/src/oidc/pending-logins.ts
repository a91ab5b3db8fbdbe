import type { LoginSecrets } from './provider.ts'

/** A sign-in that began and has not come back. */
export interface PendingLogin extends LoginSecrets {
  /** Path and query to go to afterwards. */
  readonly next: string
  readonly startedAt: number
}

/** Sign-ins may be under way in this many tabs; the oldest gives way. */
const mostPending = 10

const lifeMs = 600_000

/**
 * Keeps sign-ins that are under way in a visitor's session: however many tabs there are, the browser
 * holds one ticket, and only it can finish what it began.
 */
export function addPending(data: object, login: PendingLogin): void {
  const living = readPending(data).filter(({ startedAt }) => isLiving(startedAt, login.startedAt))
  Reflect.set(data, 'pendingLogins', [...living, login].slice(-mostPending))
}

/** Takes out the sign-in of a state; null when there is none, or it took too long. */
export function takePending(data: object, state: string, now: number): PendingLogin | null {
  const all = readPending(data)
  const found = all.find(login => login.state === state)
  if (found === undefined) return null
  Reflect.set(
    data,
    'pendingLogins',
    all.filter(login => login !== found),
  )
  return isLiving(found.startedAt, now) ? found : null
}

function readPending(data: object): readonly PendingLogin[] {
  const found: unknown = Reflect.get(data, 'pendingLogins')
  return Array.isArray(found) ? (found as PendingLogin[]) : []
}

function isLiving(startedAt: number, now: number): boolean {
  return now - startedAt < lifeMs
}
