import { describe, expect, it } from 'vitest'
import { createAccountsWorld, password } from '../../../../test/support/accounts.ts'
import { enrol } from '../../../../test/support/second-factors.ts'

const email = 'ada@example.org'
const root = 'root@example.org'

/** Somebody with a second factor, and an administrator. */
async function openWorld(role = 'user') {
  const world = createAccountsWorld()
  const id = await world.addAccount({ email, role })
  const adminId = await world.addAccount({ email: root, role: 'admin' })
  const owner = await world.signIn(email)
  await enrol(world, owner)
  const admin = await world.signIn(root)
  const { accounts } = world
  const reset = (browser = admin) =>
    browser.visit(visit => accounts.resetSecondFactor({ accountId: id }, visit))
  const view = (browser = admin) =>
    browser.visit(visit => accounts.findSecondFactorOf({ accountId: id }, visit))
  return { world, id, adminId, owner, admin, reset, view }
}

describe('resetSecondFactor', () => {
  it('takes it away, ends the sessions, and is told to the owner and the log [ASVS 6.5.6]', async () => {
    const { world, id, adminId, owner, admin, reset, view } = await openWorld()
    expect(await view()).toMatchObject({ ok: true, since: expect.any(Number) })
    expect(await reset()).toEqual({ ok: true })
    expect(await view()).toMatchObject({ ok: true, since: null, recoveryCodesLeft: 0 })
    expect(await owner.user()).toBeNull()
    const removed = world.events.filter(({ type }) => type === 'second_factor_removed')
    const about = { userId: id, actorId: adminId, reason: 'reset', ip: admin.ip }
    expect(removed).toEqual([expect.objectContaining(about)])
    const mail = (await world.mails()).at(-1)
    expect(mail).toMatchObject({ to: email, subject: 'Two-step sign-in at Testshop is off' })
    expect(await reset()).toEqual({ ok: false, reason: 'gone' })
    expect(await world.signIn(email)).toBeDefined()
  })

  it('is for those who may change the account, and proved who they are just now', async () => {
    const { world, owner, reset } = await openWorld()
    expect(await reset(owner)).toEqual({ ok: false, reason: 'forbidden' })
    expect(await reset(world.openBrowser())).toEqual({ ok: false, reason: 'unauthenticated' })
    world.clock.advance(600_001)
    expect(await reset()).toEqual({ ok: false, reason: 'reauthenticate' })
  })

  it('is not for one’s own, which takes a code', async () => {
    const { owner, reset } = await openWorld('admin')
    expect(await reset(owner)).toEqual({ ok: false, reason: 'forbidden' })
  })

  it('shows nothing to those who may not see accounts', async () => {
    const { owner, view } = await openWorld()
    expect(await view(owner)).toEqual({ ok: false, reason: 'forbidden' })
  })

  it('is not done by an administrator who acts in the owner’s place', async () => {
    const { world, id, admin } = await openWorld()
    const begin = { accountId: id, reason: 'A ticket of the help desk' }
    await admin.visit(visit => world.accounts.impersonate(begin, visit))
    const attempts = [
      await admin.visit(visit => world.accounts.startEnrolment({}, visit)),
      await admin.visit(visit => world.accounts.makeRecoveryCodes({ code: '000000' }, visit)),
      await admin.visit(visit => world.accounts.removeSecondFactor({ code: '000000' }, visit)),
    ]
    expect(attempts).toEqual(Array(3).fill({ ok: false, reason: 'impersonating' }))
  })
})

describe('resetSecondFactorAsOperator', () => {
  it('lets the last administrator in who lost everything', async () => {
    const { world, id } = await openWorld('admin')
    const reset = () => world.accounts.resetSecondFactorAsOperator({ login: 'ADA@example.org' })
    expect(await reset()).toMatchObject({ ok: true, account: { id } })
    expect(await reset()).toEqual({ ok: false, reason: 'gone' })
    const nobody = world.accounts.resetSecondFactorAsOperator({ login: 'nobody' })
    expect(await nobody).toEqual({ ok: false, reason: 'gone' })
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'second_factor_removed', actorId: 'operator', userId: id }),
    )
    expect(await world.signIn(email)).toBeDefined()
  })
})

describe('deleting an account', () => {
  it('takes its second factor along', async () => {
    const { world, id, owner, admin } = await openWorld()
    expect(await owner.visit(visit => world.accounts.deleteOwn(visit))).toEqual({ ok: true })
    expect(await world.stores.factors?.find(id)).toBeNull()
    const other = await world.addAccount({ email })
    const browser = world.openBrowser()
    await browser.visit(visit => world.accounts.signIn({ login: email, password }, visit))
    await enrol(world, browser)
    await admin.visit(visit => world.accounts.deleteAccount({ accountId: other }, visit))
    expect(await world.stores.factors?.find(other)).toBeNull()
  })
})
