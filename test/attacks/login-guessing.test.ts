import { beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import { addressKey } from '../../packages/cloakroom/src/http/ip.ts'
import {
  createLoginProtection,
  type LoginProtection,
} from '../../packages/cloakroom/src/protection/login-protection.ts'
import { createMemoryCounters } from '../../packages/cloakroom/src/stores/memory/counters.ts'

const minute = 60_000

let clock: ManualClock
let login: LoginProtection

/** Guesses a password that is wrong; false when it was not even looked at. */
async function guess(account: string, ip: string): Promise<boolean> {
  const decision = await login.begin({ account, address: addressKey(ip) })
  await decision.fail()
  return decision.allowed
}

async function guesses(count: number, account: string, ipOf: (attempt: number) => string) {
  let looked = 0
  for (let attempt = 0; attempt < count; attempt += 1) {
    if (await guess(account, ipOf(attempt))) looked += 1
  }
  return looked
}

beforeEach(() => {
  clock = createManualClock()
  const store = createMemoryCounters({ clock })
  login = createLoginProtection({ store, local: store, secret: new Uint8Array(16) })
})

describe('guessing passwords', () => {
  it('does not profit from the many addresses that a client of IPv6 has', async () => {
    const looked = await guesses(20, 'alice', attempt => `2001:db8:1:2::${attempt + 1}`)
    expect(looked).toBe(5)
  })

  it('does not profit from writing one address in many ways', async () => {
    const spellings = [
      '2001:db8:1:2::1',
      '2001:DB8:1:2::1',
      '2001:0db8:0001:0002:0000:0000:0000:0001',
      '2001:db8:1:2:0:0:0:1',
      '2001:db8:1:2::0001',
      '2001:db8:1:2::0.0.0.1',
    ]
    const looked = await guesses(18, 'alice', attempt => spellings[attempt % 6] ?? '')
    expect(looked).toBe(5)
  })

  it('does not profit from writing an IPv4 address as IPv6', async () => {
    const looked = await guesses(20, 'alice', attempt =>
      attempt % 2 === 0 ? '203.0.113.7' : '::ffff:203.0.113.7',
    )
    expect(looked).toBe(5)
    expect(await guess('alice', '::ffff:203.0.113.8')).toBe(true)
  })

  it('does not profit from guessing in parallel', async () => {
    const all = Array.from({ length: 500 }, () => guess('alice', '203.0.113.7'))
    expect((await Promise.all(all)).filter(Boolean)).toHaveLength(5)
  })

  it('does not profit from signing in to an account of its own in between [ASVS 6.3.1]', async () => {
    let looked = 0
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (await guess(`victim-${attempt}`, '203.0.113.7')) looked += 1
      const own = await login.begin({ account: 'mallory', address: '203.0.113.7' })
      await own.succeed()
    }
    expect(looked).toBe(50)
  })

  it('does not profit from going on during the block, nor does it make the block longer', async () => {
    await guesses(5, 'alice', () => '203.0.113.7')
    for (let second = 0; second < 15 * 60 - 1; second += 30) {
      expect(await guess('alice', '203.0.113.7')).toBe(false)
      clock.advance(30_000)
    }
    expect(await guess('alice', '203.0.113.7')).toBe(true)
  })
})

describe('locking somebody else out', () => {
  it('does not work with failures from many addresses', async () => {
    await guesses(500, 'alice', attempt => `198.51.${attempt % 250}.${attempt}`)
    const owner = await login.begin({ account: 'alice', address: '203.0.113.7' })
    expect(owner.allowed).toBe(true)
    expect(owner.slowDownMs).toBeGreaterThan(0)
  })

  it('does not work from the network of the owner, who has signed in there before', async () => {
    await guesses(50, 'alice', () => '203.0.113.7')
    const attempt = { account: 'alice', address: '203.0.113.7', device: 'laptop' }
    expect((await login.begin(attempt)).allowed).toBe(true)
  })

  it('ends by itself', async () => {
    await guesses(50, 'alice', () => '203.0.113.7')
    clock.advance(15 * minute)
    expect(await guess('alice', '203.0.113.7')).toBe(true)
  })
})
