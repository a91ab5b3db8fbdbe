import { describe, expect, it } from 'vitest'
import {
  type AccountsWorldOptions,
  type Browser,
  createAccountsWorld,
  password,
} from '../../../../test/support/accounts.ts'
import { codeAt, enrol } from '../../../../test/support/second-factors.ts'

const email = 'ada@example.org'

async function openWorld(options: AccountsWorldOptions = {}) {
  const world = createAccountsWorld(options)
  const id = await world.addAccount({ email })
  const { accounts, clock } = world
  return {
    ...world,
    world,
    id,
    start: (browser: Browser, code?: string) =>
      browser.visit(visit => accounts.startEnrolment({ ...(code && { code }) }, visit)),
    confirm: (browser: Browser, code: string) =>
      browser.visit(visit => accounts.confirmEnrolment({ code }, visit)),
    view: (browser: Browser) => browser.visit(visit => accounts.findSecondFactor(visit)),
    codeOf: (secret: string) => codeAt(secret, clock.now()),
  }
}

const secretOf = (started: { ok: boolean; secret?: string }) => started.secret ?? ''

describe('startEnrolment', () => {
  it('changes nothing before a code is confirmed', async () => {
    const { world, start, view } = await openWorld()
    const browser = await world.signIn(email)
    const started = await start(browser)
    expect(started).toMatchObject({ ok: true, secret: expect.stringMatching(/^[A-Z2-7]{32}$/) })
    expect(started).toMatchObject({ address: expect.stringContaining('otpauth://totp/Testshop:') })
    expect(await view(browser)).toEqual({ since: null, recoveryCodesLeft: 0, isRequired: false })
    const again = world.openBrowser()
    const signIn = await again.visit(visit =>
      world.accounts.signIn({ login: email, password }, visit),
    )
    expect(signIn.ok).toBe(true)
  })

  it('is for owners who proved it just now [ASVS 7.5.1]', async () => {
    const { world, start } = await openWorld()
    expect(await start(world.openBrowser())).toEqual({ ok: false, reason: 'unauthenticated' })
    const browser = await world.signIn(email)
    world.clock.advance(600_001)
    expect(await start(browser)).toEqual({ ok: false, reason: 'reauthenticate' })
  })

  it('takes a code of the second factor that it replaces', async () => {
    const { world, start, confirm, codeOf } = await openWorld()
    const browser = await world.signIn(email)
    const old = await enrol(world, browser)
    expect(await start(browser)).toEqual({ ok: false, reason: 'wrong' })
    const started = await start(browser, codeOf(old.secret))
    expect(started.ok).toBe(true)
    expect(await confirm(browser, codeOf(secretOf(started)))).toMatchObject({ ok: true })
    world.clock.advance(30_000)
    const other = world.openBrowser()
    await other.visit(visit => world.accounts.signIn({ login: email, password }, visit))
    const codes = [codeOf(old.secret), old.recoveryCodes[0] ?? '', codeOf(secretOf(started))]
    const results = []
    for (const code of codes) {
      results.push(await other.visit(visit => world.accounts.confirmSignIn({ code }, visit)))
    }
    expect(results.map(({ ok }) => ok)).toEqual([false, false, true])
  })

  it('is done ten times in a quarter of an hour', async () => {
    const { world, start } = await openWorld()
    const browser = await world.signIn(email)
    for (let count = 0; count < 10; count += 1)
      expect(await start(browser)).toMatchObject({ ok: true })
    expect(await start(browser)).toMatchObject({ reason: 'limited' })
  })

  it('needs a store for it', async () => {
    const { factors: _, ...stores } = createAccountsWorld().stores
    const { world, start } = await openWorld({ stores })
    expect(await start(await world.signIn(email))).toEqual({ ok: false, reason: 'unsupported' })
    expect(() => createAccountsWorld({ stores, requireSecondFactor: ['admin'] })).toThrow('factors')
  })
})

