import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import { randomBytes } from '../../packages/cloakroom/src/core/random.ts'
import { createKeyring } from '../../packages/cloakroom/src/crypto/keyring.ts'
import { createSigner } from '../../packages/cloakroom/src/crypto/token-mac.ts'
import { createCookieManager } from '../../packages/cloakroom/src/http/cookie-manager.ts'
import { visitorCookie } from '../../packages/cloakroom/src/http/cookie-role.ts'
import { createCsrf } from '../../packages/cloakroom/src/protection/csrf.ts'
import type { CsrfRequest } from '../../packages/cloakroom/src/protection/csrf-decision.ts'
import type { CsrfOptions } from '../../packages/cloakroom/src/protection/csrf-options.ts'

const clock = createManualClock()
const client = { isSecure: true, isLoopback: false, host: 'app.test' }
const secret = randomBytes(32)

function post(headers: Record<string, string>, change: Partial<CsrfRequest> = {}): CsrfRequest {
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

function reason(headers: Record<string, string>, options: CsrfOptions = {}): string {
  const verdict = createCsrf(options, { clock }).checkRequest(post(headers))
  return verdict.ok ? 'pass' : verdict.reason
}

const csrf = createCsrf({}, { clock })
const token = csrf.issue(secret)

describe('a request that another site makes a browser send', () => {
  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'Application/JSON',
    'application/json;charset=utf-8',
    '',
  ])('is refused whatever its content type: "%s"', type => {
    const headers = { 'content-type': type, 'x-csrf-token': token }
    expect(reason({ ...headers, 'sec-fetch-site': 'cross-site' })).toBe('cross-site')
    expect(reason({ ...headers, origin: 'https://evil.test' })).toBe('origin-mismatch')
  })

  it.each([
    'http://app.test',
    'https://app.test.evil.test',
    'https://evilapp.test',
    'https://evil@app.test',
    'https://app.test:8443',
    'https://app.test\u0000.evil.test',
    'https://sub.app.test',
    'file://',
  ])('is refused with Origin %j', origin => {
    expect(reason({ origin, 'x-csrf-token': token })).toBe('origin-mismatch')
  })

  it('is refused from a neighbouring host of the same site', () => {
    const headers = { 'sec-fetch-site': 'same-site', origin: 'https://blog.app.test' }
    expect(reason({ ...headers, 'x-csrf-token': token })).toBe('same-site')
  })

  it('is refused from a sandboxed frame, which hides its origin', () => {
    expect(reason({ origin: 'null' })).toBe('token-missing')
    expect(reason({ origin: 'null' }, { token: 'unproven' })).toBe('token-missing')
    expect(reason({ origin: 'null' }, { token: 'never' })).toBe('origin-opaque')
  })

  it('is refused with the token in the query or in a cookie', () => {
    const headers = { 'sec-fetch-site': 'same-origin', cookie: `_csrf=${token}` }
    const verdict = csrf.checkRequest(post(headers, { path: `/transfer?_csrf=${token}` }))
    expect(verdict).toMatchObject({ ok: false, reason: 'token-missing' })
  })

  it('is refused before its body is read', () => {
    const verdict = csrf.checkRequest(post({ origin: 'https://evil.test' }))
    expect(verdict).toMatchObject({ ok: false, mayBeInBody: false })
  })

  it("is refused with a token of the attacker's own session", () => {
    expect(reason({ 'x-csrf-token': csrf.issue(randomBytes(32)) })).toBe('token-mismatch')
  })

  it('is refused by way of a path that only resembles an exempt one', () => {
    const exempting = createCsrf({ exempt: [{ method: 'POST', path: '/hook' }] }, { clock })
    const check = (path: string): boolean =>
      exempting.checkRequest(post({ 'sec-fetch-site': 'cross-site' }, { path })).ok
    expect(check('/hook')).toBe(true)
    expect(['/hook/', '//hook', '/hook/../transfer', '/HOOK', '/hook;x'].filter(check)).toEqual([])
  })
})

