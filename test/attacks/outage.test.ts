import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningApp, startExpressApp } from '../support/express-app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Relay, startRelay } from '../support/relay.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const deadlineMs = 300

describe('while Redis is away', () => {
  let redis: RedisServer
  let relay: Relay
  let app: RunningApp
  let client: ReturnType<typeof createClient>

  beforeAll(async () => {
    redis = await startRedis({ appendOnly: true })
    relay = await startRelay(redis.port)
    client = createClient({ url: `redis://127.0.0.1:${relay.port}` })
    app = startExpressApp({
      redis: client,
      secret,
      cookieSecret: secret,
      redisGuard: { deadline: `${deadlineMs}ms`, failures: 3, retryAfter: '100ms' },
    })
  })
  afterAll(async () => {
    app.close()
    client.destroy()
    await relay.stop()
    await redis.stop()
  })

  async function untilHealed(browser: ReturnType<RunningApp['newClient']>): Promise<void> {
    await expect.poll(async () => (await browser.send('/me')).status, { timeout: 10_000 }).toBe(200)
  }

  it('answers 503 in time, signs nobody out, and goes on by itself', async () => {
    const browser = app.newClient()
    await browser.post('/login', { user: 'alice' })
    const ticket = [...browser.jar.values()].join()
    relay.pause()
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.send('/me')))
    expect(performance.now() - began).toBeLessThan(deadlineMs * 10)
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([503]))
    expect(answers.flatMap(answer => answer.headers.getSetCookie())).toEqual([])
    expect((await browser.send('/me')).headers.get('retry-after')).toBe('1')
    relay.resume()
    await untilHealed(browser)
    expect([...browser.jar.values()].join()).toBe(ticket)
  })

  it('serves visitors, and pages that need no session', async () => {
    const browser = app.newClient()
    await browser.post('/login', { user: 'bob' })
    relay.pause()
    expect((await app.newClient().send('/public')).status).toBe(200)
    expect((await app.newClient().send('/get')).status).toBe(200)
    expect((await browser.send('/public')).status).toBe(200)
    relay.resume()
    await untilHealed(browser)
  })

  it('starts no visitor’s session in place of one it cannot read', async () => {
    const browser = app.newClient()
    await browser.post('/login', { user: 'carol' })
    const ticket = [...browser.jar.values()].join()
    relay.pause()
    const written = await browser.post('/set', { theme: 'dark' })
    expect(written.status).toBeGreaterThanOrEqual(403)
    relay.resume()
    await untilHealed(browser)
    expect([...browser.jar.values()].join()).toBe(ticket)
  })

  it('survives a restart and an emptied script cache', async () => {
    const browser = app.newClient()
    await browser.post('/login', { user: 'dave' })
    await redis.restart()
    await untilHealed(browser)
    const direct = createClient({ url: redis.url })
    await direct.connect()
    await direct.sendCommand(['SCRIPT', 'FLUSH'])
    direct.destroy()
    expect((await browser.send('/me')).status).toBe(200)
    expect((await browser.post('/set', { theme: 'dark' })).status).toBe(200)
  })
})
