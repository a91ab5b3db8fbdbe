import { describe, expect, it } from 'vitest'
import { resolvePolicy, type SessionOptions } from './policy.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

describe('resolvePolicy', () => {
  it('has safe values for everything', () => {
    expect(resolvePolicy()).toEqual({
      user: { idleMs: hour, absoluteMs: 12 * hour },
      remember: { idleMs: 14 * day, absoluteMs: 30 * day },
      anonymous: { idleMs: hour, absoluteMs: 12 * hour },
      touchEveryMs: 3 * minute,
      graceMs: 10_000,
      limit: { max: 5, over: 'end-oldest' },
      isTicket: false,
      maxBytes: 1_048_576,
    })
  })

  it('takes every setting', () => {
    const policy = resolvePolicy({
      idle: '20m',
      absolute: '8h',
      remember: { idle: '7d', absolute: '90d' },
      anonymous: { idle: '10m', absolute: '1h' },
      touchEvery: '2m',
      grace: 0,
      limit: { max: 3, over: 'refuse' },
      seal: 'ticket',
      maxBytes: 4096,
    })
    expect(policy).toEqual({
      user: { idleMs: 20 * minute, absoluteMs: 8 * hour },
      remember: { idleMs: 7 * day, absoluteMs: 90 * day },
      anonymous: { idleMs: 10 * minute, absoluteMs: hour },
      touchEveryMs: 2 * minute,
      graceMs: 0,
      limit: { max: 3, over: 'refuse' },
      isTicket: true,
      maxBytes: 4096,
    })
  })

  it('gives visitors the times of users, unless told otherwise', () => {
    expect(resolvePolicy({ idle: '30m', absolute: '2h' }).anonymous).toEqual({
      idleMs: 30 * minute,
      absoluteMs: 2 * hour,
    })
  })

  it('notes activity in a twentieth of the idle time', () => {
    expect(resolvePolicy({ idle: '20m' }).touchEveryMs).toBe(minute)
  })

  it('rounds lifetimes up to whole seconds, as records keep them', () => {
    const { user } = resolvePolicy({ idle: '1500ms', absolute: '2001ms' })
    expect(user).toEqual({ idleMs: 2000, absoluteMs: 3000 })
  })

  it('shortens a default that is longer than what was given', () => {
    expect(resolvePolicy({ absolute: '30m' }).user.idleMs).toBe(30 * minute)
    expect(resolvePolicy({ remember: { absolute: '5d' } }).remember.idleMs).toBe(5 * day)
  })

  it('lifts the limit', () => {
    expect(resolvePolicy({ limit: false }).limit).toBeNull()
    expect(resolvePolicy({ limit: {} }).limit).toEqual({ max: 5, over: 'end-oldest' })
  })

  it.each<[SessionOptions, RegExp]>([
    [{ idle: 1800 }, /`session\.idle` is 1800 ms, less than a minute.*`'1800s'`.*`'1800ms'`/],
    [{ absolute: 3600 }, /`session\.absolute` is 3600 ms/],
    [{ idle: '500ms' }, /`session\.idle`.*at least 1000 ms/],
    [{ idle: 0 }, /`session\.idle`/],
    [{ absolute: '401d' }, /`session\.absolute`.*at most/],
    [{ idle: '2h', absolute: '1h' }, /`session\.idle` is longer than `session\.absolute`/],
    [{ remember: { idle: '9d', absolute: '8d' } }, /`session\.remember\.idle` is longer/],
    [{ anonymous: { idle: 'soon' as '1m' } }, /`session\.anonymous\.idle`/],
    [{ touchEvery: '31m' }, /`session\.touchEvery`.*at most 1800000 ms/],
    [{ grace: '61s' }, /`session\.grace`.*at most 60000 ms/],
    [{ limit: { max: 0 } }, /`session\.limit\.max`/],
    [{ limit: { over: 'end-newest' as 'refuse' } }, /`session\.limit\.over`.*end-oldest/],
    [{ seal: 'client' as 'server' }, /`session\.seal`.*server, ticket/],
    [{ maxBytes: 100 }, /`session\.maxBytes`.*from 1024 to 67108864/],
  ])('refuses %j', (options, problem) => {
    expect(() => resolvePolicy(options)).toThrow(problem)
  })

  it.each<[object, string]>([
    [{ timeout: '1h' }, '`session.timeout`'],
    [{ remember: { ttl: '1h' } }, '`session.remember.ttl`'],
    [{ anonymous: { idel: '1h' } }, 'Did you mean `idle`?'],
    [{ limit: { maximum: 3 } }, '`session.limit.maximum`'],
  ])('refuses settings that are none: %j', (options, problem) => {
    expect(() => resolvePolicy(options)).toThrow(problem)
  })
})
