import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EchoApp, startEchoApp } from '../../../../test/support/gateway-app.ts'
import {
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
} from '../../../../test/support/gateway-ground.ts'
import { createUpstreams } from '../tunnel/upstreams.ts'

describe('createUpstreams', () => {
  const urls = ['http://a:1', 'http://b:1', 'http://c:1'].map(text => new URL(text))
  const keys = Array.from({ length: 300 }, (_, at) => `session ${at}`)

  it('spreads keys, always in the same way', () => {
    const one = createUpstreams({ urls, health: false })
    const other = createUpstreams({ urls: [...urls].reverse(), health: false })
    const counts = new Map<string, number>()
    for (const key of keys) {
      const { host } = one.pick(key)
      expect(other.pick(key).host).toBe(host)
      counts.set(host, (counts.get(host) ?? 0) + 1)
    }
    expect([...counts.values()].every(count => count > 60)).toBe(true)
    one.close()
    other.close()
  })

  it('moves only the keys of a replica that fails', () => {
    const upstreams = createUpstreams({ urls, health: false })
    const before = keys.map(key => upstreams.pick(key))
    upstreams.noteFailure(urls[0] as URL)
    for (const [at, key] of keys.entries()) {
      if (before[at] === urls[0]) expect(upstreams.pick(key)).not.toBe(urls[0])
      else expect(upstreams.pick(key)).toBe(before[at])
    }
    upstreams.close()
  })

  it('goes on with what there is when all fail', () => {
    const upstreams = createUpstreams({ urls, health: false })
    for (const url of urls) upstreams.noteFailure(url)
    expect(urls).toContain(upstreams.pick('any'))
    expect(upstreams.isWell()).toBe(false)
    upstreams.close()
  })

  it('asks replicas how they are', async () => {
    const app = await startEchoApp()
    let status = 503
    app.answer = (_request, response) => !!response.writeHead(status).end()
    const both = [new URL(app.url), new URL('http://127.0.0.1:1')]
    const upstreams = createUpstreams({ urls: both, health: '/health', intervalMs: 20 })
    await expect.poll(() => upstreams.isWell()).toBe(false)
    status = 200
    await expect.poll(() => upstreams.isWell()).toBe(true)
    expect(upstreams.pick('any')).toBe(both[0])
    expect(app.seen[0]?.url).toBe('/health')
    upstreams.close()
    await app.close()
  })
})

describe('replicas of an app', () => {
  let apps: EchoApp[]
  let ground: GatewayGround
  beforeEach(async () => {
    apps = [await startEchoApp(), await startEchoApp()]
    const to = apps.map(({ url }) => url)
    ground = await createGatewayGround({ to }, { app: apps[0] as EchoApp })
  })
  afterEach(async () => {
    await ground.close()
    await Promise.all(apps.map(app => app.close().catch(() => undefined)))
  })

  const portOf = async (browser: GatewayBrowser): Promise<number> => {
    const before = apps.map(app => app.seen.length)
    expect((await browser.load('/')).status).toBe(200)
    return apps.find((app, at) => app.seen.length > (before[at] ?? 0))?.port ?? 0
  }

  it('are asked by one person in one place, by requests and WebSockets alike', async () => {
    const browser = await ground.signIn()
    const port = await portOf(browser)
    for (let attempt = 0; attempt < 5; attempt += 1) expect(await portOf(browser)).toBe(port)
    const socket = await browser.open('/live')
    expect(apps.find(app => app.sockets.size === 1)?.port).toBe(port)
    socket.terminate()
  })

  it('take each other’s place, without a failed page', async () => {
    const browser = await ground.signIn()
    const port = await portOf(browser)
    const own = apps.find(app => app.port === port)
    await own?.close()
    expect(await portOf(browser)).not.toBe(port)
    const answer = await browser.send('/', { method: 'POST', headers: { origin: ground.origin } })
    expect(answer.status).toBe(200)
  })

  it('get their people back when they are well again, with their WebSockets', async () => {
    const browser = await ground.signIn()
    const port = await portOf(browser)
    const at = apps.findIndex(app => app.port === port)
    await apps[at]?.close()
    await portOf(browser)
    const socket = await browser.open('/live')
    const closed = once(socket, 'close')
    apps[at] = await startEchoApp(port)
    await closed
    expect(await portOf(browser)).toBe(port)
  })

  it('are asked one after the other, however many do not answer, without a warning', async () => {
    const app = await startEchoApp()
    const dead = Array.from({ length: 8 }, (_, at) => `http://127.0.0.1:${at + 1}`)
    const many = await createGatewayGround({ to: [...dead, app.url] }, { app })
    const warnings: Error[] = []
    const listen = (warning: Error): unknown => warnings.push(warning)
    process.on('warning', listen)
    expect((await (await many.signIn()).load('/')).status).toBe(200)
    process.off('warning', listen)
    expect(warnings.filter(({ name }) => name.startsWith('MaxListeners'))).toEqual([])
    await many.close()
    await app.close()
  })
})
