import { describe, expect, it } from 'vitest'
import { createAccountsWorld, otherPassword, password } from '../../../../test/support/accounts.ts'

const email = 'ada@example.org'

describe('reauthenticate', () => {
  it('makes the proof recent again, with a new token [ASVS 7.2.4]', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const browser = await world.signIn(email)
    const first = browser.token
    world.clock.advance(11 * 60_000)
    const before = await browser.visit(visit => world.accounts.endOtherSessions(visit))
    expect(before).toEqual({ ok: false, reason: 'reauthenticate' })
    const proof = await browser.visit(visit => world.accounts.reauthenticate({ password }, visit))
    expect(proof).toEqual({ ok: true })
    expect(browser.token).not.toBe(first)
    expect(await browser.visit(visit => world.accounts.endOtherSessions(visit))).toMatchObject({
      ok: true,
    })
  })

  it('refuses a wrong password, counts it, and refuses visitors', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const browser = await world.signIn(email)
    const guess = () =>
      browser.visit(visit => world.accounts.reauthenticate({ password: otherPassword }, visit))
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await guess()).toEqual({ ok: false, reason: 'wrong' })
    }
    expect(await guess()).toMatchObject({ ok: false, reason: 'limited' })
    const visitor = world.openBrowser()
    expect(
      await visitor.visit(visit => world.accounts.reauthenticate({ password }, visit)),
    ).toEqual({ ok: false, reason: 'unauthenticated' })
  })
})

describe('signing out', () => {
  it('ends the session in the store, not only the cookie', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const browser = await world.signIn(email)
    const { token } = browser
    expect(await browser.visit(visit => world.accounts.signOut(visit))).toEqual({ ok: true })
    expect(browser.token).toBeNull()
    expect(await world.openBrowser({ token }).user()).toBeNull()
  })

  it('does nothing for visitors', async () => {
    const world = createAccountsWorld()
    expect(await world.openBrowser().visit(visit => world.accounts.signOut(visit))).toEqual({
      ok: true,
    })
  })

  it('everywhere ends all sessions of the account and no others', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    await world.addAccount({ email: 'eve@example.org' })
    const browsers = [await world.signIn(email), await world.signIn(email)]
    const other = await world.signIn('eve@example.org')
    await browsers[0]?.visit(visit => world.accounts.signOutEverywhere(visit))
    expect(await Promise.all(browsers.map(browser => browser.user()))).toEqual([null, null])
    expect(await other.user()).not.toBeNull()
  })
})

describe('endSession', () => {
  it('ends one of one’s own sessions, and no one else’s [ASVS 7.5.2, 8.2.2]', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    await world.addAccount({ email: 'eve@example.org' })
    const [mine, phone] = [await world.signIn(email), await world.signIn(email)]
    const other = await world.signIn('eve@example.org')
    const end = async (sessionId: string | null) =>
      mine.visit(visit => world.accounts.endSession({ sessionId: sessionId ?? '' }, visit))
    expect(await end(await other.sessionId())).toEqual({ ok: false, reason: 'gone' })
    expect(await end('nonsense')).toEqual({ ok: false, reason: 'gone' })
    expect(await end(await phone.sessionId())).toEqual({ ok: true })
    expect(await phone.user()).toBeNull()
    expect(await other.user()).not.toBeNull()
    expect(await mine.user()).not.toBeNull()
  })

  it('demands a recent proof [ASVS 7.5.2]', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const browser = await world.signIn(email)
    world.clock.advance(10 * 60_000 + 1)
    const sessionId = (await browser.sessionId()) ?? ''
    const result = await browser.visit(visit => world.accounts.endSession({ sessionId }, visit))
    expect(result).toEqual({ ok: false, reason: 'reauthenticate' })
  })
})
