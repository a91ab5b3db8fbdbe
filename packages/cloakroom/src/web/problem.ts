import {
  type ConflictError,
  HttpError,
  type HttpErrorCode,
  type StoreError,
} from '../core/errors.ts'

/** An error as an HTTP answer. */
export interface ErrorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a page about an error may say. */
export interface ErrorFacts {
  /** Such as 401, 403, 429 or 503. */
  readonly status: number
  /** Name of the status, such as `Forbidden`. */
  readonly title: string
  /** A sentence for whoever sent the request. */
  readonly detail: string
  readonly code: HttpErrorCode
  /** After how many seconds to try again, where that is known. */
  readonly retryAfterSeconds: number | null
}

/** Makes the page about an error, as HTML. */
export type ErrorPage = (facts: ErrorFacts) => string

/**
 * The answer to an error that Cloakroom threw: `application/problem+json` (RFC 9457), or a page for
 * a browser that asks for one. Null for any other error, which is the application's.
 */
export function answerError(
  error: unknown,
  accept: string | undefined,
  page: ErrorPage = plainPage,
): ErrorAnswer | null {
  const known = toHttpError(error)
  if (known === null) return null
  const headers = { 'Cache-Control': 'no-store', ...known.headers }
  if (accept?.includes('text/html') === true) {
    const type = 'text/html; charset=utf-8'
    return {
      status: known.status,
      headers: { ...headers, 'Content-Type': type },
      body: page(factsOf(known)),
    }
  }
  const problem = {
    type: 'about:blank',
    title: titleOf(known),
    status: known.status,
    detail: known.message,
    code: known.code,
    ...known.problem,
  }
  return {
    status: known.status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
    body: JSON.stringify(problem),
  }
}

function toHttpError(error: unknown): HttpError | null {
  if (!isOurs(error)) return null
  if (error.name === 'HttpError') return error
  if (error.name === 'ConflictError') {
    const code = error.status === 401 ? 'ERR_UNAUTHENTICATED' : 'ERR_CONFLICT'
    return new HttpError(code, error.status, error.message, { cause: error })
  }
  return new HttpError('ERR_UNAVAILABLE', 503, 'The request cannot be served at the moment.', {
    cause: error,
    headers: { 'Retry-After': '1' },
  })
}

type Answerable = HttpError | ConflictError | StoreError

const answerable = ['HttpError', 'ConflictError', 'StoreError']

/** By name and code: bundlers put several copies of the classes into one process. */
function isOurs(error: unknown): error is Answerable {
  if (!(error instanceof Error) || !answerable.includes(error.name)) return false
  return 'code' in error && /^ERR_[A-Z_]+$/.test(String(error.code)) && 'status' in error
}

const titles: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  409: 'Conflict',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

function titleOf({ status }: HttpError): string {
  return titles[status] ?? 'Error'
}

function factsOf(error: HttpError): ErrorFacts {
  const { status, message: detail, code, headers } = error
  const wait = headers['Retry-After']
  const retryAfterSeconds = wait === undefined ? null : Number(wait)
  return { status, title: titleOf(error), detail, code, retryAfterSeconds }
}

function plainPage({ title, detail }: ErrorFacts): string {
  return `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${escapeHtml(detail)}</p>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
