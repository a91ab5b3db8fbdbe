import { describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import { randomBytes } from '../core/random.ts'
import { type Csrf, type CsrfVerdict, createCsrf } from './csrf.ts'
import type { CsrfRefusal, CsrfRequest } from './csrf-decision.ts'
import type { CsrfOptions } from './csrf-options.ts'

const secret = randomBytes(32)

function setUp(options: CsrfOptions = {}): { csrf: Csrf; clock: ManualClock } {
  const clock = createManualClock()
  return { csrf: createCsrf(options, { clock }), clock }
}

function request(
  headers: Record<string, string> = {},
  change: Partial<CsrfRequest> = {},
): CsrfRequest {
  return {
    method: 'POST',
    path: '/transfer',
    header: name => headers[name],
    ownOrigins: ['https://app.test'],
    holder: 'session',
    secret,
    ...change,
  }
}

function reasonOf(verdict: CsrfVerdict): string {
  return verdict.ok ? 'pass' : verdict.reason
}

function refusalOf(verdict: CsrfVerdict): CsrfRefusal {
  if (verdict.ok) throw new Error('passed')
  return verdict
}

const own = { 'sec-fetch-site': 'same-origin' }

describe('Csrf.issue', () => {
  it('gives a token for the session that passes until its time is over', () => {
    const { csrf, clock } = setUp({ timeout: '10m' })
    const headers = { ...own, 'x-csrf-token': csrf.issue(secret) }
    clock.advance(599_999)
    expect(csrf.checkRequest(request(headers))).toEqual({ ok: true, reported: null })
    clock.advance(1)
    expect(reasonOf(csrf.checkRequest(request(headers)))).toBe('token-expired')
  })
})

describe('Csrf.verify', () => {
  it('tells the age, for renewing a token in time', () => {
    const { csrf, clock } = setUp()
    const token = csrf.issue(secret)
    clock.advance(1000)
    expect(csrf.verify(token, secret)).toEqual({ ok: true, ageMs: 1000 })
    expect(csrf.verify(token, secret, 'visitor').ok).toBe(false)
    expect(csrf.timeoutMs).toBe(1_800_000)
  })
})

describe('Csrf.issueAnonymous', () => {
  it('makes a cookie that the token passes with', () => {
    const { csrf } = setUp()
    const { token, cookieValue, isNew } = csrf.issueAnonymous(null)
    const visitor = { holder: 'visitor', secret: csrf.anonymousSecret(cookieValue) } as const
    expect(isNew).toBe(true)
    expect(reasonOf(csrf.checkRequest(request({ 'x-csrf-token': token }, visitor)))).toBe('pass')
  })

  it('keeps the cookie, so that the tokens of all tabs stay good', () => {
    const { csrf } = setUp()
    const first = csrf.issueAnonymous(null)
    const second = csrf.issueAnonymous(first.cookieValue)
    expect(second).toMatchObject({ cookieValue: first.cookieValue, isNew: false })
    const kept = csrf.anonymousSecret(second.cookieValue)
    expect([first, second].map(each => csrf.verify(each.token, kept, 'visitor').ok)).toEqual([
      true,
      true,
    ])
  })

  it.each(['', 'x', 'x'.repeat(42), 'x'.repeat(4096), 'é', '='.repeat(43)])(
    'replaces the cookie value "%s"',
    value => {
      const { csrf } = setUp()
      expect(csrf.anonymousSecret(value)).toBeNull()
      const fresh = csrf.issueAnonymous(value)
      expect(fresh.isNew).toBe(true)
      expect(csrf.anonymousSecret(fresh.cookieValue)).toHaveLength(32)
    },
  )

  it('gives no token for a session', () => {
    const { csrf } = setUp()
    const { token, cookieValue } = csrf.issueAnonymous(null)
    const mixed = request(
      { ...own, 'x-csrf-token': token },
      { secret: csrf.anonymousSecret(cookieValue) },
    )
    expect(reasonOf(csrf.checkRequest(mixed))).toBe('token-mismatch')
  })
})

describe('Csrf.checkRequest', () => {
  it('points to the body when only the token is missing', () => {
    const { csrf } = setUp()
    expect(csrf.checkRequest(request(own))).toEqual({
      ok: false,
      reason: 'token-missing',
      status: 403,
      freshTokenAllowed: true,
      mayBeInBody: true,
    })
  })

  it('is final about a foreign page and about a bad token', () => {
    const { csrf } = setUp()
    expect(csrf.checkRequest(request({ origin: 'https://evil.test' }))).toMatchObject({
      reason: 'origin-mismatch',
      freshTokenAllowed: false,
      mayBeInBody: false,
    })
    expect(csrf.checkRequest(request({ ...own, 'x-csrf-token': 'rubbish' }))).toMatchObject({
      reason: 'token-malformed',
      freshTokenAllowed: true,
      mayBeInBody: false,
    })
  })

  it('allows no fresh token to a request without evidence', () => {
    const { csrf } = setUp()
    expect(csrf.checkRequest(request())).toMatchObject({ freshTokenAllowed: false })
    expect(csrf.checkRequest(request({ origin: 'null' }))).toMatchObject({
      freshTokenAllowed: false,
    })
  })

  it('reads the token from the configured header only', () => {
    const { csrf } = setUp({ headerName: 'X-My-Token' })
    const token = csrf.issue(secret)
    expect(csrf.headerName).toBe('x-my-token')
    expect(reasonOf(csrf.checkRequest(request({ 'x-my-token': token })))).toBe('pass')
    const elsewhere = { 'x-csrf-token': token, cookie: `x-my-token=${token}` }
    const verdict = csrf.checkRequest(request(elsewhere, { path: `/transfer?_csrf=${token}` }))
    expect(reasonOf(verdict)).toBe('token-missing')
  })

  it('lets everything pass when it only reports, and tells what it would have refused', () => {
    const { csrf } = setUp({ reportOnly: true })
    expect(csrf.checkRequest(request({ origin: 'https://evil.test' }))).toMatchObject({
      ok: true,
      reported: { reason: 'origin-mismatch' },
    })
    expect(csrf.checkBody(request(own), { _csrf: csrf.issue(secret) })).toEqual({
      ok: true,
      reported: null,
    })
  })
})

describe('Csrf.checkBody', () => {
  it('finds the token in a plain object, FormData or URLSearchParams', () => {
    const { csrf } = setUp()
    const token = csrf.issue(secret)
    const form = new FormData()
    form.set('_csrf', token)
    const bodies = [{ _csrf: token }, form, new URLSearchParams({ _csrf: token })]
    expect(bodies.map(body => reasonOf(csrf.checkBody(request(own), body)))).toEqual([
      'pass',
      'pass',
      'pass',
    ])
  })

  it('reads the configured field only', () => {
    const { csrf } = setUp({ fieldName: 'proof' })
    const token = csrf.issue(secret)
    expect(csrf.fieldName).toBe('proof')
    expect(reasonOf(csrf.checkBody(request(own), { proof: token }))).toBe('pass')
    expect(reasonOf(csrf.checkBody(request(own), { _csrf: token }))).toBe('token-missing')
  })

  it.each<unknown>([undefined, null, 'text', 7, [], {}, new URLSearchParams(), new FormData()])(
    'finds none in %o',
    body => {
      const { csrf } = setUp()
      expect(csrf.checkBody(request(own), body)).toMatchObject({
        reason: 'token-missing',
        mayBeInBody: false,
      })
    },
  )

  it('does not take an inherited field, nor a repeated one', () => {
    const { csrf } = setUp()
    const token = csrf.issue(secret)
    const twice = new URLSearchParams([
      ['_csrf', token],
      ['_csrf', token],
    ])
    expect(reasonOf(csrf.checkBody(request(own), Object.create({ _csrf: token })))).toBe(
      'token-missing',
    )
    expect(reasonOf(csrf.checkBody(request(own), twice))).toBe('token-malformed')
    expect(reasonOf(csrf.checkBody(request(own), { _csrf: [token] }))).toBe('token-malformed')
  })

  it('does not outweigh the headers', () => {
    const { csrf } = setUp()
    const body = { _csrf: csrf.issue(secret) }
    const bad = { ...own, 'x-csrf-token': 'rubbish' }
    expect(reasonOf(csrf.checkBody(request(bad), body))).toBe('token-malformed')
    const foreign = { 'sec-fetch-site': 'cross-site' }
    expect(reasonOf(csrf.checkBody(request(foreign), body))).toBe('cross-site')
    expect(reasonOf(csrf.checkBody(request({ ...own, 'x-csrf-token': '' }), body))).toBe('pass')
  })
})

describe('Csrf.respond', () => {
  it('answers with a problem that programs can tell apart', () => {
    const { csrf } = setUp()
    const problem = csrf.respond(refusalOf(csrf.checkRequest(request())), null)
    expect(problem.status).toBe(403)
    expect(problem.headers).toEqual([
      ['content-type', 'application/problem+json'],
      ['cache-control', 'no-store'],
      ['vary', 'Sec-Fetch-Site, Origin'],
    ])
    expect(JSON.parse(problem.body)).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      detail: expect.stringMatching(/\w+/),
      code: 'ERR_CSRF',
      reason: 'token-missing',
    })
  })

  it('hands a fresh token to a page of this site, good for one more try', () => {
    const { csrf } = setUp()
    const problem = csrf.respond(refusalOf(csrf.checkRequest(request(own))), csrf.issue(secret))
    const token = JSON.parse(problem.body).csrfToken
    expect(Object.fromEntries(problem.headers)['x-csrf-token']).toBe(token)
    expect(reasonOf(csrf.checkRequest(request({ ...own, 'x-csrf-token': token })))).toBe('pass')
  })

  it('hands none to anybody else', () => {
    const { csrf } = setUp()
    const verdict = csrf.checkRequest(request({ origin: 'https://evil.test' }))
    const problem = csrf.respond(refusalOf(verdict), csrf.issue(secret))
    expect(problem.body).not.toContain('csrfToken')
    expect(problem.headers.map(([name]) => name)).not.toContain('x-csrf-token')
  })
})
