import { AsyncLocalStorage } from 'node:async_hooks'
import { ConfigError } from '../core/errors.ts'
import type { SessionData } from '../sessions/data.ts'
import type { SignedInUser } from '../sessions/manager.ts'
import type { Handling } from './handle.ts'
import type { Session } from './session.ts'
import type { CurrentUser, LoginOptions } from './session-types.ts'

type Current = AsyncLocalStorage<Handling<never>>

const key: unique symbol = Symbol.for('cloakroom/current')

/**
 * The one piece of state that belongs to the process: which request the running code serves. It is
 * what lets a function deep inside the application ask who is signed in.
 *
 * Bundlers such as that of Next.js put several copies of this file into one process. All of them
 * must find the same.
 */
function findCurrent(): Current {
  const place = globalThis as { [key]?: Current }
  place[key] ??= new AsyncLocalStorage()
  return place[key]
}

/** Runs code so that {@link getCurrentSession} finds the session of this request. Framework use. */
export function runHandling<Data extends object, Result>(
  handling: Handling<Data>,
  run: () => Result,
): Result {
  return findCurrent().run(handling as unknown as Handling<never>, run)
}

/** Whether the running code is of this {@link runHandling}. Framework use. */
export function isRunning<Data extends object>(handling: Handling<Data>): boolean {
  return Object.is(findCurrent().getStore(), handling)
}

/**
 * The request that is being served. Framework use.
 *
 * @throws {ConfigError} `ERR_NO_SESSION_CONTEXT` outside a request that Cloakroom handles.
 */
export function currentHandling(): Handling<never> {
  const handling = findCurrent().getStore()
  if (handling !== undefined) return handling
  throw new ConfigError(
    'ERR_NO_SESSION_CONTEXT',
    'No request is being served here. Mount the Cloakroom middleware before this handler.',
  )
}

/**
 * The session of the request that is being served, from anywhere within it.
 *
 * @throws {ConfigError} `ERR_NO_SESSION_CONTEXT` outside a request that Cloakroom handles.
 */
export function getCurrentSession<Data extends object = SessionData>(): Session<Data> {
  return currentHandling().session as unknown as Session<Data>
}

/** Who is signed in, or null, from anywhere within a request. */
export function getCurrentUser(): CurrentUser | null {
  return getCurrentSession().user
}

/** Whether somebody is signed in. */
export function isAuthenticated(): boolean {
  return getCurrentSession().isAuthenticated
}

/** A token for the form or the next request of the page. Each call gives another; all are good. */
export function getCsrfToken(): string {
  return currentHandling().csrf().token()
}

/** For `nonce` attributes of scripts and styles in the page that is being made. */
export function getNonce(): string {
  return currentHandling().nonce
}

/** Signs a user in: a new session with a new token. See {@link Session.login}. */
export function loginUser(user: SignedInUser, options?: LoginOptions<SessionData>): Promise<void> {
  return getCurrentSession().login(user, options)
}

/** Ends the session of the request. */
export function logoutUser(): Promise<void> {
  return getCurrentSession().logout()
}
