import type { ServerResponse } from 'node:http'
import type { ConnectSigner } from '../../crypto/connect-signature.ts'
import { appendSetCookie } from '../../http/set-cookie.ts'
import type { Cookie } from './cookie.ts'
import { writeSessionId } from './cookie-value.ts'
import type { ResponseHold } from './held-response.ts'
import type { SessionSettings } from './options.ts'
import type { SessionRequest } from './request.ts'
import type { Session } from './session.ts'
import type { StoreCallback } from './store.ts'
import type { Comparison, Tracker } from './tracker.ts'

/** One request, and the session that goes with it. */
export interface CommitCircumstances {
  readonly request: SessionRequest
  readonly response: ServerResponse
  readonly settings: SessionSettings
  readonly signer: ConnectSigner
  readonly tracker: Tracker
  /** The session id that the request came with. */
  readonly givenId: string | undefined
  readonly next: (error?: unknown) => void
}

/**
 * Decides what becomes of a request's session when its response leaves: saved, touched or
 * destroyed, and whether the response carries the cookie.
 */
export function createCommit(circumstances: CommitCircumstances): ResponseHold {
  const { request, response, settings, signer, tracker, givenId, next } = circumstances
  const { store } = settings
  let sendsCookie = false
  let isTouched = false
  let isSavedEarly = false

  /** With the headers; the rest of the response may follow later. */
  function commitHead(isEnd: boolean): Promise<void> | null {
    const { session, sessionID } = request
    if (!session) return destroyUnset()
    if (typeof sessionID !== 'string') return null
    const comparison = tracker.compare(session)
    sendsCookie = isCookieDue(session, comparison)
    if (sendsCookie) touchOnce(session)
    if (isEnd) return finish(session, comparison)
    isSavedEarly = (sendsCookie || comparison.isModified) && isSaveDue(comparison)
    return isSavedEarly ? save(session) : null
  }

  function commitEnd(): Promise<void> | null {
    const { session, sessionID } = request
    if (!session) return destroyUnset()
    return typeof sessionID === 'string' ? finish(session, tracker.compare(session)) : null
  }

  function finish(session: Session, comparison: Comparison): Promise<void> | null {
    touchOnce(session)
    if (isSaveDue(comparison)) return save(session)
    const isTouchDue = givenId !== undefined && request.sessionID === givenId && !isSavedEarly
    if (!isTouchDue || typeof store.touch !== 'function') return null
    return promiseOf(callback => store.touch?.(givenId, session, callback)).catch(reportLater)
  }

  function isCookieDue(session: Session, { isModified }: Comparison): boolean {
    const isDue =
      request.sessionID === givenId
        ? settings.rolling || (session.cookie.expires != null && isModified)
        : settings.saveUninitialized || isModified
    if (!isDue || !session.cookie.secure || settings.isSecure(request)) return isDue
    settings.warnInsecure()
    return false
  }

  function isSaveDue({ isModified, isSaved }: Comparison): boolean {
    const isFresh = !tracker.hasSaved && request.sessionID !== givenId
    return isFresh && !settings.saveUninitialized ? isModified : !isSaved
  }

  function destroyUnset(): Promise<void> | null {
    const { sessionID } = request
    const isDue = settings.destroysUnset && tracker.hasBegun && typeof sessionID === 'string'
    if (!isDue || tracker.ended?.id === sessionID) return null
    return promiseOf(callback => store.destroy(sessionID, callback)).then(tracker.noteEnd)
  }

  function touchOnce(session: Session): void {
    if (!isTouched) session.touch()
    isTouched = true
  }

  function completeHead(): void {
    const { session } = request
    const { ended } = tracker
    try {
      if (!session) {
        if (ended !== null && ended.id === givenId && settings.clearsCookie) clear(ended.cookie)
      } else if (sendsCookie && store.hasEnded?.(session) !== true) {
        const value = writeSessionId(String(request.sessionID), signer)
        append(session.cookie.serialize(settings.name, value))
      }
    } catch (error) {
      reportLater(error)
    }
  }

  function clear(cookie: Cookie): void {
    if (cookie.secure && !settings.isSecure(request)) return
    cookie.expires = new Date(0)
    append(cookie.serialize(settings.name, ''))
  }

  function append(line: string): void {
    const lines = response.getHeader('set-cookie')
    response.setHeader('Set-Cookie', appendSetCookie(lines as string | string[], line))
  }

  /** The response itself is all right. */
  function reportLater(error: unknown): void {
    setImmediate(next, error)
  }

  return {
    beforeHead: isEnd => after(tracker.settle(), () => commitHead(isEnd)),
    completeHead,
    beforeEnd: () => after(tracker.settle(), commitEnd),
    onError: next,
  }
}

function save(session: Session): Promise<void> {
  return promiseOf(callback => session.save(callback))
}

function promiseOf(call: (callback: StoreCallback) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    call(error => (error ? reject(error) : resolve()))
  })
}

function after(
  waiting: Promise<void> | null,
  act: () => Promise<void> | null,
): Promise<void> | null {
  return waiting === null ? act() : waiting.then(act).then(() => undefined)
}
