import { beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createMemoryCounters } from '../stores/memory/counters.ts'
import {
  createLoginProtection,
  type LoginProtection,
  type LoginProtectionOptions,
  normalizeAccount,
} from './login-protection.ts'

const minute = 60_000
const address = '203.0.113.7'

let clock: ManualClock
let events: SecurityEvent[]
let login: LoginProtection

function protectionWith(options: Partial<LoginProtectionOptions> = {}): LoginProtection {
  const store = createMemoryCounters({ clock })
  const sink = { emit: (event: SecurityEvent) => events.push(event) }
  return createLoginProtection({
    store,
    local: store,
    secret: new Uint8Array(16),
    events: sink,
    ...options,
  })
}

async function failTimes(
  times: number,
  attempt: { account: string; address: string; device?: string },
) {
  let blockedForMs = 0
  for (let count = 0; count < times; count += 1) {
    const decision = await login.begin(attempt)
    if (decision.allowed) blockedForMs = await decision.fail()
  }
  return blockedForMs
}

beforeEach(() => {
  clock = createManualClock()
  events = []
  login = protectionWith()
})

describe('createLoginProtection', () => {
  it('blocks an address at an account with the last failure allowed', async () => {
    expect(await failTimes(4, { account: 'alice', address })).toBe(0)
    expect(await failTimes(1, { account: 'alice', address })).toBe(15 * minute)
    const blocked = await login.begin({ account: 'alice', address })
    expect(blocked).toMatchObject({ allowed: false, retryAfterMs: 15 * minute })
    expect(await blocked.fail()).toBe(0)
    await blocked.succeed()
    expect((await login.begin({ account: 'alice', address })).allowed).toBe(false)
  })

  it('says what the block of an account at an address goes by', async () => {
    await failTimes(5, { account: 'Alice', address })
    const key = login.pairKey({ account: 'ALICE ', address })
    expect(await login.limiter.isBlocked('login_pair', key)).toBe(true)
    const elsewhere = login.pairKey({ account: 'alice', address: 'elsewhere' })
    expect(await login.limiter.isBlocked('login_pair', elsewhere)).toBe(false)
  })

  it('blocks longer each time', async () => {
    await failTimes(5, { account: 'alice', address })
    clock.advance(15 * minute)
    expect(await failTimes(5, { account: 'alice', address })).toBe(30 * minute)
  })

  it('counts failures only', async () => {
    for (let count = 0; count < 50; count += 1) {
      await (await login.begin({ account: 'alice', address })).succeed()
    }
    const { outcome } = await login.begin({ account: 'alice', address })
    expect(outcome.results.map(({ limit, remaining }) => limit - remaining)).toEqual([1, 1, 1, 1])
  })

  it('forgets the failures of an account after a success, but not those of the address', async () => {
    await failTimes(3, { account: 'alice', address })
    await failTimes(3, { account: 'bob', address })
    await (await login.begin({ account: 'alice', address })).succeed()
    const { outcome } = await login.begin({ account: 'alice', address })
    const used = outcome.results.map(({ rule, limit, remaining }) => [rule, limit - remaining])
    expect(Object.fromEntries(used)).toEqual({
      login_pair: 1,
      login_account: 1,
      login_address: 7,
      login_all: 7,
    })
  })

  it('slows down at an account that is tried from everywhere, without locking its owner out', async () => {
    for (let host = 0; host < 50; host += 1) {
      await failTimes(1, { account: 'alice', address: `198.51.100.${host}` })
    }
    const owner = await login.begin({ account: 'alice', address })
    expect(owner).toMatchObject({ allowed: true, slowDownMs: 2000, isUnusual: false })
    await owner.succeed()
    expect(await login.begin({ account: 'alice', address })).toMatchObject({ slowDownMs: 0 })
  })

  it('blocks an address that tries many accounts', async () => {
    for (let number = 0; number < 50; number += 1) {
      await failTimes(1, { account: `user-${number}`, address })
    }
    expect(await login.begin({ account: 'alice', address })).toMatchObject({ allowed: false })
    expect(await login.begin({ account: 'alice', address: '192.0.2.1' })).toMatchObject({
      allowed: true,
    })
  })

  it('lets a known device in where strangers are blocked', async () => {
    await failTimes(5, { account: 'alice', address })
    const known = { account: 'alice', address, device: 'laptop' }
    expect((await login.begin({ account: 'alice', address })).allowed).toBe(false)
    expect((await login.begin(known)).allowed).toBe(true)
    await failTimes(5, known)
    expect((await login.begin(known)).allowed).toBe(false)
  })

  it('reports when very many sign-ins fail', async () => {
    login = protectionWith({ rules: { login_all: { limit: 3, window: '5m' } } })
    for (let number = 0; number < 3; number += 1) {
      await failTimes(1, { account: `user-${number}`, address: `198.51.100.${number}` })
    }
    expect(await login.begin({ account: 'alice', address })).toMatchObject({
      allowed: true,
      isUnusual: true,
    })
    expect(events).toMatchObject([{ type: 'rate_limit_exceeded', details: { rule: 'login_all' } }])
  })

  it('never refuses by account or for all, whatever the rules say', async () => {
    const rule = { limit: 1, window: '5m', isShadow: false, block: '1h' } as const
    login = protectionWith({ rules: { login_account: rule, login_all: rule }, slowDown: '5s' })
    await failTimes(1, { account: 'alice', address: '192.0.2.1' })
    expect(await login.begin({ account: 'alice', address })).toMatchObject({
      allowed: true,
      slowDownMs: 5000,
    })
    expect(await login.begin({ account: 'alice', address })).toMatchObject({
      allowed: true,
      slowDownMs: 5000,
      isUnusual: true,
    })
  })

  it('takes all spellings of an account for one', async () => {
    for (const account of ['Alice', ' alice', 'ALICE ', 'alice', 'Alice']) {
      await failTimes(1, { account, address })
    }
    expect((await login.begin({ account: 'aLiCe', address })).allowed).toBe(false)
  })

  it('compares accounts as the application does', async () => {
    login = protectionWith({ normalize: account => account.slice(0, 1) })
    await failTimes(5, { account: 'alice', address })
    expect((await login.begin({ account: 'adam', address })).allowed).toBe(false)
  })

  it('takes having typed nothing for an attempt like any other', async () => {
    await failTimes(5, { account: '', address })
    expect((await login.begin({ account: ' ', address })).allowed).toBe(false)
  })

  it('answers for accounts that do not exist as for those that do', async () => {
    const known = await login.begin({ account: 'alice', address })
    const unknown = await login.begin({ account: 'nobody', address: '192.0.2.1' })
    expect(unknown.outcome).toMatchObject({
      ...known.outcome,
      results: known.outcome.results.map(({ remaining, ...result }) => result),
      commit: expect.any(Function),
      refund: expect.any(Function),
    })
    expect(login.limiter.rules.get('login_pair')?.isPublic).toBe(false)
  })

  it('does not let guesses in parallel pass the limit', async () => {
    const attempts = Array.from({ length: 100 }, () => login.begin({ account: 'alice', address }))
    const decisions = await Promise.all(attempts)
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(5)
  })

  it('reports with the address', async () => {
    const source = { ip: address, userAgent: 'test' }
    for (let count = 0; count < 6; count += 1) {
      await (await login.begin({ account: 'alice', address, source })).fail()
    }
    expect(events).toMatchObject([
      { type: 'rate_limit_blocked', ...source },
      { type: 'rate_limit_exceeded', ...source },
    ])
  })

  it.each([
    ['`login.slowdown` is not a setting. Did you mean `slowDown`', { slowdown: 1 }],
    ['`login.slowDown`', { slowDown: 'soon' }],
    ['`rules.login_pair.limit`', { rules: { login_pair: { limit: -1, window: '5m' } } }],
  ])('says that %s', (message, options) => {
    expect(() => protectionWith(options as Partial<LoginProtectionOptions>)).toThrow(message)
  })
})

describe('normalizeAccount', () => {
  it.each([
    ['Alice@Example.TEST', 'alice@example.test'],
    ['  alice \t', 'alice'],
    ['Zo\u0065\u0301', 'zo\u00e9'],
    ['STRASSE', 'stra\u00dfe'],
    ['\u212aelvin', 'kelvin'],
    ['\u017fam', 'sam'],
  ])('takes %j and %j for one', (left, right) => {
    expect(normalizeAccount(left)).toBe(normalizeAccount(right))
  })

  it('keeps apart what differs by more than case', () => {
    expect(normalizeAccount('alice')).not.toBe(normalizeAccount('al ice'))
    expect(normalizeAccount('zoe')).not.toBe(normalizeAccount('zo\u00e9'))
  })
})
