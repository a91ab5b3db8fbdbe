import { type Cloakroom, createCloakroom, getCsrfToken } from 'cloakroom'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RedisServer, startRedis } from './support/redis-server.ts'

const minute = 60_000

describe.each([
  ['fast', 10 * minute],
  ['slow', -10 * minute],
])('a process whose clock is ten minutes %s', (_how, offMs) => {
  let redis: RedisServer
  let cloakroom: Cloakroom
  beforeAll(async () => {
    redis = await startRedis()
    cloakroom = createCloakroom({
      redis: createClient({ url: redis.url }),
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
      session: { remember: { idle: '5m', absolute: '8m' } },
      audit: false,
      env: {},
    })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  afterAll(async () => {
    cloakroom.close()
    await redis.stop()
  })

  /** Serves one request as a process does that has this clock. */
  async function serve(
    clockOffMs: number,
    { path = '/', ...init }: RequestInit & { path?: string } = {},
  ): Promise<Response> {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + clockOffMs })
    const handle = cloakroom.fetch(async (request, session) => {
      if (new URL(request.url).pathname === '/login') {
        await session.login({ id: 'alice' }, { remember: true })
      }
      return new Response(getCsrfToken())
    })
    const request = new Request(`http://localhost${path}`, init)
    const answer = await handle(request, { address: '127.0.0.1' })
    vi.useRealTimers()
    return answer
  }

  async function signIn(clockOffMs: number) {
    const page = await serve(0)
    const headers = { cookie: cookieOf(page), 'x-csrf-token': await page.text() }
    const answer = await serve(clockOffMs, { path: '/login', method: 'POST', headers })
    const [line = ''] = answer.headers.getSetCookie().filter(each => each.startsWith('cloakroom='))
    return { answer, line, maxAge: Number(/Max-Age=(\d+)/.exec(line)?.[1]) }
  }

  const cookieOf = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .map(line => line.split(';', 1)[0])
      .join('; ')

  it('gives out cookies that last as long as the session', async () => {
    const { maxAge } = await signIn(offMs)
    expect(maxAge).toBeGreaterThan(8 * 60 - 2)
    expect(maxAge).toBeLessThanOrEqual(8 * 60 + 1)
  })

  it('shares forms with the others', async () => {
    const { answer, line } = await signIn(0)
    const cookie = line.split(';', 1)[0] ?? ''
    const send = async (from: Response, to: number): Promise<number> => {
      const headers = { cookie, 'x-csrf-token': await from.text() }
      return (await serve(to, { method: 'POST', headers })).status
    }
    expect(await send(answer, offMs)).toBe(200)
    expect(await send(await serve(offMs, { headers: { cookie } }), 0)).toBe(200)
  })
})
