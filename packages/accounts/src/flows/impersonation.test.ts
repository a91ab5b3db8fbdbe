import type { Session } from 'cloakroom'
import { describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  type Browser,
  createAccountsWorld,
  otherPassword,
  password,
} from '../../../../test/support/accounts.ts'

const reason = 'Ticket 4711: cannot see the cart'

async function openWorld() {
  const world = createAccountsWorld()
  const ids = {
    admin: await world.addAccount({ email: 'admin@example.org', role: 'admin' }),
    user: await world.addAccount({ email: 'user@example.org' }),
  }
  const admin = await world.signIn('admin@example.org')
  return { world, ids, admin }
}

const impersonate = (world: AccountsWorld, browser: Browser, accountId: string, why = reason) =>
  browser.visit(visit => world.accounts.impersonate({ accountId, reason: why }, visit))

const find = (world: AccountsWorld, browser: Browser) =>
  browser.visit(visit => world.accounts.findImpersonation(visit))

describe('impersonate', () => {
  it('gives the administrator a session of the user, for half an hour', async () => {
    const { world, ids, admin } = await openWorld()
    const own = admin.token
    const startedAt = world.clock.now()
    const endsAt = startedAt + 30 * 60_000
    expect(await impersonate(world, admin, ids.user)).toMatchObject({
      ok: true,
      account: { id: ids.user },
      endsAt,
    })
    expect(await admin.user()).toMatchObject({ id: ids.user, role: 'user' })
    expect(admin.token).not.toBe(own)
    const parties = { actorId: ids.admin, accountId: ids.user }
    const sessionId = await admin.sessionId()
    expect(await find(world, admin)).toEqual({ sessionId, ...parties, reason, startedAt, endsAt })
    expect(world.events.find(({ type }) => type === 'impersonation_started')).toMatchObject({
      userId: ids.user,
      actorId: ids.admin,
      sessionId,
      reason,
      ip: admin.ip,
    })
  })

  it('leaves the user’s own sessions alone', async () => {
    const { world, ids, admin } = await openWorld()
    const user = await world.signIn('user@example.org')
    await impersonate(world, admin, ids.user)
    expect(await user.user()).toMatchObject({ id: ids.user })
    expect(await find(world, user)).toBeNull()
  })

  it('demands a reason', async () => {
    const { world, ids, admin } = await openWorld()
    for (const why of ['', 'too short', '          ', 7 as unknown as string]) {
      expect(await impersonate(world, admin, ids.user, why)).toEqual({
        ok: false,
        reason: 'reason',
      })
    }
  })

  it('is not possible with administrators, oneself, disabled accounts and none', async () => {
    const { world, ids, admin } = await openWorld()
    const other = await world.addAccount({ email: 'other@example.org', role: 'admin' })
    await world.stores.accounts.update({ id: ids.user, version: 1 }, { status: 'disabled' })
    for (const id of [other, ids.admin, ids.user]) {
      expect(await impersonate(world, admin, id)).toEqual({ ok: false, reason: 'forbidden' })
    }
    expect(await impersonate(world, admin, 'nobody')).toEqual({ ok: false, reason: 'gone' })
    expect(await admin.user()).toMatchObject({ id: ids.admin })
  })

  it('is not possible within another one', async () => {
    const permissions = { user: ['accounts:impersonate'] as const }
    const world = createAccountsWorld({ permissions })
    await world.addAccount({ email: 'admin@example.org', role: 'admin' })
    const user = await world.addAccount({ email: 'user@example.org' })
    const guest = await world.addAccount({ email: 'guest@example.org', role: 'guest' })
    const admin = await world.signIn('admin@example.org')
    expect(await impersonate(world, admin, user)).toMatchObject({ ok: true })
    expect(await impersonate(world, admin, guest)).toEqual({ ok: false, reason: 'impersonating' })
  })

  it('allows nothing that only the owner may do', async () => {
    const { world, ids, admin } = await openWorld()
    await impersonate(world, admin, ids.user)
    const { accounts } = world
    const results = await admin.visit(async visit => [
      await accounts.changePassword({ current: password, password: otherPassword }, visit),
      await accounts.changeEmail({ email: 'new@example.org' }, visit),
      await accounts.changeName({ name: 'Other' }, visit),
      await accounts.deleteOwn(visit),
      await accounts.signOutEverywhere(visit),
      await accounts.endOtherSessions(visit),
      await accounts.endSession({ sessionId: 'x' }, visit),
      await accounts.reauthenticate({ password }, visit),
      await accounts.confirmEmail({ token: 'x' }, visit),
      await accounts.listAccounts({}, visit),
    ])
    expect(results).toEqual(Array(10).fill({ ok: false, reason: 'impersonating' }))
    expect(await world.mails()).toEqual([])
    const denied = world.events.filter(({ type }) => type === 'access_denied')
    expect(denied).toHaveLength(10)
    expect(denied[0]).toMatchObject({ userId: ids.user, actorId: ids.admin })
    expect(await admin.visit(visit => accounts.findOwn(visit))).toMatchObject({ id: ids.user })
  })

  it('shows its actor to the application, and names both in every event', async () => {
    const { world, ids, admin } = await openWorld()
    await impersonate(world, admin, ids.user)
    const before = world.events.length
    expect(await admin.user()).toMatchObject({ id: ids.user, actor: { id: ids.admin } })
    await admin.visit(({ session }) => (session as unknown as Session).rotate())
    await admin.visit(visit => world.accounts.changeName({ name: 'Other' }, visit))
    await admin.visit(visit => world.accounts.signOut(visit))
    const events = world.events.slice(before)
    expect(events.map(({ type }) => type)).toEqual([
      'session_rotated',
      'access_denied',
      'impersonation_stopped',
      'session_destroyed',
    ])
    for (const event of events) {
      expect(event).toMatchObject({ userId: ids.user, actorId: ids.admin })
    }
  })

  it('counts as never proven, for every guard', async () => {
    const { world, ids, admin } = await openWorld()
    await impersonate(world, admin, ids.user)
    expect(await admin.visit(async ({ session }) => session.info?.methods)).toEqual({})
  })

  it('takes over nothing from the session of the administrator', async () => {
    const { world, ids, admin } = await openWorld()
    await admin.visit(async ({ session }) => {
      Object.assign((session as unknown as { data: object }).data, { secret: 'of the admin' })
    })
    await impersonate(world, admin, ids.user)
    const data = await admin.visit(
      async ({ session }) => (session as unknown as { data: object }).data,
    )
    expect(data).toEqual({})
  })

  it('is undone when the administrator lost their rights at that moment', async () => {
    const { world, ids, admin } = await openWorld()
    await world.addAccount({ email: 'other@example.org', role: 'admin' })
    const { accounts, impersonations } = world.stores
    const { add } = impersonations
    Object.assign(impersonations, {
      async add(impersonation: Parameters<typeof add>[0]) {
        await accounts.update({ id: ids.admin, version: 1 }, { role: 'user' })
        await add(impersonation)
      },
    })
    expect(await impersonate(world, admin, ids.user)).toEqual({ ok: false, reason: 'forbidden' })
    expect(admin.token).toBeNull()
  })

  it('gives no session when it cannot be noted', async () => {
    const { world, ids, admin } = await openWorld()
    Object.assign(world.stores.impersonations, { add: () => Promise.reject(new Error('down')) })
    await expect(impersonate(world, admin, ids.user)).rejects.toThrow('down')
    expect(await admin.user()).toBeNull()
  })
})

