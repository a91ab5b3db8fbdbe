import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  type Browser,
  createAccountsWorld,
} from '../../../../test/support/accounts.ts'
import type { Visit } from '../account/ports.ts'
import { type AdminConsole, createAdminConsole } from './admin.ts'
import type { SessionQuery } from './session-search.ts'

let world: AccountsWorld
let admin: AdminConsole
let root: Browser
let rootId: string
let helper: Browser

beforeEach(async () => {
  world = createAccountsWorld()
  const { cloakroom: engine, accounts: flows, stores } = world
  admin = createAdminConsole({ engine, flows, accounts: stores.accounts })
  rootId = await world.addAccount({ email: 'root@example.org', role: 'admin', name: 'Root' })
  await world.addAccount({ email: 'mo@example.org', role: 'moderator', name: 'Mo' })
  root = await world.signIn('root@example.org', { ip: '192.0.2.1' })
  helper = await world.signIn('mo@example.org', { ip: '192.0.2.2' })
})

async function search(query: SessionQuery, browser: Browser = root) {
  const result = await browser.visit(visit => admin.searchSessions(query, visit))
  if (!result.ok) throw new Error(result.reason)
  return result
}

async function searchAll(query: SessionQuery): Promise<string[]> {
  const ips: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof search>> = await search({ ...query, cursor })
    ips.push(...page.sessions.map(({ ip }) => ip ?? ''))
    cursor = page.cursor
  } while (cursor !== null)
  return ips.toSorted()
}

