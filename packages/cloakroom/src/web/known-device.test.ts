import { describe, expect, it } from 'vitest'
import { createCloakroom } from '../app/cloakroom.ts'
import { createManualClock } from '../core/clock.ts'
import type { SecurityEvent } from '../events/event.ts'

const day = 86_400_000
const name = '__Host-Http-cloakroom-device'

function setUp() {
  const clock = createManualClock()
  const rules = { login_account: { limit: 1, window: '1h' } } as const
  const cloakroom = createCloakroom({
    env: {},
    audit: false,
    clock,
    csrf: false,
    login: { rules, slowDown: '1ms' },
  })
  const events: SecurityEvent[] = []
  cloakroom.events.on(event => events.push(event))
  const answer = cloakroom.fetch(async request => {
    const [account = '', password = ''] = (await request.text()).split(' ')
    const check = async () => (password === 'right' ? { id: `${account}-id` } : null)
    return Response.json(await cloakroom.checkPassword(account, check))
  })

  function openBrowser(ip: string, cookie = '') {
    let held = cookie
    return {
      cookie: () => held,
      async signIn(account: string, password: string) {
        const request = new Request('https://shop.example/login', {
          method: 'POST',
          headers: { cookie: held },
          body: `${account} ${password}`,
        })
        const response = await answer(request, { address: ip }).catch(error => error)
        if (!(response instanceof Response)) return { status: response.status, lines: [] }
        const lines = response.headers.getSetCookie().filter(line => line.startsWith(name))
        held = lines[0]?.split(';')[0] ?? held
        return { status: response.status, lines }
      },
    }
  }
  return { clock, cloakroom, events, openBrowser }
}

describe('a known device', () => {
  it('is one where somebody signed in, for half a year', async () => {
    const { openBrowser, clock } = setUp()
    const browser = openBrowser('203.0.113.1')
    expect((await browser.signIn('alice', 'wrong')).lines).toEqual([])
    const { lines } = await browser.signIn('alice', 'right')
    const expires = new Date(clock.now() + 180 * day).toUTCString()
    expect(lines[0]).toContain(`Expires=${expires}`)
    expect(lines[0]).toMatch(/; HttpOnly.*; SameSite=Lax/)
    expect(browser.cookie()).not.toContain('alice')
  })

  it('lets the owner in while strangers guess from the same address', async () => {
    const { openBrowser } = setUp()
    const [owner, stranger] = [openBrowser('203.0.113.1'), openBrowser('203.0.113.1')]
    await owner.signIn('alice', 'right')
    for (let count = 0; count < 6; count += 1) await stranger.signIn('alice', 'wrong')
    expect((await stranger.signIn('alice', 'right')).status).toBe(429)
    expect((await owner.signIn(' ALICE ', 'right')).status).toBe(200)
  })

  it('is not slowed down by strangers anywhere', async () => {
    const { openBrowser, cloakroom } = setUp()
    const owner = openBrowser('203.0.113.1')
    await owner.signIn('alice', 'right')
    for (let count = 0; count < 3; count += 1) {
      await openBrowser(`198.51.100.${count}`).signIn('alice', 'wrong')
    }
    const begin = (device?: string) =>
      cloakroom.loginProtection.begin({
        account: 'alice',
        address: '203.0.113.1',
        ...(device !== undefined && { device }),
      })
    expect((await begin()).slowDownMs).toBe(1)
    expect((await begin('x'.repeat(22))).slowDownMs).toBe(0)
  })

  it('is blocked by wrong passwords of its own', async () => {
    const { openBrowser } = setUp()
    const owner = openBrowser('203.0.113.1')
    await owner.signIn('alice', 'right')
    for (let count = 0; count < 5; count += 1) await owner.signIn('alice', 'wrong')
    expect((await owner.signIn('alice', 'right')).status).toBe(429)
  })

  it('keeps its id while it is renewed, and gets one for each account', async () => {
    const { openBrowser } = setUp()
    const browser = openBrowser('203.0.113.1')
    const idOf = () => browser.cookie().slice(name.length + 1, name.length + 23)
    await browser.signIn('alice', 'right')
    const first = idOf()
    await browser.signIn('alice', 'right')
    expect(idOf()).toBe(first)
    await browser.signIn('bob', 'right')
    expect(idOf()).not.toBe(first)
  })

  it.each([
    ['of another account', (cookie: string) => cookie, 'bob'],
    ['that nobody signed', (cookie: string) => cookie.slice(0, -1), 'alice'],
    ['that is cut', (cookie: string) => cookie.slice(0, name.length + 30), 'alice'],
  ])('is none with a cookie %s', async (_which, change, account) => {
    const { openBrowser } = setUp()
    const owner = openBrowser('203.0.113.1')
    await owner.signIn('alice', 'right')
    const thief = openBrowser('203.0.113.1', change(owner.cookie()))
    for (let count = 0; count < 5; count += 1) await thief.signIn(account, 'wrong')
    // Counted with all others at this address, and not apart.
    expect((await openBrowser('203.0.113.1').signIn(account, 'right')).status).toBe(429)
  })
})
