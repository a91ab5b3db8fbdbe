import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import { createKeyring } from '../../packages/cloakroom/src/crypto/keyring.ts'
import { createSigner } from '../../packages/cloakroom/src/crypto/token-mac.ts'
import {
  type CookieClient,
  type CookieManager,
  createCookieManager,
} from '../../packages/cloakroom/src/http/cookie-manager.ts'
import type { CookieOptions } from '../../packages/cloakroom/src/http/cookie-options.ts'
import {
  type CookieRole,
  sessionCookie,
  visitorCookie,
} from '../../packages/cloakroom/src/http/cookie-role.ts'

const [oldSecret, newSecret] = [
  'Zq3vT8xLm1Rk6wYc0Hn5sJd2pGf9uBa7eQiX4oCz',
  'b7Nn2WcKy5ErT1uPq8sVd4hLj0gXm6fAz3oQi9Zx',
]
const client: CookieClient = { isSecure: true, isLoopback: false, host: 'app.example.test' }

interface Setup {
  readonly options?: CookieOptions
  readonly role?: CookieRole
  readonly secrets?: readonly string[]
}

function setUp({
  options = {},
  role = sessionCookie,
  secrets = [newSecret],
}: Setup = {}): CookieManager {
  const signer = createSigner(createKeyring(secrets, { name: 'cookieSecret' }), 'cookie')
  const clock = createManualClock()
  return createCookieManager(options, {
    role,
    signer,
    clock,
    onWarning: () => {},
    production: true,
  })
}

function pair(manager: CookieManager, value: string): string {
  return manager.write(value, { client, expiresAt: null }).split('; ', 1)[0] ?? ''
}

describe('cookie tossing', () => {
  const shared = { name: 'sid', domain: 'example.test' }

  it.each([1, 150])('finds the session behind %i forged cookies that come first', count => {
    const manager = setUp({ options: shared })
    const header = `${'sid=forged.forged; '.repeat(count)}${pair(manager, 'mine')}`
    expect(manager.read(header, client)).toEqual({ value: 'mine', resign: false, refused: count })
  })

  it("does not let an attacker's own genuine cookie take the place of the session", () => {
    const manager = setUp({ options: shared })
    const [planted, mine] = [pair(manager, 'attacker'), pair(manager, 'mine')]
    const ambiguous = { value: null, reason: 'ambiguous' }
    expect(manager.read(`${planted}; ${mine}`, client)).toEqual(ambiguous)
    expect(manager.read(`${mine}; ${planted}`, client)).toEqual(ambiguous)
  })

  it('clears the planted cookie as well, so that the next sign-in works', () => {
    const manager = setUp({ options: { name: 'sid' } })
    const cleared = manager.clearEverywhere(client)
    expect(cleared.some(line => line.includes('Domain=example.test; Path=/'))).toBe(true)
    expect(
      cleared.every(line => line.startsWith('sid=; Max-Age=0; Expires=Thu, 01 Jan 1970')),
    ).toBe(true)
  })

  it.each([
    '\u00a0__Host-Http-cloakroom',
    '\u2003__Host-Http-cloakroom',
    '__HOST-HTTP-cloakroom',
    '__Host-Http-Cloakroom',
    '"__Host-Http-cloakroom',
    '$__Host-Http-cloakroom',
    '=__Host-Http-cloakroom',
    '__Host-Http-cloakroom\u00a0',
  ])('does not take the name %j for its own', name => {
    const manager = setUp()
    const value = pair(manager, 'attacker').slice(manager.name.length + 1)
    expect(manager.read(`${name}=${value}`, client)).toEqual({ value: null, reason: 'none' })
  })

  it('does not take the cookie of a visitor for one of a session', () => {
    const session = setUp({ options: { name: 'sid' } })
    const visitor = setUp({ options: { name: 'sid' }, role: visitorCookie })
    const reading = session.read(pair(visitor, 'secret'), client)
    expect(reading).toEqual({ value: null, reason: 'bad-signature' })
  })

  it('does not take a value of one cookie for the value of another', () => {
    const [first, second] = ['sid', 'sid2'].map(name => setUp({ options: { name } }))
    if (first === undefined || second === undefined) throw new Error('not made')
    const moved = pair(first, 'mine').replace('sid=', 'sid2=')
    expect(second.read(moved, client)).toEqual({ value: null, reason: 'bad-signature' })
  })

  it('takes no other spelling of a signature', () => {
    const manager = setUp()
    const mine = pair(manager, 'mine')
    const variants = [`${mine}=`, `${mine}%3D`, mine.replace('mine.', 'mine..'), `${mine}.`]
    const readings = variants.map(header => manager.read(header, client).value)
    expect(readings).toEqual([null, null, null, null])
  })

  it('signs anew what an older key has signed, and refuses a key that was taken out', () => {
    const header = pair(setUp({ secrets: [oldSecret] }), 'mine')
    const rotating = setUp({ secrets: [newSecret, oldSecret] })
    expect(rotating.read(header, client)).toEqual({ value: 'mine', resign: true, refused: 0 })
    expect(rotating.read(pair(rotating, 'mine'), client)).toMatchObject({ resign: false })
    expect(setUp().read(header, client)).toEqual({ value: null, reason: 'bad-signature' })
  })
})
