import { ConflictError, StoreError } from 'cloakroom'
import { describe, expect, it } from 'vitest'
import {
  type Browser,
  createAccountsWorld,
  otherPassword,
  password,
} from '../../../../test/support/accounts.ts'
import type { VisitSession } from '../account/ports.ts'
import { createPasswordHasher } from '../passwords/hasher.ts'
import { readCost } from '../passwords/phc.ts'

const email = 'ada@example.org'

/** The session of a visitor to whom none can be given. */
const refusingSession = (error: Error): VisitSession => ({
  id: null,
  user: null,
  info: null,
  login: () => Promise.reject(error),
  logout: async () => undefined,
  restart: async () => undefined,
  rotate: async () => undefined,
  stepUp: async () => undefined,
  revoke: async () => false,
  revokeOthers: async () => 0,
})

const lastAuth = (world: ReturnType<typeof createAccountsWorld>) =>
  world.events.filter(({ type }) => type === 'auth_success' || type === 'auth_failure').at(-1)

describe('signIn', () => {
  it('begins a session of the account, with its role', async () => {
    const world = createAccountsWorld()
    const id = await world.addAccount({ email, role: 'moderator' })
    const browser = world.openBrowser()
    const result = await browser.visit(visit =>
      world.accounts.signIn({ login: ' ADA@Example.ORG', password }, visit),
    )
    const account = { id, email, name: 'Ada', role: 'moderator', status: 'active' }
    const at = world.clock.now()
    expect(result).toEqual({ ok: true, account: { ...account, createdAt: at, signedInAt: at } })
    expect(await browser.user()).toMatchObject({ id, role: 'moderator' })
    expect(await world.stores.accounts.findById(id)).toMatchObject({ signedInAt: at })
    const sessionId = await browser.sessionId()
    expect(lastAuth(world)).toMatchObject({
      type: 'auth_success',
      userId: id,
      ip: browser.ip,
      sessionId,
    })
  })

  it('gives a new token each time, and ends the session before [ASVS 7.2.2, 7.2.4]', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const browser = await world.signIn(email)
    const first = browser.token
    await browser.visit(visit => world.accounts.signIn({ login: email, password }, visit))
    expect(browser.token).not.toBe(first)
    world.clock.advance(60_000)
    expect(await world.openBrowser({ token: first }).user()).toBeNull()
  })

  it('stays signed in beyond the end of the browser only when asked to', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const kept = world.openBrowser()
    for (const remember of [true, false]) {
      await kept.visit(visit => world.accounts.signIn({ login: email, password, remember }, visit))
      const isPersistent = await kept.visit(async ({ session }) => session.info)
      expect(isPersistent).toMatchObject({ isPersistent: remember })
    }
  })

  it.each([
    ['a wrong password', email, otherPassword, 'password'],
    ['no password', email, '', 'password'],
    ['one that is too long', email, 'x'.repeat(300), 'password'],
    ['one that is no text', email, 7 as unknown as string, 'password'],
    ['an unknown account', 'eve@example.org', password, 'unknown'],
    ['what is no address', 'ada', password, 'unknown'],
    ['what is no text', ['ada@example.org'] as unknown as string, password, 'unknown'],
    ['a disabled account', 'disabled@example.org', password, 'disabled'],
  ])('says the same of %s, and an event says which', async (_, login, given, reason) => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const disabled = await world.addAccount({ email: 'disabled@example.org' })
    await world.stores.accounts.update({ id: disabled, version: 1 }, { status: 'disabled' })
    const browser = world.openBrowser()
    const result = await browser.visit(visit =>
      world.accounts.signIn({ login, password: given }, visit),
    )
    expect(result).toEqual({ ok: false, reason: 'wrong' })
    expect(browser.token).toBeNull()
    expect(lastAuth(world)).toMatchObject({ type: 'auth_failure', reason, ip: browser.ip })
  })

  it.each([email, 'eve@example.org'])(
    'stops guessing at %s after five failures [ASVS 6.3.1]',
    async login => {
      const world = createAccountsWorld()
      await world.addAccount({ email })
      const browser = world.openBrowser()
      const guess = (given: string) =>
        browser.visit(visit => world.accounts.signIn({ login, password: given }, visit))
      for (let attempt = 0; attempt < 5; attempt += 1) {
        expect(await guess(otherPassword)).toEqual({ ok: false, reason: 'wrong' })
      }
      expect(await guess(password)).toEqual({
        ok: false,
        reason: 'limited',
        retryAfterMs: 900_000,
      })
      expect(lastAuth(world)).toMatchObject({ type: 'auth_failure', reason: 'limited' })
    },
  )

  it('lets no more guesses through when they come at once [ASVS 6.3.1]', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const { ip } = world.openBrowser()
    const guesses = Array.from({ length: 20 }, () =>
      world
        .openBrowser({ ip })
        .visit(visit => world.accounts.signIn({ login: email, password: otherPassword }, visit)),
    )
    const results = await Promise.all(guesses)
    expect(results.filter(result => !result.ok && result.reason === 'wrong')).toHaveLength(5)
  })

  it('slows strangers down at an account, and never locks its owner out [ASVS 6.3.1]', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    for (let address = 0; address < 15; address += 1) {
      const stranger = world.openBrowser({ ip: `203.0.113.${address}` })
      for (let attempt = 0; attempt < 4; attempt += 1) {
        await stranger.visit(visit =>
          world.accounts.signIn({ login: email, password: otherPassword }, visit),
        )
      }
    }
    expect(world.waits.length).toBeGreaterThan(0)
    expect(new Set(world.waits)).toEqual(new Set([2000]))
    const owner = await world.signIn(email, { ip: '192.0.2.1' })
    expect(await owner.user()).not.toBeNull()
  })

  it('neither slows nor blocks the owner on a device they signed in from before', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const owner = await world.signIn(email, { ip: '192.0.2.1' })
    for (const ip of [...Array(15).keys()].map(part => `203.0.113.${part}`).concat('192.0.2.1')) {
      const stranger = world.openBrowser({ ip })
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await stranger.visit(visit =>
          world.accounts.signIn({ login: email, password: otherPassword }, visit),
        )
      }
    }
    const before = world.waits.length
    const signIn = (browser: Browser, login = email) =>
      browser.visit(visit => world.accounts.signIn({ login, password }, visit))
    expect(await signIn(owner, email.toUpperCase())).toMatchObject({ ok: true })
    expect(world.waits).toHaveLength(before)
    const neighbour = world.openBrowser({ ip: '192.0.2.1' })
    expect(await signIn(neighbour)).toMatchObject({ ok: false, reason: 'limited' })
  })

  it('tells the owner when somebody signs in where nobody did before [ASVS 6.3.5]', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const owner = await world.signIn(email)
    expect(await world.mails()).toEqual([])
    await owner.visit(visit => world.accounts.signIn({ login: email, password }, visit))
    expect(await world.mails()).toEqual([])
    const stranger = await world.signIn(email, { ip: '203.0.113.9' })
    const [mail, ...others] = await world.mails()
    expect(mail).toMatchObject({ to: email, subject: 'A new sign-in at Testshop' })
    expect(mail?.text).toContain('from 203.0.113.9 with Firefox on Linux')
    expect([others, await stranger.user()]).toMatchObject([[], { role: 'user' }])
  })

  it('turns a flood away without counting it as failures', async () => {
    const world = createAccountsWorld({ hasher: { memoryKib: 16, passes: 1, admitted: 2 } })
    await world.addAccount({ email })
    const { ip } = world.openBrowser()
    const flood = Array.from({ length: 30 }, () =>
      world
        .openBrowser({ ip })
        .visit(visit => world.accounts.signIn({ login: email, password }, visit)),
    )
    const results = await Promise.all(flood)
    const busy = results.filter(result => !result.ok && result.reason === 'busy')
    expect(busy.length).toBeGreaterThan(20)
    expect(busy[0]).toEqual({ ok: false, reason: 'busy', retryAfterMs: 1000 })
    expect((await world.signIn(email, { ip })).token).not.toBeNull()
  })

  it('begins so many sessions in a while and no more', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    for (let count = 0; count < 10; count += 1) {
      await world.signIn(email)
    }
    const browser = world.openBrowser()
    const result = await browser.visit(visit =>
      world.accounts.signIn({ login: email, password }, visit),
    )
    expect(result).toMatchObject({ ok: false, reason: 'limited' })
    expect(browser.token).toBeNull()
  })

  it('says when no session may be ended for one more', async () => {
    const world = createAccountsWorld()
    await world.addAccount({ email })
    const attempt = (error: Error) =>
      world
        .openBrowser()
        .visit(visit =>
          world.accounts.signIn(
            { login: email, password },
            { ...visit, session: refusingSession(error) },
          ),
        )
    const full = new ConflictError('ERR_SESSION_LIMIT', 'Five sessions.')
    expect(await attempt(full)).toEqual({ ok: false, reason: 'too-many-sessions' })
    const down = new StoreError('ERR_STORE_UNAVAILABLE', 'Redis is down.')
    await expect(attempt(down)).rejects.toBe(down)
  })

  it('hashes the password anew when that costs more than before', async () => {
    const world = createAccountsWorld({ hasher: { memoryKib: 32, passes: 2 } })
    const id = await world.addAccount({ email })
    const account = await world.stores.accounts.findById(id)
    const weak = await createPasswordHasher({ memoryKib: 16, passes: 1 }).hash(password)
    if (account === null) throw new Error('There is no account.')
    await world.stores.accounts.update(account, { passwordHash: weak })
    // Two at once: the slower one finds another hash of the same password, and is let in too.
    await Promise.all([world.signIn(email), world.signIn(email)])
    const hash = (await world.stores.accounts.findById(id))?.passwordHash ?? ''
    expect(readCost(hash)).toEqual({ memoryKib: 32, passes: 2, lanes: 1 })
    await world.signIn(email)
    expect((await world.stores.accounts.findById(id))?.passwordHash).toBe(hash)
  })
})

describe('signIn, while the account is changed', () => {
  const changes = [
    ['disabled', { status: 'disabled' as const }],
    ['given another role', { role: 'moderator' }],
    ['given another password', { passwordHash: '$argon2id$other' }],
  ] as const

  it.each(changes)('is undone when it is %s after the password was checked', async (_, change) => {
    const world = createAccountsWorld()
    const id = await world.addAccount({ email })
    const { accounts } = world.stores
    const { noteSignIn } = accounts
    // All sessions have been ended by now, and this one begun since: what the flow must notice.
    Object.assign(accounts, {
      async noteSignIn(note: Parameters<typeof noteSignIn>[0]) {
        Object.assign(accounts, { noteSignIn })
        await accounts.update({ id, version: 1 }, change)
        return noteSignIn(note)
      },
    })
    const browser = world.openBrowser()
    const result = await browser.visit(visit =>
      world.accounts.signIn({ login: email, password }, visit),
    )
    expect(result).toEqual({ ok: false, reason: 'wrong' })
    expect(browser.token).toBeNull()
    expect(world.events.filter(({ type }) => type === 'session_destroyed')).toHaveLength(1)
  })
})