describe('searchSessions', () => {
  it('finds sessions by e-mail address, name and id of their users', async () => {
    const id = await world.addAccount()
    await world.signIn('ada@example.org', { ip: '203.0.113.5' })
    await world.signIn('ada@example.org', { ip: '203.0.113.6' })
    for (const user of ['ada@', 'ADA', id]) {
      expect(await searchAll({ user })).toEqual(['203.0.113.5', '203.0.113.6'])
    }
    expect(await searchAll({ user: 'ada', address: '203.0.113.6' })).toEqual(['203.0.113.6'])
    expect(await searchAll({ user: 'nobody' })).toEqual([])
  })

  it('finds sessions of users who have no account here', async () => {
    await world.cloakroom.sessions.create({ id: 'legacy-7' }, { source: { ip: '203.0.113.9' } })
    const { sessions } = await search({ user: 'legacy-7' })
    expect(sessions).toMatchObject([{ ip: '203.0.113.9', userId: 'legacy-7', account: null }])
  })

  it('finds sessions by address, of IPv6 by its network, and by device', async () => {
    const sessions = world.cloakroom.sessions
    await sessions.create(null, { source: { ip: '2001:db8::1', userAgent: 'curl/8.0' } })
    await sessions.create(null, { source: { ip: '2001:db8:0:1::1' } })
    expect(await searchAll({ address: '2001:db8::2' })).toEqual(['2001:db8::1'])
    expect(await searchAll({ device: 'CURL' })).toEqual(['2001:db8::1'])
    expect(await searchAll({ device: 'firefox' })).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  it('does a bounded amount of work for one page, and says where to go on', async () => {
    const { sessions } = world.cloakroom
    for (let count = 0; count < 3000; count += 1) await sessions.create(null)
    await sessions.create(null, { source: { ip: '203.0.113.9' } })
    const first = await search({ address: '203.0.113.9' })
    expect(first.examined).toBeLessThanOrEqual(2200)
    expect(first.cursor).not.toBeNull()
    expect(await searchAll({ address: '203.0.113.9' })).toEqual(['203.0.113.9'])
  })

  it('says whose a session is, which one looks, and which may be ended', async () => {
    await world.addAccount()
    await world.signIn('ada@example.org', { ip: '203.0.113.5' })
    const { sessions } = await search({}, helper)
    const facts = sessions.map(({ account, isCurrent, canEnd }) => [
      account?.name,
      isCurrent,
      canEnd,
    ])
    expect(facts.toSorted()).toEqual([
      ['Ada', false, true],
      ['Mo', true, false],
      ['Root', false, false],
    ])
  })

  it('shows nothing to users, and to nobody who acts as somebody else', async () => {
    const accountId = await world.addAccount()
    const ada = await world.signIn('ada@example.org')
    const look = (visit: Visit) => admin.searchSessions({}, visit)
    expect(await ada.visit(look)).toEqual({ ok: false, reason: 'forbidden' })
    const reason = 'A ticket of the help desk'
    await root.visit(visit => world.accounts.impersonate({ accountId, reason }, visit))
    expect(await root.visit(look)).toEqual({ ok: false, reason: 'impersonating' })
    expect(await world.openBrowser().visit(look)).toEqual({ ok: false, reason: 'unauthenticated' })
  })
})

describe('endSession', () => {
  const end = async (browser: Browser, target: Browser) => {
    const sessionId = (await target.sessionId()) ?? ''
    return browser.visit(visit => admin.endSession({ sessionId }, visit))
  }

  it('ends the session of somebody below', async () => {
    await world.addAccount()
    const ada = await world.signIn('ada@example.org')
    expect(await end(helper, ada)).toEqual({ ok: true })
    expect(world.events.at(-1)).toMatchObject({
      type: 'session_destroyed',
      reason: 'ended-by-admin',
      ip: '192.0.2.2',
    })
    expect(await ada.user()).toBeNull()
  })

  it('ends no session of somebody above, or of an equal', async () => {
    expect(await end(helper, root)).toEqual({ ok: false, reason: 'forbidden' })
    expect(await root.user()).not.toBeNull()
    await world.cloakroom.sessions.create({ id: 'legacy', role: 'admin' })
    const [foreign] = await world.cloakroom.sessions.list('legacy')
    const sessionId = foreign?.id ?? ''
    const result = await helper.visit(visit => admin.endSession({ sessionId }, visit))
    expect(result).toEqual({ ok: false, reason: 'forbidden' })
  })

  it('ends sessions of visitors, and says when there is none', async () => {
    const { session } = await world.cloakroom.sessions.create(null)
    const act = () => helper.visit(visit => admin.endSession({ sessionId: session.id }, visit))
    expect(await act()).toEqual({ ok: true })
    expect(await act()).toEqual({ ok: false, reason: 'gone' })
  })
})

describe('endAddress', () => {
  it('ends all sessions of an address', async () => {
    await world.addAccount()
    const ada = await world.signIn('ada@example.org', { ip: '203.0.113.5' })
    const result = await root.visit(visit => admin.endAddress({ address: ' 203.0.113.5' }, visit))
    expect(result).toEqual({ ok: true })
    expect(world.events.at(-1)).toMatchObject({
      type: 'session_epoch_raised',
      actorId: rootId,
      ip: '192.0.2.1',
    })
    expect(await ada.user()).toBeNull()
    expect(await helper.user()).not.toBeNull()
  })

  it('is for those who may end any session, and have proved who they are', async () => {
    const act = (visit: Visit) => admin.endAddress({ address: '192.0.2.1' }, visit)
    expect(await helper.visit(act)).toEqual({ ok: false, reason: 'forbidden' })
    world.clock.advance(11 * 60_000)
    expect(await root.visit(act)).toEqual({ ok: false, reason: 'reauthenticate' })
  })

  it('refuses the own address, which would end the session that acts', async () => {
    const result = await root.visit(visit => admin.endAddress({ address: '192.0.2.1' }, visit))
    expect(result).toEqual({ ok: false, reason: 'own-address' })
  })

  it('refuses what is no address, which would be that of everybody unknown', async () => {
    const result = await root.visit(visit => admin.endAddress({ address: 'localhost' }, visit))
    expect(result).toEqual({ ok: false, reason: 'address' })
  })
})
