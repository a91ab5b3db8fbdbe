import { request } from 'node:http'
import { createManualClock, type ManualClock } from 'cloakroom/testing'
import { createClient } from 'redis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningApp, startExpressApp } from '../support/express-app.ts'
import { startRedis } from '../support/redis-server.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const newSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

describe('the session’s cookie', () => {
  let clock: ManualClock
  let app: RunningApp

  beforeEach(() => {
    clock = createManualClock(Date.now())
    app = startExpressApp({ clock, secret, cookieSecret: secret })
  })
  afterEach(() => app.close())

  const lifeOf = (response: Response): string | undefined => {
    const line = response.headers.getSetCookie().find(each => each.startsWith('cloakroom='))
    return line === undefined ? undefined : (/max-age=(\d+)/i.exec(line)?.[1] ?? 'browser')
  }

  it('of a browser session never outlives the browser, whatever is written', async () => {
    const browser = app.newClient()
    expect(lifeOf(await browser.post('/login', { user: 'alice' }))).toBe('browser')
    for (let count = 0; count < 5; count += 1) {
      expect(lifeOf(await browser.post('/set', { count }))).toBeUndefined()
    }
    expect(lifeOf(await browser.post('/rotate'))).toBe('browser')
    expect(lifeOf(await browser.post('/login', { user: 'alice' }))).toBe('browser')
  })

  it('of a remembered user keeps its end, through rotation too', async () => {
    const browser = app.newClient()
    const month = 30 * 86_400
    const login = await browser.post('/login', { user: 'alice', remember: true })
    expect(Number(lifeOf(login))).toBe(month)
    expect(lifeOf(await browser.post('/set', { a: 1 }))).toBeUndefined()
    clock.advance(86_400_000)
    expect(Number(lifeOf(await browser.post('/rotate')))).toBe(month - 86_400)
  })

  it('is signed anew when its key was replaced, with the life it had', async () => {
    const redis = await startRedis()
    const client = createClient({ url: redis.url })
    const before = startExpressApp({ redis: client, secret, cookieSecret: secret })
    const browser = before.newClient()
    await browser.post('/login', { user: 'alice', remember: true })
    const keys = { secret, cookieSecret: [newSecret, secret] }
    const after = startExpressApp({ redis: client, ...keys })
    const visitor = after.newClient()
    for (const [name, value] of browser.jar) visitor.jar.set(name, value)
    const first = await visitor.send('/me')
    expect(first.status).toBe(200)
    expect(Number(lifeOf(first))).toBeGreaterThan(29 * 86_400)
    expect(lifeOf(await visitor.send('/me'))).toBeUndefined()
    expect((await visitor.send('/me')).status).toBe(200)
    before.close()
    after.close()
    client.destroy()
    await redis.stop()
  })

  it('is cleared by a page load when it is of no more use, and left alone by other requests', async () => {
    const browser = app.newClient()
    await browser.post('/login', { user: 'alice' })
    clock.advance(3_600_000)
    const cookie = `cloakroom=${browser.jar.get('cloakroom')}`
    expect(await cookiesOf(app.origin, { cookie, 'sec-fetch-mode': 'cors' })).toEqual([])
    const [cleared] = await cookiesOf(app.origin, { cookie, 'sec-fetch-mode': 'navigate' })
    expect(cleared).toMatch(/^cloakroom=;.*Max-Age=0/i)
  })
})

/** What a browser's request gets as cookies. `fetch` lets nobody set Sec-Fetch-Mode. */
function cookiesOf(origin: string, headers: Record<string, string>): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}/get`, { headers }, response => {
      response.resume()
      resolve(response.headers['set-cookie'] ?? [])
    })
    sent.on('error', reject)
    sent.end()
  })
}
