import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskEmail, parseEmail, parseName } from './email.ts'

describe('parseEmail', () => {
  it.each([
    ['ada@example.org', 'ada@example.org', 'ada@example.org'],
    ['  Ada.Byron+Shop@Example.ORG ', 'Ada.Byron+Shop@example.org', 'ada.byron+shop@example.org'],
    ['cafe\u0301@example.org', 'caf\u00e9@example.org', 'caf\u00e9@example.org'],
    ['ada@bücher.example', 'ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@XN--BCHER-KVA.example', 'ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@ｅxample。org', 'ada@example.org', 'ada@example.org'],
    ['林@example.org', '林@example.org', '林@example.org'],
  ])('reads %j', (typed, email, login) => {
    expect(parseEmail(typed)).toEqual({ email, login })
  })

  it('keeps addresses apart that only look alike', () => {
    // The dotless i becomes an I in upper case, and an i in lower case again: the mailbox of another.
    expect(parseEmail('mıke@example.org')?.login).not.toBe('mike@example.org')
    expect(parseEmail('mike@gıthub.example')?.login).not.toBe('mike@github.example')
  })

  it.each([
    '',
    'ada',
    '@example.org',
    'ada@',
    'ada@localhost',
    'ada@example',
    'ada@192.0.2.1',
    'ada@[192.0.2.1]',
    'ada@example.123',
    'ada@-example.org',
    'ada@exa mple.org',
    'ada byron@example.org',
    '.ada@example.org',
    'ada.@example.org',
    'ad..a@example.org',
    '"ada byron"@example.org',
    'ada@example.org,eve@example.org',
    'ada,eve@example.org',
    'ada<eve@example.org',
    'ada@example.org>',
    'ada;eve@example.org',
    'ada\r\nBcc:eve@example.org',
    'ada\0@example.org',
    'a@b@example.org',
    `${'a'.repeat(65)}@example.org`,
    `a@${'a.'.repeat(130)}org`,
    'x'.repeat(1_000_000),
    null as unknown as string,
    ['ada@example.org'] as unknown as string,
  ])('refuses %j', typed => {
    expect(parseEmail(typed)).toBeNull()
  })

  it('reads what it wrote, to the same effect', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), local => {
        const first = parseEmail(`${local}@Example.org`)
        if (first === null) return
        expect(parseEmail(first.email)).toEqual(first)
        expect(parseEmail(first.login)?.login).toBe(first.login)
        expect(first.login).not.toMatch(/[\s,;<>\0]/)
      }),
    )
  })
})

describe('maskEmail', () => {
  it('shows the first character and the domain', () => {
    expect(maskEmail('ada@example.org')).toBe('a…@example.org')
    expect(maskEmail('𝒶da@example.org')).toBe('𝒶…@example.org')
  })
})

describe('parseName', () => {
  it.each([
    ['', ''],
    ['  Ada \u00a0  Lovelace ', 'Ada Lovelace'],
    ["Anne-Marie O'Neil", "Anne-Marie O'Neil"],
    ['林黛玉 👩🏽‍🚀', '林黛玉 👩🏽‍🚀'],
    ['<img src=x>', '<img src=x>'],
  ])('reads %j', (typed, name) => {
    expect(parseName(typed)).toBe(name)
  })

  it.each([
    'a\nb',
    'a\0b',
    'a\u202eb',
    'a\u2028b',
    '\ud800',
    'x'.repeat(101),
    'x'.repeat(1_000_000),
    null as unknown as string,
  ])('refuses %j', typed => {
    expect(parseName(typed)).toBeNull()
  })
})
