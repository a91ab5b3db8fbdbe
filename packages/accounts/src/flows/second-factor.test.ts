import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  type Browser,
  createAccountsWorld,
  otherPassword,
  password,
  tokenOf,
} from '../../../../test/support/accounts.ts'
import { codeAt, enrol, type TestFactor } from '../../../../test/support/second-factors.ts'
import type { FactorStore } from '../account/factor-store.ts'
import { createMemoryFactors } from '../memory/factors.ts'
import { openEmbedded } from '../sql/embedded.ts'
import { createSqlStores } from '../sql/stores.ts'
import type { Database } from '../sql/tables.ts'
import type { AccountStores } from './accounts.ts'

const email = 'ada@example.org'

interface Ground {
  readonly world: AccountsWorld
  readonly id: string
  readonly factor: TestFactor
  /** Where the second factor was set up, signed in. */
  readonly home: Browser
  code(): string
}

/** An account with a second factor. */
async function openGround(stores?: AccountStores): Promise<Ground> {
  const world = createAccountsWorld(stores && { stores })
  const id = await world.addAccount({ email })
  const home = await world.signIn(email)
  const factor = await enrol(world, home)
  return { world, id, factor, home, code: () => codeAt(factor.secret, world.clock.now()) }
}

const signIn = ({ world }: Ground, browser: Browser, remember = false) =>
  browser.visit(visit => world.accounts.signIn({ login: email, password, remember }, visit))

const confirm = ({ world }: Ground, browser: Browser, code: string) =>
  browser.visit(visit => world.accounts.confirmSignIn({ code }, visit))

const reasonOf = (result: { ok: boolean; reason?: string }) => result.reason ?? 'ok'

describe('signIn with a second factor', () => {
  it('signs nobody in by the password alone [ASVS 6.3.3]', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    expect(await signIn(ground, browser)).toEqual({ ok: false, reason: 'second-factor' })
    expect(await browser.user()).toBeNull()
    expect(await browser.visit(visit => ground.world.accounts.findOwn(visit))).toBeNull()
    expect(await browser.visit(visit => ground.world.accounts.findSignInStep(visit))).toBe(
      'second-factor',
    )
  })

  it('signs in by password and code, and the session knows both [ASVS 6.3.3]', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await signIn(ground, browser, true)
    expect(await confirm(ground, browser, ground.code())).toMatchObject({
      ok: true,
      account: { id: ground.id },
    })
    expect(await browser.user()).toMatchObject({ id: ground.id })
    const info = await browser.visit(async ({ session }) => session.info)
    expect(Object.keys(info?.methods ?? {}).sort()).toEqual(['mfa', 'otp', 'pwd'])
    expect(info).toMatchObject({ isPersistent: true })
  })

  it('signs nobody in by the password while its owner sets a second factor up', async () => {
    const factors = createMemoryFactors()
    let meanwhile: (() => Promise<unknown>) | null = null
    const find: FactorStore['find'] = async id => {
      const found = await factors.find(id)
      const act = meanwhile
      meanwhile = null
      await act?.()
      return found
    }
    const { stores } = createAccountsWorld()
    const world = createAccountsWorld({ stores: { ...stores, factors: { ...factors, find } } })
    await world.addAccount({ email })
    const [home, thief] = [await world.signIn(email), world.openBrowser()]
    meanwhile = () => enrol(world, home)
    const result = await thief.visit(visit =>
      world.accounts.signIn({ login: email, password }, visit),
    )
    expect(result).toEqual({ ok: false, reason: 'wrong' })
    expect(await thief.user()).toBeNull()
    expect(await home.user()).not.toBeNull()
  })

  it('tells of the second step nobody who lacks the password', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    const result = await browser.visit(visit =>
      ground.world.accounts.signIn({ login: email, password: otherPassword }, visit),
    )
    expect(result).toEqual({ ok: false, reason: 'wrong' })
    expect(browser.token).toBeNull()
  })

  it('has a code of somebody who did no first step work for nothing', async () => {
    const ground = await openGround()
    const result = await confirm(ground, ground.world.openBrowser(), ground.code())
    expect(result).toEqual({ ok: false, reason: 'gone' })
  })

  it('waits for the second step for five minutes', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    ground.world.clock.advance(299_000)
    expect(reasonOf(await confirm(ground, browser, '000000'))).toBe('wrong')
    ground.world.clock.advance(1_000)
    expect(reasonOf(await confirm(ground, browser, ground.code()))).toBe('gone')
  })

  it('belongs to the browser of the first step: another one’s is worth nothing [ASVS 6.6.2]', async () => {
    const ground = await openGround()
    const [browser, thief] = [ground.world.openBrowser(), ground.world.openBrowser()]
    await signIn(ground, browser)
    await thief.visit(async ({ session }) => session.restart())
    expect(reasonOf(await confirm(ground, thief, ground.code()))).toBe('gone')
    expect(await browser.visit(async ({ session }) => session.user)).toBeNull()
  })

  it('gives a new token at both steps, so that a planted one is worth nothing [ASVS 7.2.4]', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await browser.visit(async ({ session }) => session.restart())
    const planted = browser.token
    await signIn(ground, browser)
    const between = browser.token
    expect(between).not.toBe(planted)
    const attacker = ground.world.openBrowser({ token: planted })
    expect(reasonOf(await confirm(ground, attacker, ground.code()))).toBe('gone')
    expect(reasonOf(await confirm(ground, browser, ground.code()))).toBe('ok')
    expect(browser.token).not.toBe(between)
    for (const token of [planted, between]) {
      expect(await ground.world.openBrowser({ token }).user()).toBeNull()
    }
  })

  it('ends the session of whoever was signed in there', async () => {
    const ground = await openGround()
    await ground.world.addAccount({ email: 'eve@example.org' })
    const browser = await ground.world.signIn('eve@example.org')
    await signIn(ground, browser)
    expect(await browser.user()).toBeNull()
  })

  it.each<[string, (ground: Ground) => Promise<unknown>]>([
    [
      'changed the password',
      ({ world, home }) =>
        home.visit(visit =>
          world.accounts.changePassword({ current: password, password: otherPassword }, visit),
        ),
    ],
    [
      'ended their sessions',
      ({ world, home }) => home.visit(visit => world.accounts.signOutEverywhere(visit)),
    ],
    [
      'ended their other sessions',
      ({ world, home }) => home.visit(visit => world.accounts.endOtherSessions(visit)),
    ],
    [
      'deleted the account',
      ({ world, home }) => home.visit(visit => world.accounts.deleteOwn(visit)),
    ],
    [
      'was shut out for a moment',
      async ({ world }) => {
        await world.accounts.setStatusAsOperator({ login: email, status: 'disabled' })
        await world.accounts.setStatusAsOperator({ login: email, status: 'active' })
      },
    ],
    [
      'had the second factor taken away, and set up again',
      async ({ world }) => {
        await world.accounts.resetSecondFactorAsOperator({ login: email })
        await enrol(world, await world.signIn(email))
      },
    ],
  ])('begins anew when its owner %s between the steps [ASVS 7.4.1]', async (_, change) => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    await change(ground)
    const steps = await browser.visit(visit => ground.world.accounts.findSignInStep(visit))
    expect(steps).toBeNull()
    expect(reasonOf(await confirm(ground, browser, ground.code()))).toBe('gone')
  })

  it('is not passed by with a new password [ASVS 6.4.3]', async () => {
    const ground = await openGround()
    const { world } = ground
    const browser = world.openBrowser()
    await browser.visit(visit => world.accounts.forgotPassword({ login: email }, visit))
    const token = await tokenOf(world)
    const reset = { token, password: otherPassword }
    expect(await browser.visit(visit => world.accounts.resetPassword(reset, visit))).toEqual({
      ok: true,
    })
    expect(await browser.user()).toBeNull()
    const again = { login: email, password: otherPassword }
    const result = await browser.visit(visit => world.accounts.signIn(again, visit))
    expect(result).toEqual({ ok: false, reason: 'second-factor' })
  })

  it('tells of a new device once somebody is signed in on it, and not before', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    const told = async () =>
      (await ground.world.mails()).filter(({ subject }) => subject.includes('new sign-in')).length
    expect(await told()).toBe(0)
    await signIn(ground, browser)
    await confirm(ground, browser, ground.code())
    expect(await told()).toBe(1)
  })
})

