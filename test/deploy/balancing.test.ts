import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { type FrontProxy, startHaproxy, startNginx } from '../support/front-proxy.ts'
import { type EchoApp, startEchoApp } from '../support/gateway-app.ts'
import { createBrowserAt, type GatewayBrowser } from '../support/gateway-ground.ts'
import { type GatewayWorker, startGatewayWorker } from '../support/gateway-worker.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { findFreePort, type RedisServer, startRedis } from '../support/redis-server.ts'

const origin = 'https://app.example.org'
const email = 'admin@example.org'
const password = 'Gr8-Wardrobe-Lantern-Tulip'

const read = (path: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url)), 'utf8')

let redis: RedisServer
let postgres: PostgresServer
let app: EchoApp
let workers: GatewayWorker[]
let env: Record<string, string>
beforeAll(async () => {
  ;[redis, postgres, app] = await Promise.all([startRedis(), startPostgres(), startEchoApp()])
  env = {
    REDIS_URL: redis.url,
    SESSION_SECRET_KEY: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    COOKIE_SECRET_KEY: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
    CLOAKROOM_TO: app.url,
    CLOAKROOM_ORIGIN: origin,
    CLOAKROOM_TRUST_PROXY: 'loopback',
    CLOAKROOM_ACCOUNTS_URL: postgres.url,
    CLOAKROOM_MAIL_URL: 'smtp://127.0.0.1:1',
    CLOAKROOM_MAIL_FROM: 'noreply@example.org',
    CLOAKROOM_ADMIN_EMAIL: email,
    CLOAKROOM_ADMIN_PASSWORD: password,
  }
  // One after the other: the first makes the tables and the administrator.
  workers = [await startGatewayWorker(await findFreePort(), env)]
  workers.push(await startGatewayWorker(await findFreePort(), env))
})
afterAll(async () => {
  await Promise.all((workers ?? []).map(worker => worker.kill()))
  await app?.close()
  await postgres?.stop()
  await redis?.stop()
})

/** The file of deploy/, with the workers of this test, and plain HTTP where it speaks TLS. */
async function startProxy(
  kind: 'nginx' | 'haproxy',
  isSticky: boolean,
): Promise<{ proxy: FrontProxy; port: number }> {
  const port = await findFreePort()
  const file = await read(kind === 'nginx' ? 'nginx/cloakroom.conf' : 'haproxy/haproxy.cfg')
  const placed = workers.reduce(
    (text, worker, at) => text.replaceAll(`worker-${at + 1}:8080`, `127.0.0.1:${worker.port}`),
    file,
  )
  if (kind === 'nginx') {
    const http = placed
      .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
      .replace(/^ +ssl_certificate.*$/gm, '')
      .replace('$scheme', 'https')
      .replace('proxy_pass http://cloakroom;', `proxy_pass http://${nameOf(isSticky)};`)
    return { proxy: await startNginx(port, http), port }
  }
  const sections = placed
    .replace(/bind :443 ssl .*$/m, `bind 127.0.0.1:${port}`)
    .replace('httponly secure', 'httponly')
    .replace('default_backend cloakroom', `default_backend ${nameOf(isSticky)}`)
  return { proxy: await startHaproxy(port, sections), port }
}

const nameOf = (isSticky: boolean): string => (isSticky ? 'cloakroom_sticky' : 'cloakroom')

async function signIn(port: number): Promise<GatewayBrowser> {
  const browser = createBrowserAt(port, origin)
  const page = '/_cloakroom/login'
  const answer = await browser.submit(page, page, { email, password })
  if (answer.status !== 303) throw new Error(`The sign-in is answered by ${answer.status}.`)
  return browser
}

/** How many requests each worker has passed on to the app: their connections to it differ. */
async function countByWorker(browser: GatewayBrowser, requests: number): Promise<number[]> {
  const counts = new Map<number, number>()
  const note = (request: { socket: { remotePort?: number } }): void => {
    const port = request.socket.remotePort ?? 0
    counts.set(port, (counts.get(port) ?? 0) + 1)
  }
  app.server.on('request', note)
  for (let count = 0; count < requests; count += 1) {
    expect((await browser.load('/')).status).toBe(200)
  }
  app.server.off('request', note)
  return [...counts.values()]
}

describe.each(['nginx', 'haproxy'] as const)('%s in front of two workers', kind => {
  let proxy: FrontProxy
  let port: number
  afterEach(() => proxy?.stop())

  it('takes turns, and whoever signed in at one is signed in at the other', async () => {
    ;({ proxy, port } = await startProxy(kind, false))
    const browser = await signIn(port)
    const counts = await countByWorker(browser, 12)
    expect(counts.length).toBeGreaterThanOrEqual(2)
    const answer = (await browser.load('/')).json() as { headers: Record<string, string> }
    expect(answer.headers['x-cloakroom-email']).toBe(email)
    expect(answer.headers['x-forwarded-proto']).toBe('https')
  })

  it('keeps a browser on one worker where it is told to', async () => {
    ;({ proxy, port } = await startProxy(kind, true))
    const browser = await signIn(port)
    expect(await countByWorker(browser, 8)).toEqual([8])
  })

  it('loses no request while a worker is told to end', async () => {
    ;({ proxy, port } = await startProxy(kind, false))
    const browser = await signIn(port)
    const leaving = workers[1] as GatewayWorker
    const statuses: number[] = []
    let isOver = false
    const asking = Array.from({ length: 3 }, async () => {
      while (!isOver) statuses.push((await browser.load('/')).status)
    })
    await expect.poll(() => statuses.length).toBeGreaterThan(10)
    expect(await leaving.terminate()).toBe(0)
    const before = statuses.length
    await expect.poll(() => statuses.length).toBeGreaterThan(before + 10)
    isOver = true
    await Promise.all(asking)
    expect(statuses.filter(status => status !== 200)).toEqual([])
    workers[1] = await startGatewayWorker(leaving.port, env)
  })
})

describe('a worker that is told to end', () => {
  it('lets what is under way come to an end, closes sockets, and is gone', async () => {
    const worker = workers[1] as GatewayWorker
    const browser = await signIn(worker.port)
    const socket: WebSocket = await browser.open('/socket')
    const closed = once(socket, 'close')
    let answer: () => void = () => undefined
    app.answer = (request, response) => {
      if (request.url !== '/slow') return false
      answer = () => void response.end('done')
      return true
    }
    const slow = browser.load('/slow')
    await expect.poll(() => app.seen.some(request => request.url === '/slow')).toBe(true)
    const ended = worker.terminate()
    await closed
    await expect(fetch(`http://127.0.0.1:${worker.port}/_cloakroom/live`)).rejects.toThrow()
    answer()
    expect((await slow).text).toBe('done')
    expect(await ended).toBe(0)
    app.answer = () => false
    expect(worker.output()).not.toMatch(/Error|unhandled/i)
  })
})
