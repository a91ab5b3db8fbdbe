import { describe, expect, it } from 'vitest'
import { type CsrfRequest, decide } from './csrf-decision.ts'
import { type CsrfOptions, resolveCsrf } from './csrf-options.ts'
import type { CsrfTokenCheck } from './csrf-token.ts'

const good: CsrfTokenCheck = { ok: true, ageMs: 0 }
const missing: CsrfTokenCheck = { ok: false, reason: 'token-missing' }

interface Sent extends Partial<CsrfRequest> {
  readonly site?: string
  readonly origin?: string
}

function reason(options: CsrfOptions, sent: Sent, token: CsrfTokenCheck = missing): string {
  const { site, origin, ...change } = sent
  const headers: Record<string, string | undefined> = { 'sec-fetch-site': site, origin }
  const request: CsrfRequest = {
    method: 'POST',
    path: '/transfer',
    header: name => headers[name],
    ownOrigins: ['https://app.test'],
    holder: 'session',
    secret: null,
    ...change,
  }
  return decide(request, resolveCsrf(options), () => token)?.reason ?? 'pass'
}

describe('decide', () => {
  it.each(['GET', 'HEAD', 'OPTIONS'])('lets %s pass', method => {
    expect(reason({}, { method, site: 'cross-site' })).toBe('pass')
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'get', 'PROPFIND', ''])(
    'checks %s',
    method => {
      expect(reason({}, { method, site: 'cross-site' }, good)).toBe('cross-site')
      expect(reason({}, { method, site: 'same-origin' })).toBe('token-missing')
    },
  )

  it('does not let a good token outweigh a foreign page', () => {
    expect(reason({}, { origin: 'https://evil.test' }, good)).toBe('origin-mismatch')
    expect(reason({}, { site: 'same-site' }, good)).toBe('same-site')
  })

  it.each<[Sent]>([
    [{ site: 'same-origin' }],
    [{ origin: 'https://app.test' }],
    [{ origin: 'null' }],
    [{}],
  ])('asks for the token with %j', sent => {
    expect(reason({}, sent)).toBe('token-missing')
    expect(reason({}, sent, good)).toBe('pass')
  })

  it('with `unproven`, asks for the token only when the headers prove nothing', () => {
    const options: CsrfOptions = { token: 'unproven', trustedOrigins: ['https://partner.test'] }
    expect(reason(options, { site: 'same-origin' })).toBe('pass')
    expect(reason(options, { origin: 'https://app.test' })).toBe('pass')
    expect(reason(options, { origin: 'https://partner.test' })).toBe('pass')
    expect(reason(options, {})).toBe('token-missing')
    expect(reason(options, { origin: 'null' })).toBe('token-missing')
    expect(reason(options, { origin: 'null' }, good)).toBe('pass')
  })

  it('with `never`, lets pass what no browser sent, but no hidden origin', () => {
    const options: CsrfOptions = { token: 'never' }
    expect(reason(options, {})).toBe('pass')
    expect(reason(options, { site: 'same-origin' })).toBe('pass')
    expect(reason(options, { origin: 'null' })).toBe('origin-opaque')
    expect(reason(options, { site: 'same-origin', origin: 'null' })).toBe('pass')
    expect(reason(options, { site: 'cross-site' })).toBe('cross-site')
  })

  it('asks of visitors what `visitorToken` says', () => {
    const options: CsrfOptions = { visitorToken: 'unproven' }
    expect(reason(options, { site: 'same-origin', holder: 'visitor' })).toBe('pass')
    expect(reason(options, { site: 'same-origin', holder: 'session' })).toBe('token-missing')
  })

  it('exempts exactly the method and path', () => {
    const options: CsrfOptions = { exempt: [{ method: 'POST', path: '/hook' }] }
    const at = (path: string, method = 'POST'): string =>
      reason(options, { path, method, site: 'cross-site' })
    expect(at('/hook')).toBe('pass')
    expect(at('/hook?x=1')).toBe('pass')
    const others = ['/hook/', '/Hook', '/hook/x', '//hook', '/a/../hook', '/hook%2f', '/hook#']
    expect(new Set(others.map(path => at(path)))).toEqual(new Set(['cross-site']))
    expect(at('/hook', 'PUT')).toBe('cross-site')
  })
})