describe('confirmSignIn', () => {
  it('takes no code a second time [ASVS 6.5.1]', async () => {
    const ground = await openGround()
    const [first, second] = [ground.world.openBrowser(), ground.world.openBrowser()]
    await signIn(ground, first)
    await signIn(ground, second)
    const code = ground.code()
    expect(reasonOf(await confirm(ground, first, code))).toBe('ok')
    expect(reasonOf(await confirm(ground, second, code))).toBe('wrong')
    ground.world.clock.advance(30_000)
    expect(reasonOf(await confirm(ground, second, code))).toBe('wrong')
    expect(reasonOf(await confirm(ground, second, ground.code()))).toBe('ok')
  })

  it('takes the code that set it up for no sign-in', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    const before = codeAt(ground.factor.secret, ground.world.clock.now() - 30_000)
    expect(reasonOf(await confirm(ground, browser, before))).toBe('wrong')
  })

  it('takes a recovery code, once, and tells the owner [ASVS 6.5.1, 6.4.4]', async () => {
    const ground = await openGround()
    const [code = ''] = ground.factor.recoveryCodes
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    expect(reasonOf(await confirm(ground, browser, code.toLowerCase()))).toBe('ok')
    const info = await browser.visit(async ({ session }) => session.info)
    expect(Object.keys(info?.methods ?? {}).sort()).toEqual(['mfa', 'pwd'])
    const subjects = (await ground.world.mails()).map(({ subject }) => subject)
    expect(subjects).toContain('A recovery code was used at Testshop')
    const view = await browser.visit(visit => ground.world.accounts.findSecondFactor(visit))
    expect(view).toMatchObject({ recoveryCodesLeft: 9 })
    await signIn(ground, browser)
    expect(reasonOf(await confirm(ground, browser, code))).toBe('wrong')
  })

  it('stops guessing after five wrong codes from an address, and warns the owner [ASVS 6.3.5, 6.6.3]', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(reasonOf(await confirm(ground, browser, '000000'))).toBe('wrong')
    }
    expect(await confirm(ground, browser, ground.code())).toMatchObject({ reason: 'limited' })
    const failures = ground.world.events.filter(({ type }) => type === 'auth_failure')
    expect(failures.map(({ reason }) => reason)).toEqual([
      ...Array(5).fill('second-factor'),
      'limited',
    ])
    expect(failures[0]).toMatchObject({ userId: ground.id, ip: browser.ip })
    const mails = (await ground.world.mails()).filter(({ subject }) => subject.includes('Wrong'))
    expect(mails).toHaveLength(1)
  })

  it('stops guessing from many addresses at once [ASVS 6.6.3]', async () => {
    const ground = await openGround()
    const browsers = Array.from({ length: 14 }, () => ground.world.openBrowser())
    for (const browser of browsers) await signIn(ground, browser)
    const results = await Promise.all(browsers.map(browser => confirm(ground, browser, '000000')))
    expect(results.map(reasonOf).sort()).toEqual([
      ...Array(4).fill('limited'),
      ...Array(10).fill('wrong'),
    ])
    const mails = (await ground.world.mails()).filter(({ subject }) => subject.includes('Wrong'))
    expect(mails).toHaveLength(1)
  })

  it('lets nobody who guesses keep the owner out who has a recovery code', async () => {
    const ground = await openGround()
    for (let attempt = 0; attempt < 11; attempt += 1) {
      const browser = ground.world.openBrowser()
      await signIn(ground, browser)
      await confirm(ground, browser, '000000')
    }
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    expect(reasonOf(await confirm(ground, browser, ground.code()))).toBe('limited')
    const [code = ''] = ground.factor.recoveryCodes
    expect(reasonOf(await confirm(ground, browser, code))).toBe('ok')
  })

  it.each(['', 7, null, {}, '00000', '0000000'])('takes %j for a wrong code', async given => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    expect(reasonOf(await confirm(ground, browser, given as string))).toBe('wrong')
  })

  it('is over when an administrator took the second factor away meanwhile', async () => {
    const ground = await openGround()
    const browser = ground.world.openBrowser()
    await signIn(ground, browser)
    await ground.world.accounts.resetSecondFactorAsOperator({ login: email })
    expect(reasonOf(await confirm(ground, browser, ground.code()))).toBe('gone')
  })
})

