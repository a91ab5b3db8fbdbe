import { describe, expect, it } from 'vitest'
import { createCloakroom } from '../app/cloakroom.ts'
import type { CloakroomOptions } from '../app/options.ts'
import type { SecurityEvent } from '../events/event.ts'
import { checkPassword } from './password-check.ts'

const source = { ip: '203.0.113.7', userAgent: 'Test' }
const alice = { id: 'alice-id' }

function setUp(options: CloakroomOptions = {}) {
  const cloakroom = createCloakroom({ audit: false, env: {}, ...options })
  const events: SecurityEvent[] = []
  cloakroom.events.on(event => events.push(event))
  let checks = 0
  const attempt = (account: string, user: typeof alice | null, ip = source.ip) =>
    checkPassword(cloakroom, {
      account,
      source: { ...source, ip },
      device: { idFor: () => undefined, note: () => undefined },
      check: async () => {
        checks += 1
        return user
      },
    })
  return { events, attempt, checkCount: () => checks }
}

describe('checkPassword', () => {
  it('gives what the check gives, and says what happened', async () => {
    const { attempt, events } = setUp()
    expect(await attempt('alice', null)).toBeNull()
    expect(await attempt('alice', alice)).toBe(alice)
    expect(events).toMatchObject([
      { type: 'auth_failure', ip: source.ip, reason: 'password' },
      { type: 'auth_success', ip: source.ip, userId: 'alice-id' },
    ])
  })

  it('refuses the right password, unchecked, after five wrong ones', async () => {
    const { attempt, checkCount } = setUp()
    for (let count = 0; count < 5; count += 1) await attempt('alice', null)
    await expect(attempt(' ALICE ', alice)).rejects.toMatchObject({
      code: 'ERR_RATE_LIMITED',
      status: 429,
      headers: { 'Retry-After': '900' },
    })
    expect(checkCount()).toBe(5)
  })

  it('lets the owner in from elsewhere meanwhile', async () => {
    const { attempt } = setUp()
    for (let count = 0; count < 5; count += 1) await attempt('alice', null)
    expect(await attempt('alice', alice, '198.51.100.1')).toBe(alice)
  })

  it('counts failures only', async () => {
    const { attempt } = setUp()
    for (let count = 0; count < 10; count += 1) await attempt('alice', alice)
    expect(await attempt('alice', alice)).toBe(alice)
  })

  it('answers later while an account is under attack', async () => {
    const rules = { login_account: { limit: 1, window: '1h' } } as const
    const { attempt } = setUp({ login: { rules, slowDown: '40ms' } })
    await attempt('alice', null)
    const startedAt = performance.now()
    await attempt('alice', alice)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(39)
  })
})
