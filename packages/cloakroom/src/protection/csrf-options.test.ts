import { describe, expect, it } from 'vitest'
import { type CsrfOptions, resolveCsrf } from './csrf-options.ts'

describe('resolveCsrf', () => {
  it('asks for a token good for half an hour: always of users, of visitors where headers prove nothing', () => {
    expect(resolveCsrf({})).toEqual({
      timeoutMs: 1_800_000,
      demands: { session: 'always', visitor: 'unproven' },
      headerName: 'x-csrf-token',
      fieldName: '_csrf',
      trustedOrigins: [],
      allowSameSite: false,
      exempt: new Set(),
      reportOnly: false,
    })
  })

  it('takes every setting', () => {
    expect(
      resolveCsrf({
        timeout: '1h',
        token: 'unproven',
        visitorToken: 'never',
        headerName: 'X-XSRF-Token',
        fieldName: 'csrf',
        trustedOrigins: ['https://admin.example.test'],
        allowSameSite: true,
        exempt: [{ method: 'POST', path: '/hooks/mail' }],
        reportOnly: true,
      }),
    ).toEqual({
      timeoutMs: 3_600_000,
      demands: { session: 'unproven', visitor: 'never' },
      headerName: 'x-xsrf-token',
      fieldName: 'csrf',
      trustedOrigins: ['https://admin.example.test'],
      allowSameSite: true,
      exempt: new Set(['POST /hooks/mail']),
      reportOnly: true,
    })
  })

  it.each<[unknown, string]>([
    [{ tokenName: 'x' }, '`csrf.tokenName` is not a setting'],
    [{ timeout: 1 }, '`csrf.timeout`'],
    [{ token: 'sometimes' }, '`csrf.token`'],
    [{ visitorToken: false }, '`csrf.visitorToken`'],
    [{ headerName: 'Cookie' }, '`csrf.headerName`'],
    [{ headerName: 'x: y' }, '`csrf.headerName`'],
    [{ fieldName: '' }, '`csrf.fieldName`'],
    [{ trustedOrigins: ['https://*.example.test'] }, '`csrf.trustedOrigins`'],
    [{ exempt: [{ method: 'post', path: '/a' }] }, '`csrf.exempt`'],
    [{ exempt: [{ method: 'POST', path: 'a' }] }, '`csrf.exempt`'],
    [{ exempt: [{ method: 'POST', path: '/a?b' }] }, '`csrf.exempt`'],
    [{ exempt: [{ path: '/a' }] }, '`csrf.exempt`'],
  ])('refuses %j', (options, message) => {
    expect(() => resolveCsrf(options as CsrfOptions)).toThrow(message)
  })
})
