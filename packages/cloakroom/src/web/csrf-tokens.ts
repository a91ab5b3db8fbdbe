import { HttpError } from '../core/errors.ts'
import type { EventSource } from '../events/event.ts'
import type { ClientAddress } from '../http/address.ts'
import type { CookieReading } from '../http/cookie-manager.ts'
import { ownOrigin } from '../http/origin.ts'
import type { CsrfVerdict } from '../protection/csrf.ts'
import type { CsrfRefusal, CsrfRequest } from '../protection/csrf-decision.ts'
import { csrfVary } from '../protection/csrf-problem.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import type { Session } from './session.ts'

/** Tokens against request forgery for one request. */
export interface CsrfTokens {
  /** A token for a form or a header of the next request. Each call gives another; all are good. */
  token(): string
  /**
   * Checks the request. The session must be loaded. `body` is the parsed body, or undefined when
   * there is none yet: the token must then be in the header.
   *
   * @throws {HttpError} `ERR_CSRF`, status 403.
   */
  check(body: unknown): void
  /** Set-Cookie lines that the tokens given out need. */
  cookieLines(): readonly string[]
  /** Whether the answer depends on where the request came from. */
  readonly isChecked: boolean
  readonly vary: readonly string[]
}

type CsrfEngine = Pick<
  Engine<never>,
  'csrf' | 'csrfCookie' | 'visitorCookie' | 'origins' | 'events'
>

interface CsrfCircumstances {
  readonly exchange: Exchange
  readonly client: ClientAddress
  readonly session: Pick<Session, 'csrfSecrets' | 'isLoaded' | 'user'>
  readonly source: EventSource
}

/** Makes {@link CsrfTokens}. */
export function createCsrfTokens(engine: CsrfEngine, circumstances: CsrfCircumstances): CsrfTokens {
  const { csrf, csrfCookie, visitorCookie } = engine
  const { exchange, client, session, source } = circumstances
  const method = exchange.method.toUpperCase()
  let visitor: { value: string | null; isNew: boolean } | null = null
  let isChecked = false

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
    const secrets = session.csrfSecrets
    const isGood = (secret: Uint8Array): boolean => csrf?.verify(given, secret).ok === true
    const own = ownOrigin(client)
    return {
      method,
      path: exchange.path,
      header: name => exchange.header(name),
      ownOrigins: engine.origins.length > 0 || own === null ? engine.origins : [own],
      holder: secrets === null ? 'visitor' : 'session',
      secret:
        secrets === null
          ? (csrf?.anonymousSecret(visitorSecret()) ?? null)
          : (secrets.find(isGood) ?? secrets[0] ?? null),
    }
  }

  function judge(body: unknown): CsrfVerdict | null {
    if (csrf === null || method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return null
    isChecked = true
    const first = csrf.checkRequest(requestOf(exchange.header(csrf.headerName)))
    if (first.ok || !first.mayBeInBody || body === undefined) return first
    return csrf.checkBody(requestOf(fieldOf(body, csrf.fieldName)), body)
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
    vary: csrfVary,
    get isChecked() {
      return isChecked
    },

    check(body) {
      const verdict = judge(body)
      const refusal = verdict?.ok === true ? verdict.reported : verdict
      if (refusal === null) return
      const userId = session.isLoaded ? session.user?.id : undefined
      const details = { reportOnly: verdict?.ok === true }
      engine.events.emit({
        type: 'csrf_failed',
        ...source,
        userId,
        reason: refusal.reason,
        details,
      })
      if (verdict?.ok !== true) throw refuse(refusal)
    },

    cookieLines() {
      if (csrf === null) return []
      const lines: string[] = []
      if (visitor?.isNew === true && visitor.value !== null && session.csrfSecrets === null) {
        lines.push(visitorCookie.write(visitor.value, { client, expiresAt: null }))
      }
      const secrets = session.csrfSecrets
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

function fieldOf(body: unknown, name: string): unknown {
  if (body instanceof FormData || body instanceof URLSearchParams) return body.get(name)
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
}
