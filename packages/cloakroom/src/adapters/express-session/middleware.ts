import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigError } from '../../core/errors.ts'
import { createCommit } from './commit.ts'
import { readSessionId } from './cookie-value.ts'
import { holdResponse } from './held-response.ts'
import { resolveOptions, type SessionOptions } from './options.ts'
import type { SessionRequest } from './request.ts'
import { Session, type SessionData } from './session.ts'
import { readStoredSession } from './stored-session.ts'
import { createTracker, type Tracker } from './tracker.ts'

/** Middleware as Connect and Express take it. */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Makes middleware that gives each request a session: what `express-session` does, under the same
 * options, without its ways of losing data.
 *
 * @throws {ConfigError} naming the option that is wrong.
 */
export function createSessionMiddleware(options?: SessionOptions): SessionMiddleware {
  const settings = resolveOptions(options)
  const { store } = settings
  const trackers = new WeakMap<object, Tracker>()
  let isConnected = true
  store.on('disconnect', () => {
    isConnected = false
  })
  store.on('connect', () => {
    isConnected = true
  })
  store.generate = holder => {
    const request = holder as SessionRequest
    request.sessionID = settings.newId(request)
    const session = new Session(request)
    session.cookie = settings.newCookie(request)
    request.session = session
    trackers.get(request)?.watch(session)
  }

  function begin(request: SessionRequest, tracker: Tracker): void {
    store.generate(request)
    if (request.session) tracker.begin(request.session, false)
  }

  function resume(request: SessionRequest, tracker: Tracker, data: SessionData): boolean {
    try {
      const session = store.createSession(request, data)
      tracker.begin(session, !settings.resave)
      return true
    } catch {
      return false
    }
  }

  return (incoming, response, next) => {
    const request: SessionRequest = incoming
    if (request.session || !isConnected || !settings.reaches(request)) return next()
    const signer = settings.signerOf(request)
    if (signer === null) return next(noSecret())
    const givenId = readSessionId(request, settings.name, signer)
    const tracker = createTracker(request)
    trackers.set(request, tracker)
    request.sessionStore = store
    request.sessionID = givenId
    const circumstances = { request, response, settings, signer, tracker, givenId, next }
    holdResponse(response, createCommit(circumstances))
    if (givenId === undefined) {
      begin(request, tracker)
      return next()
    }
    store.get(givenId, (error, found) => {
      if (error && !isNotFound(error)) return next(error)
      const data = error ? null : readStoredSession(found)
      if (data === null || !resume(request, tracker, data)) {
        // A record that is none. Whether it can be removed makes no difference to this request.
        if (!error && found) store.destroy(givenId, () => undefined)
        begin(request, tracker)
      }
      next()
    })
  }
}

/** Stores on files may say it this way. */
function isNotFound(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'
}

function noSecret(): ConfigError {
  return new ConfigError('ERR_SECRET_WEAK', 'secret option required for sessions')
}
