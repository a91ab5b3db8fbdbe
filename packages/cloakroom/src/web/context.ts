import { AsyncLocalStorage } from 'node:async_hooks'
import { ConfigError } from '../core/errors.ts'
import type { SessionData } from '../sessions/data.ts'
import type { SignedInUser } from '../sessions/manager.ts'
import type { Session } from './session.ts'
import type { CurrentUser, LoginOptions } from './session-types.ts'

// The one piece of state that belongs to the process: which request the running code serves. It is
// what lets a function deep inside the application ask who is signed in.
const current = new AsyncLocalStorage<Session<never>>()

/** Runs a handler so that {@link getCurrentSession} finds its session. Framework use. */
export function runWithSession<Data extends object, Result>(
  session: Session<Data>,
  run: () => Result,
): Result {
  return current.run(session as unknown as Session<never>, run)
}

/**
 * The session of the request that is being served, from anywhere within it.
 *
 * @throws {ConfigError} `ERR_NO_SESSION_CONTEXT` outside a request that Cloakroom handles.
 */
export function getCurrentSession<Data extends object = SessionData>(): Session<Data> {
  const session = current.getStore()
  if (session !== undefined) return session as unknown as Session<Data>
  throw new ConfigError(
    'ERR_NO_SESSION_CONTEXT',
    'No request is being served here. Mount the Cloakroom middleware before this handler.',
  )
}

/** Who is signed in, or null, from anywhere within a request. */
export function getCurrentUser(): CurrentUser | null {
  return getCurrentSession().user
}

/** Whether somebody is signed in. */
export function isAuthenticated(): boolean {
  return getCurrentSession().isAuthenticated
}

/** Signs a user in: a new session with a new token. See {@link Session.login}. */
export function loginUser(user: SignedInUser, options?: LoginOptions<SessionData>): Promise<void> {
  return getCurrentSession().login(user, options)
}

/** Ends the session of the request. */
export function logoutUser(): Promise<void> {
  return getCurrentSession().logout()
}
