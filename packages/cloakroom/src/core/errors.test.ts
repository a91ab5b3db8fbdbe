import { describe, expect, it } from 'vitest'
import {
  type CloakroomError,
  ConfigError,
  ConflictError,
  HttpError,
  SealError,
  StoreError,
} from './errors.ts'

const cause = new Error('ECONNREFUSED')

describe('every error', () => {
  it.each<[CloakroomError, string, string]>([
    [new ConfigError('ERR_OPTION_INVALID', 'text', { cause }), 'ConfigError', 'ERR_OPTION_INVALID'],
    [new StoreError('ERR_STORE_TIMEOUT', 'text', { cause }), 'StoreError', 'ERR_STORE_TIMEOUT'],
    [new ConflictError('ERR_SESSION_GONE', 'text', { cause }), 'ConflictError', 'ERR_SESSION_GONE'],
    [new HttpError('ERR_CSRF', 403, 'text', { cause }), 'HttpError', 'ERR_CSRF'],
  ])('carries its name, code, message and cause: %s', (error, name, code) => {
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name, code, message: 'text' })
    expect(error.cause).toBe(cause)
    expect(String(error)).toBe(`${name}: text`)
  })

  it('has no cause where none was given', () => {
    expect('cause' in new StoreError('ERR_STORE_REPLY', 'text')).toBe(false)
  })

  it('is told from the others by its code', () => {
    const error: CloakroomError = new HttpError('ERR_FORBIDDEN', 403, 'No.')
    const status = (given: CloakroomError): number =>
      given.code === 'ERR_FORBIDDEN' ? given.status : 500
    expect(status(error)).toBe(403)
    expect(status(new SealError())).toBe(500)
  })
})

describe('SealError', () => {
  it('says the same every time and keeps no cause', () => {
    expect(new SealError().message).toBe(new SealError().message)
    expect(new SealError()).toMatchObject({ name: 'SealError', code: 'ERR_SEAL_INVALID' })
    expect(new SealError().cause).toBeUndefined()
  })
})

describe('StoreError and ConflictError', () => {
  it('offer a status to frameworks', () => {
    expect(new StoreError('ERR_STORE_TIMEOUT', 'text')).toMatchObject({ status: 503 })
    expect(new ConflictError('ERR_SESSION_GONE', 'text')).toMatchObject({ statusCode: 401 })
    expect(new ConflictError('ERR_SESSION_LIMIT', 'text')).toMatchObject({ statusCode: 409 })
  })
})

describe('HttpError', () => {
  it('offers the status under both names that frameworks read', () => {
    const error = new HttpError('ERR_UNAUTHENTICATED', 401, 'Sign in first.')
    expect(error).toMatchObject({ status: 401, statusCode: 401, expose: true, headers: {} })
  })

  it('makes a plain answer of itself', async () => {
    const answer = new HttpError('ERR_FORBIDDEN', 403, 'No.', { headers: { a: 'b' } }).getResponse()
    expect(answer.status).toBe(403)
    expect(answer.headers.get('a')).toBe('b')
    expect(await answer.text()).toBe('No.')
  })

  it('carries headers of the answer', () => {
    const headers = { 'retry-after': '30' }
    expect(new HttpError('ERR_RATE_LIMITED', 429, 'Wait.', { headers }).headers).toEqual(headers)
  })
})