describe('tokens of a session', () => {
  const own = { 'sec-fetch-site': 'same-origin' }

  it('are all good at once, whichever tab is used', () => {
    const tabs = [csrf.issue(secret), csrf.issue(secret), csrf.issue(secret)]
    const reasons = tabs.reverse().map(each => reason({ ...own, 'x-csrf-token': each }))
    expect(reasons).toEqual(['pass', 'pass', 'pass'])
  })

  it('are worth nothing once the secret was replaced at sign-in or sign-out', () => {
    const replaced = post({ ...own, 'x-csrf-token': token }, { secret: randomBytes(32) })
    expect(csrf.checkRequest(replaced)).toMatchObject({ ok: false, reason: 'token-mismatch' })
    const signedOut = post({ ...own, 'x-csrf-token': token }, { secret: null })
    expect(csrf.checkRequest(signedOut)).toMatchObject({ ok: false, reason: 'token-mismatch' })
  })

  it('share no part that compression could find (BREACH)', () => {
    const pieces = Array.from({ length: 200 }, () => csrf.issue(secret)).flatMap(each =>
      Array.from({ length: each.length - 11 }, (_, index) => each.slice(index, index + 12)),
    )
    expect(new Set(pieces).size).toBe(pieces.length)
  })
})

describe('signing somebody in unawares', () => {
  const keyring = createKeyring('Zq3vT8xLm1Rk6wYc0Hn5sJd2pGf9uBa7eQiX4oCz', {
    name: 'cookieSecret',
  })
  const cookies = createCookieManager(
    {},
    {
      role: visitorCookie,
      signer: createSigner(keyring, 'cookie'),
      clock,
      onWarning: () => {},
      production: true,
    },
  )

  /** What a page with a form does: reads the cookie, makes a token, writes the cookie if need be. */
  function openPage(cookieHeader: string): { token: string; setCookie: string | null } {
    const made = csrf.issueAnonymous(cookies.read(cookieHeader, client).value)
    const writing = { client, expiresAt: null }
    return {
      token: made.token,
      setCookie: made.isNew ? cookies.write(made.cookieValue, writing) : null,
    }
  }

  function signIn(cookieHeader: string, formToken: string): string {
    const visitorSecret = csrf.anonymousSecret(cookies.read(cookieHeader, client).value)
    const request = post({}, { path: '/login', holder: 'visitor', secret: visitorSecret })
    const verdict = csrf.checkBody(request, { _csrf: formToken })
    return verdict.ok ? 'pass' : verdict.reason
  }

  function pair(setCookie: string | null): string {
    return setCookie?.split('; ', 1)[0] ?? ''
  }

  it('fails without the cookie, and with the token of another visitor', () => {
    const [mine, other] = [openPage(''), openPage('')]
    expect(signIn(pair(mine.setCookie), mine.token)).toBe('pass')
    expect(signIn('', mine.token)).toBe('token-mismatch')
    expect(signIn(pair(mine.setCookie), other.token)).toBe('token-mismatch')
  })

  it('fails with a cookie that the server did not sign', () => {
    const forged = csrf.issueAnonymous(null)
    expect(signIn(`${cookies.name}=${forged.cookieValue}`, forged.token)).toBe('token-mismatch')
  })

  it('uses a cookie that no other host and no script can set', () => {
    expect(openPage('').setCookie).toMatch(/^__Host-Http-.*; Path=\/; Secure; HttpOnly; SameSite=/)
  })

  it('needs one cookie for any number of tabs', () => {
    const first = openPage('')
    const tabs = Array.from({ length: 30 }, () => openPage(pair(first.setCookie)))
    expect(tabs.filter(each => each.setCookie !== null)).toEqual([])
    expect(signIn(pair(first.setCookie), tabs[29]?.token ?? '')).toBe('pass')
    expect(signIn(pair(first.setCookie), first.token)).toBe('pass')
  })

  it.each([
    '',
    'x',
    'x'.repeat(43),
    'no-separator',
    `a.${'b'.repeat(48)}`,
    'y'.repeat(4000),
    'é',
    '%',
  ])('does not shut out somebody whose cookie was spoilt: "%s"', value => {
    const spoilt = `${cookies.name}=${value}`
    const page = openPage(spoilt)
    expect(signIn(spoilt, page.token)).toBe('token-mismatch')
    expect(signIn(pair(page.setCookie), page.token)).toBe('pass')
  })

  it.each<unknown>(['', 'x', 'x'.repeat(102), 'x'.repeat(4096), 'é', null, {}, ['a'], 1])(
    'refuses the token %j without an error',
    formToken => {
      const header = pair(openPage('').setCookie)
      expect(signIn(header, formToken as string)).toMatch(/^token-/)
    },
  )
})
