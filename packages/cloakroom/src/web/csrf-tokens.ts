import { HttpError } from '../core/errors.ts'
import type { EventSource } from '../events/event.ts'
import type { ClientAddress } from '../http/address.ts'
import type { CookieReading } from '../http/cookie-manager.ts'
import { ownOrigin } from '../http/origin.ts'
import type { CsrfVerdict } from '../protection/csrf.ts'
import type { CsrfRefusal, CsrfRequest } from '../protection/csrf-decision.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { partiesOf } from './parties.ts'
import { storeUnavailable } from './request-errors.ts'
import type { Session } from './session.ts'

/** Tokens against request forgery for one request. */
export interface CsrfTokens {
  /** A token for a form or a header of the next request. Each call gives another; all are good. */
  token(): string
  /**
   * Checks the request, body included where the token may be there. The session must be loaded.
   *
   * @throws {HttpError} `ERR_CSRF`, status 403.
   */
  check(): Promise<void>
  /**
   * Checks the request before its body is read; false when only the body can tell.
   *
   * @throws {HttpError} `ERR_CSRF`, status 403.
   */
  checkHead(): boolean
  /** Set-Cookie lines that the tokens given out need. */
  cookieLines(): readonly string[]
  /** Whether the answer depends on where the request came from. */
  isChecked(): boolean
}

type CsrfEngine = Pick<
  Engine<never>,
  'csrf' | 'csrfCookie' | 'visitorCookie' | 'origins' | 'events'
>

interface CsrfCircumstances {
  readonly exchange: Exchange
  readonly client: ClientAddress
  readonly session: Pick<Session, 'csrfSecrets' | 'isLoaded' | 'state' | 'user'>
  readonly source: EventSource
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a request of this method changes nothing. */
export function isSafeMethod(method: string): boolean {
  return safeMethods.has(method) || safeMethods.has(method.toUpperCase())
}

/** Makes {@link CsrfTokens}. */
export function createCsrfTokens(engine: CsrfEngine, circumstances: CsrfCircumstances): CsrfTokens {
  const { csrf, csrfCookie, visitorCookie } = engine
  const { exchange, client, session, source } = circumstances
  const method = exchange.method.toUpperCase()
  let visitor: { value: string | null; isNew: boolean } | null = null
  let isChecked = false
  let hasPassed = csrf === null || isSafeMethod(method)

  function visitorSecret(): string | null {
    visitor ??= { value: readVisitorCookie().value, isNew: false }
    return visitor.value
  }

  function readVisitorCookie(): CookieReading {
    return visitorCookie.read(exchange.header('cookie'), client)
  }

  function token(): string {
    if (csrf === null) return ''
    const secret = session.csrfSecrets?.[0]
    if (secret !== undefined) return csrf.issue(secret)
    const issued = csrf.issueAnonymous(visitorSecret())
    visitor = { value: issued.cookieValue, isNew: issued.isNew || visitor?.isNew === true }
    return issued.token
  }

  function requestOf(given: unknown): CsrfRequest {
    const own = ownOrigin(client)
    return {
      method,
      path: exchange.path(),
      header: name => exchange.header(name),
      ownOrigins: engine.origins.length > 0 || own === null ? engine.origins : [own],
      ...holderOf(given),
    }
  }

  /** Whose token it must be. A visitor's page may be older than the session that it began. */
  function holderOf(given: unknown): Pick<CsrfRequest, 'holder' | 'secret'> {
    const secrets = session.csrfSecrets
    const held = secrets?.find(secret => csrf?.verify(given, secret).ok === true)
    if (held !== undefined) return { holder: 'session', secret: held }
    const visiting = csrf?.anonymousSecret(visitorSecret()) ?? null
    const isVisitor =
      secrets === null ||
      (session.user === null && csrf?.verify(given, visiting, 'visitor').ok === true)
    return isVisitor
      ? { holder: 'visitor', secret: visiting }
      : { holder: 'session', secret: secrets[0] ?? null }
  }

  function checkHead(): boolean {
    if (csrf === null || hasPassed) return true
    isChecked = true
    const verdict = csrf.checkRequest(requestOf(exchange.header(csrf.headerName)))
    const refusal = refusalIn(verdict)
    if (refusal?.mayBeInBody !== true) conclude(verdict)
    else if (exchange.isOriginChecked !== true || !refusal.freshTokenAllowed) return false
    hasPassed = true
    return true
  }

  function conclude(verdict: CsrfVerdict): void {
    const refusal = refusalIn(verdict)
    if (refusal === null) return
    // Nothing is known then about the token that the request should have carried.
    if (session.state === 'unavailable') throw storeUnavailable(null)
    const { reason } = refusal
    const about = { ...partiesOf(session.user), reason, details: { reportOnly: verdict.ok } }
    engine.events.emit({ type: 'csrf_failed', ...source, ...about })
    if (!verdict.ok) throw refuse(refusal)
  }

  function refuse(refusal: CsrfRefusal): HttpError {
    const fresh = refusal.freshTokenAllowed ? token() : null
    const answer = csrf?.respond(refusal, fresh)
    const problem = JSON.parse(answer?.body ?? '{}') as { detail: string }
    return new HttpError('ERR_CSRF', refusal.status, problem.detail, {
      problem: { ...problem },
      ...(fresh !== null && csrf !== null && { headers: { [csrf.headerName]: fresh } }),
    })
  }

  return {
    token,
    isChecked: () => isChecked,

    checkHead,
    async check() {
      if (checkHead() || csrf === null) return
      const body = await exchange.body()
      conclude(csrf.checkBody(requestOf(fieldOf(body, csrf.fieldName)), body))
      hasPassed = true
    },

    cookieLines() {
      if (csrf === null) return []
      const lines: string[] = []
      if (visitor?.isNew === true && visitor.value !== null) {
        lines.push(visitorCookie.write(visitor.value, { client, expiresAt: null }))
      }
      const secrets = csrfCookie === null ? null : session.csrfSecrets
      if (csrfCookie === null || secrets === null) return lines
      const held = csrfCookie.read(exchange.header('cookie'), client)
      const state = csrf.verify(held.value, secrets[0] ?? null)
      if (!state.ok || state.ageMs > csrf.timeoutMs / 2) {
        lines.push(csrfCookie.write(token(), { client, expiresAt: null }))
      }
      return lines
    },
  }
}

/** What is wrong with a request, whether it is refused or only reported. */
function refusalIn(verdict: CsrfVerdict): CsrfRefusal | null {
  return verdict.ok ? verdict.reported : verdict
}

function fieldOf(body: unknown, name: string): unknown {
  if (body instanceof FormData || body instanceof URLSearchParams) return body.get(name)
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
}
