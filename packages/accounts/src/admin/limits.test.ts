import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  type Browser,
  createAccountsWorld,
  password,
} from '../../../../test/support/accounts.ts'
import type { Visit } from '../account/ports.ts'
import { type AdminConsole, createAdminConsole } from './admin.ts'
import type { BlockInput } from './limits.ts'

let world: AccountsWorld
let admin: AdminConsole
let root: Browser
let helper: Browser

beforeEach(async () => {
  world = createAccountsWorld()
  const { cloakroom: engine, accounts: flows, stores } = world
  admin = createAdminConsole({ engine, flows, accounts: stores.accounts })
  await world.addAccount({ email: 'root@example.org', role: 'admin', name: 'Root' })
  await world.addAccount({ email: 'mo@example.org', role: 'moderator', name: 'Mo' })
  root = await world.signIn('root@example.org')
  helper = await world.signIn('mo@example.org')
})

const signIn = (browser: Browser, password: string) =>
  browser.visit(visit => world.accounts.signIn({ login: 'ada@example.org', password }, visit))

async function list(browser: Browser = root) {
  const result = await browser.visit(visit => admin.listBlocks({}, visit))
  if (!result.ok) throw new Error(result.reason)
  return result.blocks
}

const block = (given: Partial<BlockInput>, browser: Browser = root) => {
  const usual = { rule: 'login_address', subject: '203.0.113.9', durationMs: 60_000 }
  const input = { ...usual, reason: 'A flood of guesses', ...given }
  return browser.visit(visit => admin.block(input, visit))
}

describe('listBlocks', () => {
  it('says who is blocked, why and until when', async () => {
    const stranger = world.openBrowser({ ip: '203.0.113.9' })
    for (let count = 0; count < 5; count += 1) await signIn(stranger, 'wrong')
    const [row, ...others] = await list(helper)
    expect(others).toEqual([])
    expect(row).toMatchObject({
      rule: 'login_pair',
      reason: 'limit',
      endsAt: world.clock.now() + 900_000,
      subject: '203.0.113.9',
    })
  })

  it('is not for users', async () => {
    await world.addAccount()
    const ada = await world.signIn('ada@example.org')
    const look = (visit: Visit) => admin.listBlocks({}, visit)
    expect(await ada.visit(look)).toEqual({ ok: false, reason: 'forbidden' })
  })
})

describe('block', () => {
  it('keeps an address from signing in, until it is lifted', async () => {
    await world.addAccount()
    expect(await block({})).toEqual({ ok: true })
    const stranger = world.openBrowser({ ip: '203.0.113.9' })
    expect(await signIn(stranger, password)).toMatchObject({ ok: false, reason: 'limited' })
    const [row] = await list()
    expect(row).toMatchObject({
      rule: 'login_address',
      reason: 'A flood of guesses',
      subject: '203.0.113.9',
    })
    const actorId = (await root.user())?.id
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'rate_limit_blocked', actorId }),
    )
    if (row === undefined) throw new Error('There is no block.')
    expect(await root.visit(visit => admin.unblock(row, visit))).toEqual({ ok: true })
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'rate_limit_unblocked', actorId }),
    )
    expect(await signIn(stranger, password)).toMatchObject({ ok: true })
    expect(await root.visit(visit => admin.unblock(row, visit))).toMatchObject({ reason: 'gone' })
  })

  it('may be for good', async () => {
    await block({ durationMs: null })
    expect(await list()).toMatchObject([{ endsAt: null }])
  })

  it.each<[string, Partial<BlockInput>]>([
    ['rule', { rule: 'login_pair' }],
    ['rule', { rule: '__proto__' }],
    ['subject', { subject: 'localhost' }],
    ['subject', { rule: 'session_create', subject: 'nobody@example.org' }],
    ['reason', { reason: ' ' }],
    ['reason', { reason: 'limit' }],
    ['duration', { durationMs: -1 }],
    ['duration', { durationMs: Number.NaN }],
  ])('refuses another %s: %j', async (reason, given) => {
    expect(await block(given)).toEqual({ ok: false, reason })
    expect(await list()).toEqual([])
  })

  it.each(['auth_register', 'password_reset', 'session_create', 'account_mail', 'api_call'])(
    'works under %s',
    async rule => {
      const isAddress = rule.startsWith('auth') || rule.startsWith('password')
      const subject = isAddress ? '203.0.113.9' : 'root@example.org'
      expect(await block({ rule, subject })).toEqual({ ok: true })
      expect(await list()).toMatchObject([{ rule }])
    },
  )

  it('is for administrators who have proved who they are', async () => {
    expect(await block({}, helper)).toEqual({ ok: false, reason: 'forbidden' })
    world.clock.advance(11 * 60_000)
    expect(await block({})).toEqual({ ok: false, reason: 'reauthenticate' })
  })
})

describe('findBlocks', () => {
  it('finds what an address is blocked for, of IPv6 what its network is', async () => {
    await block({ subject: '2001:db8::1' })
    await block({ rule: 'auth_register', subject: '2001:db8::2' })
    await block({ subject: '203.0.113.10' })
    const result = await root.visit(visit => admin.findBlocks({ subject: '2001:db8::3' }, visit))
    expect(result).toMatchObject({ blocks: [{ rule: 'login_address' }, { rule: 'auth_register' }] })
  })
})

describe('findBlocks, for somebody who cannot sign in', () => {
  const find = async (subject: string) => {
    const result = await helper.visit(visit => admin.findBlocks({ subject }, visit))
    if (!result.ok) throw new Error(result.reason)
    return result.blocks.map(({ rule }) => rule)
  }

  it('finds the block of their account at an address, by either of them', async () => {
    await world.addAccount()
    const stranger = world.openBrowser({ ip: '203.0.113.9' })
    for (let count = 0; count < 5; count += 1) await signIn(stranger, 'wrong')
    expect(await find('ADA@example.org')).toEqual(['login_pair'])
    expect(await find('203.0.113.9')).toEqual(['login_pair'])
    expect(await find('203.0.113.10')).toEqual([])
    expect(await find('mo@example.org')).toEqual([])
  })
})

describe('unblock', () => {
  it('takes nothing that could name another key', async () => {
    const row = { rule: 'a:b', version: '*', id: '../x' }
    expect(await root.visit(visit => admin.unblock(row, visit))).toMatchObject({ reason: 'gone' })
  })

  it('is for administrators', async () => {
    await block({})
    const [row] = await list()
    if (row === undefined) throw new Error('There is no block.')
    const result = await helper.visit(visit => admin.unblock(row, visit))
    expect(result).toEqual({ ok: false, reason: 'forbidden' })
  })
})
