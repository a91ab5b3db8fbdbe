import { ConfigError, ConflictError, HttpError } from '../core/errors.ts'
import type { SessionRead } from '../sessions/manager.ts'

/** Nobody is signed in where somebody must be. */
export function unauthenticated(): HttpError {
  return new HttpError('ERR_UNAUTHENTICATED', 401, 'Sign in first.')
}

/** Somebody is signed in who may not do this. */
export function forbidden(reason: string, message = 'You may not do this.'): HttpError {
  return new HttpError('ERR_FORBIDDEN', 403, message, { problem: { reason } })
}

/** The store does not answer: it cannot be told who is signed in. */
export function storeUnavailable(read: SessionRead<object> | null): HttpError {
  const cause = read?.state === 'unavailable' ? read.error : undefined
  return new HttpError('ERR_UNAVAILABLE', 503, 'The session cannot be read at the moment.', {
    cause,
    headers: { 'Retry-After': '1' },
  })
}

/** The session is looked at before it was read. */
export function notLoaded(): ConfigError {
  return new ConfigError(
    'ERR_NO_SESSION_CONTEXT',
    'The session is not loaded yet. Call `await session.load()` first, or leave `lazy` off.',
  )
}

/** Something that needs a cookie is asked for too late. */
export function headSent(): ConfigError {
  return new ConfigError(
    'ERR_HEADERS_SENT',
    'The response headers have left, so the browser cannot be given another cookie. Nothing was changed; do this before you send.',
  )
}

/** Goes on with this where the session has ended meanwhile; everything else is thrown on. */
export function passIfGone<State>(state: State): (error: unknown) => State {
  return error => {
    if (error instanceof ConflictError && error.code === 'ERR_SESSION_GONE') return state
    throw error
  }
}