describe('the end of an impersonation', () => {
  it('takes the administrator back by one click, to prove who they are before anything sensitive', async () => {
    const { world, ids, admin } = await openWorld()
    await impersonate(world, admin, ids.user)
    const result = await admin.visit(visit => world.accounts.stopImpersonation(visit))
    expect(result).toMatchObject({ ok: true, account: { id: ids.admin } })
    expect(await admin.user()).toMatchObject({ id: ids.admin, role: 'admin' })
    expect(await find(world, admin)).toBeNull()
    expect(await impersonate(world, admin, ids.user)).toEqual({
      ok: false,
      reason: 'reauthenticate',
    })
    expect(world.events.find(({ type }) => type === 'impersonation_stopped')).toMatchObject({
      userId: ids.user,
      actorId: ids.admin,
      reason: 'stopped',
    })
  })

  it('is nothing for those who do not impersonate', async () => {
    const { world, ids, admin } = await openWorld()
    expect(await admin.visit(visit => world.accounts.stopImpersonation(visit))).toEqual({
      ok: false,
      reason: 'gone',
    })
    expect(await admin.user()).toMatchObject({ id: ids.admin })
    expect(await find(world, world.openBrowser())).toBeNull()
  })

  it('comes by itself when the time is over', async () => {
    const { world, ids, admin } = await openWorld()
    await impersonate(world, admin, ids.user)
    const sessionId = (await admin.sessionId()) ?? ''
    world.clock.advance(30 * 60_000 - 1)
    expect(await admin.user()).toMatchObject({ id: ids.user })
    world.clock.advance(1)
    expect(await admin.user()).toBeNull()
    expect(await find(world, admin)).toBeNull()
    await expect
      .poll(() => world.events.find(({ type }) => type === 'impersonation_stopped'))
      .toMatchObject({ reason: 'expired', userId: ids.user, actorId: ids.admin, sessionId })
    expect(await world.stores.impersonations.find(sessionId)).toBeNull()
  })

  it('comes with signing out', async () => {
    const { world, ids, admin } = await openWorld()
    await impersonate(world, admin, ids.user)
    const sessionId = (await admin.sessionId()) ?? ''
    await admin.visit(visit => world.accounts.signOut(visit))
    expect(await admin.user()).toBeNull()
    expect(await world.stores.impersonations.find(sessionId)).toBeNull()
  })

  it('comes with signing in as somebody else', async () => {
    const { world, ids, admin } = await openWorld()
    await impersonate(world, admin, ids.user)
    const sessionId = (await admin.sessionId()) ?? ''
    const login = 'user@example.org'
    await admin.visit(visit => world.accounts.signIn({ login, password }, visit))
    expect(await find(world, admin)).toBeNull()
    expect(await world.stores.impersonations.find(sessionId)).toBeNull()
  })

  it.each(['actor', 'user'] as const)('comes when the %s is disabled', async who => {
    const { world, ids, admin } = await openWorld()
    await world.addAccount({ email: 'other@example.org', role: 'admin' })
    const other = await world.signIn('other@example.org')
    await impersonate(world, admin, ids.user)
    const accountId = who === 'actor' ? ids.admin : ids.user
    await other.visit(visit => world.accounts.setStatus({ accountId, status: 'disabled' }, visit))
    expect(await admin.user()).toBeNull()
    expect(world.events.find(({ type }) => type === 'impersonation_stopped')).toMatchObject({
      userId: ids.user,
      actorId: ids.admin,
      reason: 'disabled',
    })
  })

  it('leads nowhere when the administrator’s account is gone', async () => {
    const { world, ids, admin } = await openWorld()
    await world.addAccount({ email: 'other@example.org', role: 'admin' })
    await impersonate(world, admin, ids.user)
    await world.stores.accounts.delete(ids.admin)
    expect(await admin.visit(visit => world.accounts.stopImpersonation(visit))).toEqual({
      ok: false,
      reason: 'gone',
    })
    expect(admin.token).toBeNull()
  })
})
