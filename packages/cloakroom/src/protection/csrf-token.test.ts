import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../core/bytes.ts'
import { randomBytes } from '../core/random.ts'
import { type CsrfTokenExpectation, issueToken, verifyToken } from './csrf-token.ts'

const now = Date.UTC(2026, 0, 1)
const secret = randomBytes(32)
const expected: CsrfTokenExpectation = { secret, holder: 'session', now, timeoutMs: 1000 }

function reasonFor(token: unknown, change: Partial<CsrfTokenExpectation> = {}): string {
  const check = verifyToken(token, { ...expected, ...change })
  return check.ok ? 'ok' : check.reason
}

describe('issueToken', () => {
  it('gives a different text each time, all of them good', () => {
    const tokens = Array.from({ length: 50 }, () => issueToken(secret, 'session', now))
    expect(new Set(tokens).size).toBe(50)
    expect(tokens.filter(token => reasonFor(token) !== 'ok')).toEqual([])
  })

  it('shows the time of its making nowhere in the token', () => {
    const bytes = [1, 2].map(() => fromBase64Url(issueToken(secret, 'session', now)))
    const [first, second] = bytes.map(each => each?.slice(38, 44).toString())
    expect(first).not.toBe(second)
  })
})

describe('verifyToken', () => {
  it('tells the age', () => {
    const token = issueToken(secret, 'session', now - 10)
    expect(verifyToken(token, expected)).toEqual({ ok: true, ageMs: 10 })
  })

  it('refuses a token at the end of its life, and not before', () => {
    const token = issueToken(secret, 'session', now)
    expect(reasonFor(token, { now: now + 999 })).toBe('ok')
    expect(reasonFor(token, { now: now + 1000 })).toBe('token-expired')
  })

  it('bears with a clock that is a quarter of an hour ahead', () => {
    expect(reasonFor(issueToken(secret, 'session', now + 900_000))).toBe('ok')
    expect(reasonFor(issueToken(secret, 'session', now + 900_001))).toBe('token-expired')
  })

  it('refuses the token of another secret or another kind of holder', () => {
    const token = issueToken(secret, 'session', now)
    expect(reasonFor(token, { secret: randomBytes(32) })).toBe('token-mismatch')
    expect(reasonFor(token, { holder: 'visitor' })).toBe('token-mismatch')
  })

  it.each([null, new Uint8Array(), new Uint8Array(31)])('accepts nothing for secret %o', weak => {
    const token = issueToken(weak ?? new Uint8Array(), 'session', now)
    expect(reasonFor(token, { secret: weak })).toBe('token-mismatch')
  })

  it.each([undefined, null, ''])('calls %o missing', token => {
    expect(reasonFor(token)).toBe('token-missing')
  })

  it.each<unknown>([
    'x',
    'x'.repeat(102).replace(/x$/, '+'),
    'é'.repeat(102),
    '\u0000'.repeat(102),
    'x'.repeat(4096),
    7,
    true,
    {},
    [],
    ['a', 'b'],
    { toString: null },
    Symbol('token'),
  ])('calls %o malformed', token => {
    expect(reasonFor(token)).toBe('token-malformed')
  })

  it('notices every changed bit', () => {
    const bytes = fromBase64Url(issueToken(secret, 'session', now)) ?? new Uint8Array()
    const accepted = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const changed = Uint8Array.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return reasonFor(toBase64Url(changed), { timeoutMs: Number.MAX_SAFE_INTEGER })
    })
    expect(new Set(accepted)).toEqual(new Set(['token-mismatch']))
  })

  it('never throws and never accepts what it did not make', () => {
    fc.assert(
      fc.property(fc.anything(), token => {
        expect(verifyToken(token, expected).ok).toBe(false)
      }),
    )
  })
})
