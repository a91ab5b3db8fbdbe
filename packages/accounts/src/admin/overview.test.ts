import { createCloakroom } from 'cloakroom'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  type Browser,
  createAccountsWorld,
} from '../../../../test/support/accounts.ts'
import { type AdminConsole, createAdminConsole } from './admin.ts'
import { createCensus } from './census.ts'

let world: AccountsWorld
let admin: AdminConsole
let root: Browser

beforeEach(async () => {
  world = createAccountsWorld()
  const { cloakroom: engine, accounts: flows, stores } = world
  admin = createAdminConsole({ engine, flows, accounts: stores.accounts })
  await world.addAccount({ email: 'root@example.org', role: 'admin', name: 'Root' })
  root = await world.signIn('root@example.org')
})

async function look() {
  const result = await root.visit(visit => admin.overview(visit))
  if (!result.ok) throw new Error(result.reason)
  return result
}

describe('overview', () => {
  it('counts sessions, and what happened in the last hour, by the minute', async () => {
    const { login } = { login: 'root@example.org' }
    const stranger = world.openBrowser()
    const guess = () =>
      stranger.visit(visit => world.accounts.signIn({ login, password: 'wrong' }, visit))
    for (let count = 0; count < 6; count += 1) await guess()
    world.clock.advance(5 * 60_000)
    await world.cloakroom.sessions.create(null)
    const { minutes, ...rest } = await look()
    expect(rest).toMatchObject({
      sessions: 2,
      countedAt: world.clock.now(),
      soFar: null,
      totals: { begun: 2, ended: 0, signIns: 1, failures: 6, limits: 1 },
    })
    expect(minutes).toHaveLength(60)
    expect(minutes.at(-1)).toMatchObject({ begun: 1, failures: 0, sessions: 2 })
    expect(minutes.at(-6)).toMatchObject({ begun: 1, failures: 6, limits: 1, sessions: 1 })
    expect(minutes.at(-7)).toMatchObject({ begun: 0, failures: 0, sessions: 0 })
  })

  it('forgets what is older than an hour', async () => {
    world.clock.advance(59 * 60_000)
    expect((await look()).totals.signIns).toBe(1)
    world.clock.advance(30_000)
    await world.cloakroom.sessions.create(null)
    world.clock.advance(60_000 - 1)
    root = await world.signIn('root@example.org')
    expect((await look()).totals.signIns).toBe(1)
  })

  it('stops counting when the console is closed', async () => {
    admin.close()
    await world.cloakroom.sessions.create(null)
    expect((await look()).totals.begun).toBe(1)
  })
})

describe('createCensus', () => {
  it('counts a part with each step, and rests after the last', async () => {
    const cloakroom = createCloakroom({ env: {}, audit: false, clock: world.clock })
    for (let count = 0; count < 25; count += 1) await cloakroom.sessions.create(null)
    let calls = 0
    const office = {
      countPage(cursor: string | null) {
        calls += 1
        world.clock.advance(100)
        return cloakroom.sessions.countPage(cursor, 10)
      },
    }
    const census = createCensus(office, world.clock)
    expect(await census.step()).toEqual({ last: null, soFar: 10 })
    await Promise.all([census.step(), census.step()])
    expect(calls).toBe(2)
    expect(await census.step()).toMatchObject({ last: { total: 25 }, soFar: null })
    await census.step()
    expect(calls).toBe(3)
    world.clock.advance(2000)
    expect(await census.step()).toMatchObject({ last: { total: 25 }, soFar: 10 })
  })
})

describe('keys', () => {
  it('says which key seals, and how many sessions each has sealed', async () => {
    const result = await root.visit(visit => admin.keys(visit))
    expect(result).toMatchObject({ ok: true, keys: [{ state: 'newest', sessions: 1 }] })
  })
})

describe('health', () => {
  it('says where all is kept', async () => {
    const result = await root.visit(visit => admin.health(visit))
    expect(result).toEqual({ ok: true, redis: null, storage: 'memory', listenerFailures: 0 })
  })
})

describe('sectionsOf', () => {
  it('gives what a role may open', () => {
    expect(admin.sectionsOf('user')).toEqual([])
    expect(admin.sectionsOf('moderator')).toEqual(['overview', 'sessions', 'users', 'limits'])
    expect(admin.sectionsOf('admin')).toHaveLength(7)
  })
})