describe('the key that seals secrets', () => {
  const [older, newer] = ['Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e', 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g']

  /** With a ring of these keys, of which a first one sealed the secret. */
  async function openRing() {
    const world = createAccountsWorld()
    world.cloakroom.reloadSecrets({ secret: older })
    await world.addAccount({ email })
    const home = await world.signIn(email)
    const factor = await enrol(world, home)
    const ground = {
      world,
      id: '',
      home,
      factor,
      code: () => codeAt(factor.secret, world.clock.now()),
    }
    const signInBy = async (code: string) => {
      const browser = world.openBrowser()
      await signIn(ground, browser)
      return reasonOf(await confirm(ground, browser, code))
    }
    return { ...ground, signInBy }
  }

  it('may go once a code was used under a newer one', async () => {
    const { world, code, signInBy } = await openRing()
    world.cloakroom.reloadSecrets({ secret: [newer, older] })
    expect(await signInBy(code())).toBe('ok')
    world.cloakroom.reloadSecrets({ secret: newer })
    world.clock.advance(30_000)
    expect(await signInBy(code())).toBe('ok')
  })

  it('takes codes along that it alone sealed, and no recovery codes', async () => {
    const { world, code, factor, signInBy } = await openRing()
    world.cloakroom.reloadSecrets({ secret: newer })
    expect(await signInBy(code())).toBe('wrong')
    expect(await signInBy(factor.recoveryCodes[0] ?? '')).toBe('ok')
  })
})

describe.each(['memory', 'SQL'])('a code sent by several at once, on %s,', kind => {
  let database: Database | undefined
  beforeAll(async () => {
    if (kind === 'SQL') database = await openEmbedded()
  })
  afterAll(() => database?.close())

  const send = async (codeOf: (ground: Ground) => string) => {
    const ground = await openGround(database && createSqlStores(database))
    const browsers = Array.from({ length: 4 }, () => ground.world.openBrowser())
    for (const browser of browsers) await signIn(ground, browser)
    const code = codeOf(ground)
    const results = await Promise.all(browsers.map(browser => confirm(ground, browser, code)))
    await ground.home.visit(visit => ground.world.accounts.deleteOwn(visit))
    return results.map(reasonOf).sort()
  }

  it('signs one of them in [ASVS 6.5.1]', async () => {
    expect(await send(({ code }) => code())).toEqual(['ok', 'wrong', 'wrong', 'wrong'])
  })

  it('signs one of them in when it is a recovery code [ASVS 6.5.1]', async () => {
    const results = await send(({ factor }) => factor.recoveryCodes[0] ?? '')
    expect(results).toEqual(['ok', 'wrong', 'wrong', 'wrong'])
  })
})