describe('confirmEnrolment', () => {
  it('sets it up by a code, gives recovery codes, and tells the owner [ASVS 6.3.7]', async () => {
    const { world, id, start, confirm, codeOf, view } = await openWorld()
    const browser = await world.signIn(email)
    const started = await start(browser)
    const before = browser.token
    const result = await confirm(browser, codeOf(secretOf(started)))
    expect(result).toMatchObject({ ok: true })
    expect(result.ok && new Set(result.recoveryCodes).size).toBe(10)
    expect(browser.token).not.toBe(before)
    const since = world.clock.now()
    expect(await view(browser)).toEqual({ since, recoveryCodesLeft: 10, isRequired: false })
    const info = await browser.visit(async ({ session }) => session.info)
    expect(Object.keys(info?.methods ?? {}).sort()).toEqual(['mfa', 'otp', 'pwd'])
    const added = world.events.filter(({ type }) => type === 'second_factor_added')
    expect(added).toEqual([expect.objectContaining({ userId: id, ip: browser.ip })])
    expect((await world.mails()).at(-1)?.subject).toBe('Two-step sign-in at Testshop is on')
  })

  it('ends the other sessions of its owner', async () => {
    const { world } = await openWorld()
    const [browser, other] = [await world.signIn(email), await world.signIn(email)]
    await enrol(world, browser)
    expect(await other.user()).toBeNull()
    expect(await browser.user()).not.toBeNull()
  })

  it('refuses a wrong code, and takes the right one after it', async () => {
    const { world, start, confirm, codeOf } = await openWorld()
    const browser = await world.signIn(email)
    const started = await start(browser)
    expect(await confirm(browser, '000000')).toEqual({ ok: false, reason: 'wrong' })
    expect(await confirm(browser, codeOf(secretOf(started)))).toMatchObject({ ok: true })
  })

  it('wants a recent proof, so that none is finished that its owner left behind', async () => {
    const { world, start, confirm, codeOf } = await openWorld()
    const browser = await world.signIn(email)
    const secret = secretOf(await start(browser))
    world.clock.advance(600_001)
    expect(await confirm(browser, codeOf(secret))).toEqual({ ok: false, reason: 'reauthenticate' })
    await browser.visit(visit => world.accounts.reauthenticate({ password }, visit))
    expect(await confirm(browser, codeOf(secret))).toMatchObject({ ok: true })
  })

  it('is done once by a double click, and by no other browser', async () => {
    const { world, start, confirm, codeOf } = await openWorld()
    const [browser, other] = [await world.signIn(email), await world.signIn(email)]
    const code = codeOf(secretOf(await start(browser)))
    expect(await confirm(other, code)).toEqual({ ok: false, reason: 'gone' })
    const results = await Promise.all([confirm(browser, code), confirm(browser, code)])
    expect(results.map(({ ok }) => ok).sort()).toEqual([false, true])
  })

  it('stores neither secret nor recovery codes as they are [ASVS 6.5.2]', async () => {
    const { world, id } = await openWorld()
    const { secret, recoveryCodes } = await enrol(world, await world.signIn(email))
    const stored = JSON.stringify(await world.stores.factors?.find(id))
    for (const text of [secret, ...recoveryCodes, ...recoveryCodes.map(withoutDashes)]) {
      expect(stored).not.toContain(text)
    }
  })
})

const withoutDashes = (code: string) => code.replaceAll('-', '')

describe('removeSecondFactor', () => {
  it('takes a recent proof and a code, and tells the owner [ASVS 6.3.7, 6.5.6]', async () => {
    const { world, id, codeOf } = await openWorld()
    const browser = await world.signIn(email)
    const { secret } = await enrol(world, browser)
    const remove = (code: string) =>
      browser.visit(visit => world.accounts.removeSecondFactor({ code }, visit))
    expect(await remove('000000')).toEqual({ ok: false, reason: 'wrong' })
    world.clock.advance(600_001)
    expect(await remove(codeOf(secret))).toEqual({ ok: false, reason: 'reauthenticate' })
    await browser.visit(visit => world.accounts.reauthenticate({ password }, visit))
    expect(await remove(codeOf(secret))).toEqual({ ok: true })
    expect(await remove(codeOf(secret))).toEqual({ ok: false, reason: 'gone' })
    const removed = world.events.filter(({ type }) => type === 'second_factor_removed')
    expect(removed).toEqual([expect.objectContaining({ userId: id, reason: 'owner' })])
    expect((await world.mails()).at(-1)?.subject).toBe('Two-step sign-in at Testshop is off')
    expect(await world.signIn(email)).toBeDefined()
  })
})

describe('makeRecoveryCodes', () => {
  it('takes a code, and makes those before worthless', async () => {
    const { world, codeOf } = await openWorld()
    const browser = await world.signIn(email)
    const { secret, recoveryCodes } = await enrol(world, browser)
    const make = (code: string) =>
      browser.visit(visit => world.accounts.makeRecoveryCodes({ code }, visit))
    expect(await make('000000')).toEqual({ ok: false, reason: 'wrong' })
    const made = await make(codeOf(secret))
    expect(made.ok && made.recoveryCodes.some(code => recoveryCodes.includes(code))).toBe(false)
    expect(await make(recoveryCodes[0] ?? '')).toEqual({ ok: false, reason: 'wrong' })
    expect(await make((made.ok && made.recoveryCodes[0]) || '')).toMatchObject({ ok: true })
    expect(world.events.filter(({ type }) => type === 'recovery_codes_made')).toHaveLength(2)
    expect((await world.mails()).at(-1)?.subject).toContain('New recovery codes')
  })
})

