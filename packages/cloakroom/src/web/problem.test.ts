import { describe, expect, it } from 'vitest'
import { ConflictError, HttpError, StoreError } from '../core/errors.ts'
import { answerError } from './problem.ts'

describe('answerError', () => {
  it('writes a problem of RFC 9457', () => {
    const error = new HttpError('ERR_FORBIDDEN', 403, 'You may not.', {
      problem: { reason: 'role' },
    })
    const answer = answerError(error, 'application/json')
    expect(answer).toMatchObject({
      status: 403,
      headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' },
    })
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      detail: 'You may not.',
      code: 'ERR_FORBIDDEN',
      reason: 'role',
    })
  })

  it('answers a session that is gone with 401, and other conflicts with 409', () => {
    const gone = answerError(new ConflictError('ERR_SESSION_GONE', 'Gone.'), undefined)
    expect(JSON.parse(gone?.body ?? '')).toMatchObject({ status: 401, code: 'ERR_UNAUTHENTICATED' })
    const full = answerError(new ConflictError('ERR_SESSION_LIMIT', 'Too many.'), undefined)
    expect(JSON.parse(full?.body ?? '')).toMatchObject({ status: 409, code: 'ERR_CONFLICT' })
  })

  it('writes a page for a browser, with nothing in it that could run', () => {
    const error = new HttpError('ERR_FORBIDDEN', 403, '<img onerror=x>')
    const answer = answerError(error, 'text/html,*/*')
    expect(answer?.headers['Content-Type']).toBe('text/html; charset=utf-8')
    expect(answer?.body).toContain('&#60;img onerror=x&#62;')
  })

  it('hands the facts to a page of the application', () => {
    const headers = { 'Retry-After': '900' }
    const error = new HttpError('ERR_RATE_LIMITED', 429, 'Too many requests.', { headers })
    const answer = answerError(error, 'text/html', facts => JSON.stringify(facts))
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      status: 429,
      title: 'Too Many Requests',
      detail: 'Too many requests.',
      code: 'ERR_RATE_LIMITED',
      retryAfterSeconds: 900,
    })
    expect(answer?.headers).toMatchObject({
      ...headers,
      'Content-Type': 'text/html; charset=utf-8',
    })
  })

  it('answers 503 while the store cannot', () => {
    const error = new StoreError('ERR_STORE_TIMEOUT', 'Redis did not answer.')
    expect(answerError(error, undefined)).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '1' },
    })
    expect(answerError(error, undefined)?.body).not.toContain('Redis')
  })

  it('leaves all other errors to the application', () => {
    expect(answerError(new Error('mine'), undefined)).toBeNull()
  })

  it('names any status', () => {
    expect(answerError(new HttpError('ERR_FORBIDDEN', 418, 'x'), 'text/html')?.body).toContain(
      '<title>Error</title>',
    )
    expect(answerError(new HttpError('ERR_FORBIDDEN', 418, 'x'), undefined)?.body).toContain(
      'Error',
    )
  })
})
