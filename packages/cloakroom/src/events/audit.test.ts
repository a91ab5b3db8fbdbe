import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createAuditLog } from './audit.ts'
import type { DatedEvent } from './event.ts'

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const full: DatedEvent = {
  type: 'auth_failure',
  at,
  userId: 'u-1',
  ip: '192.0.2.7',
  userAgent: 'Mozilla/5.0',
  sessionId: 's-1',
  reason: 'password',
  details: { rule: 'auth_login', count: 3, blocked: true },
}

function write(event: DatedEvent): string {
  const lines: string[] = []
  createAuditLog({ destination: { write: line => lines.push(line) } })(event)
  return lines.join('')
}

const read = (event: DatedEvent): Record<string, unknown> => JSON.parse(write(event))

describe('createAuditLog', () => {
  it('writes one line of JSON with its fields in a fixed order', () => {
    expect(write(full)).toBe(
      '{"event_type":"auth_failure","user_id":"u-1","ip_address":"192.0.2.7",' +
        '"user_agent":"Mozilla/5.0","session_id":"s-1","timestamp":"2026-01-02T03:04:05.678Z",' +
        '"reason":"password","details":{"rule":"auth_login","count":3,"blocked":true}}\n',
    )
  })

  it('writes null for what is unknown and leaves out what does not apply', () => {
    expect(write({ type: 'session_expired', at })).toBe(
      '{"event_type":"session_expired","user_id":null,"ip_address":null,"user_agent":null,' +
        '"session_id":null,"timestamp":"2026-01-02T03:04:05.678Z"}\n',
    )
  })

  it('says who did it where that is not the user', () => {
    expect(read({ ...full, actorId: 'a-1' })).toMatchObject({ user_id: 'u-1', actor_id: 'a-1' })
  })

  it('writes nothing that is not part of an event', () => {
    expect(write({ ...full, token: 'secret-token' } as DatedEvent)).not.toContain('secret-token')
  })

  it('hands the same fields to a logger of your own', () => {
    const lines: string[] = []
    const logger = pino({ name: 'shop' }, { write: line => lines.push(line) })
    createAuditLog({ logger })(full)
    expect(JSON.parse(lines.join(''))).toMatchObject({ name: 'shop', level: 30, ...read(full) })
  })

  it('writes to standard output unless told otherwise', () => {
    expect(createAuditLog()).toBeTypeOf('function')
  })

  it('refuses a setting that it does not have', () => {
    const options = { logger: undefined, logfile: 'audit.log' }
    expect(() => createAuditLog(options)).toThrow(/`audit.logfile` is not a setting/)
  })
})

describe('a line of the audit log', () => {
  it('cannot be broken or made to steer a terminal by anything a client sends', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    fc.assert(
      fc.property(text, text, text, (userId, userAgent, reason) => {
        const line = write({ ...full, userId, userAgent, reason, details: { userId } })
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
        expect(Object.keys(JSON.parse(line))).toHaveLength(8)
      }),
    )
  })

  it.each([
    ['a line break', '\n', '\\u000a'],
    ['a carriage return', '\r', '\\u000d'],
    ['an escape sequence', '\u001b[31m', '\\u001b[31m'],
    ['an 8-bit control sequence', '\u009b', '\\u009b'],
    ['delete', '\u007f', '\\u007f'],
    ['a null byte', '\0', '\\u0000'],
    ['a line separator', '\u2028', '\\u2028'],
    ['a reversed direction', '\u202e', '\\u202e'],
  ])('shows %s instead of doing it', (_, raw, shown) => {
    expect(read({ ...full, userAgent: `a${raw}b` })['user_agent']).toBe(`a${shown}b`)
  })

  it('keeps text of any language as it is', () => {
    expect(read({ ...full, userId: 'Žofie 林 🧥 "x" \\' })['user_id']).toBe('Žofie 林 🧥 "x" \\')
  })

  it('cuts a user agent at 512 characters, and never through one', () => {
    expect(read({ ...full, userAgent: 'x'.repeat(9000) })['user_agent']).toBe('x'.repeat(512))
    const userAgent = `${'x'.repeat(511)}🧥`
    expect(read({ ...full, userAgent })['user_agent']).toBe('x'.repeat(511))
  })

  it('cuts other texts as well', () => {
    const line = read({ ...full, userId: 'u'.repeat(600), details: { path: '/'.repeat(600) } })
    expect(line['user_id']).toHaveLength(512)
    expect(line['details']).toEqual({ path: '/'.repeat(512) })
  })
})