describe('requireSecondFactor', () => {
  const options = { requireSecondFactor: ['moderator'] }

  it('has whoever lacks one set it up before they are signed in [ASVS 6.3.3]', async () => {
    const { world, start, confirm, codeOf } = await openWorld(options)
    const admin = await world.addAccount({ email: 'root@example.org', role: 'admin' })
    const browser = world.openBrowser()
    const login = 'root@example.org'
    const first = await browser.visit(visit => world.accounts.signIn({ login, password }, visit))
    expect(first).toEqual({ ok: false, reason: 'enrol-second-factor' })
    expect(await browser.user()).toBeNull()
    const listed = await browser.visit(visit => world.accounts.listAccounts({}, visit))
    expect(listed).toEqual({ ok: false, reason: 'unauthenticated' })
    const started = await start(browser)
    expect(await browser.visit(visit => world.accounts.findEnrolment(visit))).toEqual({
      secret: secretOf(started),
      address: expect.any(String),
    })
    expect(await confirm(browser, '000000')).toEqual({ ok: false, reason: 'wrong' })
    expect(await browser.user()).toBeNull()
    expect(await confirm(browser, codeOf(secretOf(started)))).toMatchObject({ ok: true })
    expect(await browser.user()).toMatchObject({ id: admin, role: 'admin' })
  })

  it('lets those below sign in without, and none of those turn it off', async () => {
    const { world, codeOf } = await openWorld(options)
    expect(await world.signIn(email)).toBeDefined()
    await world.addAccount({ email: 'mod@example.org', role: 'moderator' })
    const browser = world.openBrowser()
    const login = 'mod@example.org'
    await browser.visit(visit => world.accounts.signIn({ login, password }, visit))
    const { secret } = await enrol(world, browser)
    const code = codeOf(secret)
    const result = await browser.visit(visit => world.accounts.removeSecondFactor({ code }, visit))
    expect(result).toEqual({ ok: false, reason: 'required' })
  })

  it('waits for a quarter of an hour, in that browser alone', async () => {
    const { world, start } = await openWorld({ requireSecondFactor: ['user'] })
    const browser = world.openBrowser()
    await browser.visit(visit => world.accounts.signIn({ login: email, password }, visit))
    expect(await start(world.openBrowser())).toMatchObject({ reason: 'unauthenticated' })
    world.clock.advance(899_000)
    expect(await start(browser)).toMatchObject({ ok: true })
    world.clock.advance(1_000)
    expect(await start(browser)).toMatchObject({ reason: 'unauthenticated' })
  })

  it('never lets one that was begun before replace the owner’s', async () => {
    const { world, start, confirm, codeOf } = await openWorld({ requireSecondFactor: ['user'] })
    const [owner, thief] = [world.openBrowser(), world.openBrowser()]
    for (const browser of [owner, thief]) {
      await browser.visit(visit => world.accounts.signIn({ login: email, password }, visit))
    }
    const code = codeOf(secretOf(await start(thief)))
    await enrol(world, owner)
    expect(await confirm(thief, code)).toEqual({ ok: false, reason: 'gone' })
    expect(await thief.user()).toBeNull()
    expect(await start(thief)).toEqual({ ok: false, reason: 'wrong' })
  })

  it('lets no step for a code set another second factor up', async () => {
    const { world, start } = await openWorld(options)
    await enrol(world, await world.signIn(email))
    const browser = world.openBrowser()
    await browser.visit(visit => world.accounts.signIn({ login: email, password }, visit))
    expect(await start(browser)).toEqual({ ok: false, reason: 'unauthenticated' })
  })
})

describe('signInFederated with second factors', () => {
  const ada = {
    issuer: 'https://id.example.org',
    subject: '4711',
    email,
    isEmailVerified: true,
  }

  it('takes the provider’s proof of whom it knows, also where there is a second factor', async () => {
    const { world } = await openWorld()
    const browser = world.openBrowser()
    const signIn = () => browser.visit(visit => world.accounts.signInFederated(ada, visit))
    expect(await signIn()).toMatchObject({ ok: true })
    await enrol(world, browser)
    expect(await signIn()).toMatchObject({ ok: true })
  })

  it('gives an account with a second factor to nobody who merely reads its mail [ASVS 6.4.3]', async () => {
    const { world, codeOf } = await openWorld()
    const { secret } = await enrol(world, await world.signIn(email))
    const browser = world.openBrowser()
    const signIn = (methods?: readonly string[]) =>
      browser.visit(visit => world.accounts.signInFederated({ ...ada, methods }, visit))
    expect(await signIn()).toEqual({ ok: false, reason: 'second-factor' })
    // Two factors of whoever registered there, who need not be the owner.
    expect(await signIn(['pwd', 'mfa'])).toEqual({ ok: false, reason: 'second-factor' })
    const confirmed = await browser.visit(visit =>
      world.accounts.confirmSignIn({ code: codeOf(secret) }, visit),
    )
    expect(confirmed).toMatchObject({ ok: true })
    expect(await signIn()).toMatchObject({ ok: true })
  })

  it('asks for what the role demands, unless the provider did', async () => {
    const { world, start, confirm, codeOf } = await openWorld({ requireSecondFactor: ['user'] })
    const browser = world.openBrowser()
    const signIn = (methods?: readonly string[]) =>
      browser.visit(visit => world.accounts.signInFederated({ ...ada, methods }, visit))
    expect(await signIn()).toEqual({ ok: false, reason: 'enrol-second-factor' })
    const started = await start(browser)
    expect(await confirm(browser, codeOf(secretOf(started)))).toMatchObject({ ok: true })
    expect(await browser.user()).not.toBeNull()
    expect(await signIn()).toEqual({ ok: false, reason: 'second-factor' })
    expect(await signIn(['pwd', 'mfa'])).toMatchObject({ ok: true })
  })
})
