import { HttpError, StoreError } from '../core/errors.ts'

/** An error as an HTTP answer. */
export interface ErrorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The answer to an error that Cloakroom threw: `application/problem+json` (RFC 9457), or a short
 * page for a browser that asks for one. Null for any other error, which is the application's.
 */
export function answerError(error: unknown, accept: string | undefined): ErrorAnswer | null {
  const known = toHttpError(error)
  if (known === null) return null
  const headers = { 'Cache-Control': 'no-store', ...known.headers }
  if (accept?.includes('text/html') === true) {
    const type = 'text/html; charset=utf-8'
    return {
      status: known.status,
      headers: { ...headers, 'Content-Type': type },
      body: page(known),
    }
  }
  const problem = {
    type: 'about:blank',
    title: titles[known.status] ?? 'Error',
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
  if (error instanceof HttpError) return error
  if (!(error instanceof StoreError)) return null
  return new HttpError('ERR_UNAVAILABLE', 503, 'The request cannot be served at the moment.', {
    cause: error,
    headers: { 'Retry-After': '1' },
  })
}

const titles: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

function page({ status, message }: HttpError): string {
  const title = titles[status] ?? 'Error'
  return `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${escapeHtml(message)}</p>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
