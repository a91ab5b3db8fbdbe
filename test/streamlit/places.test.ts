import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { startStreamlit } from '../support/streamlit-server.ts'
import { startFront } from './front.ts'
import {
  appOptions,
  createStreamlitGround,
  expectValue,
  openTab,
  type StreamlitGround,
  type StreamlitGroundOptions,
  untilRun,
  valueLine,
} from './ground.ts'

let ground: StreamlitGround
const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanUps.splice(0)) await clean()
  await ground?.close()
})

async function open(options: StreamlitGroundOptions = {}): Promise<void> {
  ground = await createStreamlitGround(options)
  await ground.addAccount('ada@example.org')
}

describe('two replicas and two workers [F 14]', () => {
  it('lead everybody to their own replica, and one that dies moves only its users', async () => {
    const front = await startFront()
    cleanUps.push(front.close)
    const config = { origin: front.origin, trustProxy: ['127.0.0.1'] }
    await open({ replicas: 2, workers: 2, config })
    const [first, second] = ground.gateways.map(
      ({ settings }) => `http://127.0.0.1:${settings.port}`,
    )
    front.headers = { 'x-forwarded-proto': 'http' }
    front.to = first ?? ''
    const tabs: { page: Page; replica: string }[] = []
    const count = (): number => new Set(tabs.map(({ replica }) => replica)).size
    // Which replica somebody gets is by chance.
    while (tabs.length < 4 || (count() < 2 && tabs.length < 20)) {
      const email = `p${tabs.length}@example.org`
      await ground.addAccount(email)
      const page = await openTab(ground, { email, path: front.origin })
      tabs.push({ page, replica: await valueLine(page, 'replica') })
    }
    expect(count()).toBe(2)
    for (const { page, replica } of tabs) {
      await page.locator('input[type=file]').setInputFiles({
        name: 'a.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('abc'),
      })
      await expectValue(page, 'uploaded', ['a.txt', 3])
      // The other worker leads to the same one.
      front.to = front.to === first ? (second ?? '') : (first ?? '')
      await page.reload()
      await untilRun(page)
      expect(await valueLine(page, 'replica')).toBe(replica)
    }
    await ground.apps[1]?.kill()
    for (const { page, replica } of tabs) {
      if (replica === 'replica="0"') {
        await page.getByRole('button', { name: 'Count' }).click()
        await expectValue(page, 'count', 1)
      } else {
        // Once it is noticed that the replica is gone.
        const isMoved = async (): Promise<boolean> => {
          await page.reload()
          return untilRun(page, 5000).then(
            () => true,
            () => false,
          )
        }
        await expect.poll(isMoved, { timeout: 40_000, interval: 1000 }).toBe(true)
        expect(await valueLine(page, 'replica')).toBe('replica="0"')
      }
    }
  }, 180_000)
})

describe('below a path [F 15]', () => {
  it('an app works whether the path is taken off or not, and two side by side', async () => {
    const second = await startStreamlit({
      ...appOptions,
      settings: { ...appOptions.settings, 'server.baseUrlPath': 'apps/two' },
      env: { ...appOptions.env, REPLICA: 'two' },
    })
    cleanUps.push(second.stop)
    await open({
      apps: ([first]) => [
        { to: first?.url ?? '', path: '/apps/one', stripPath: true, preset: 'streamlit' },
        { to: second.url, path: '/apps/two', preset: 'streamlit' },
      ],
    })
    const page = await openTab(ground, { path: '/apps/one/?q=1' })
    await expectValue(page, 'query', '1')
    await expectValue(page, 'replica', '0')
    await page.locator('input[type=file]').setInputFiles({
      name: 'a.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('abc'),
    })
    await expectValue(page, 'uploaded', ['a.txt', 3])
    await page.goto('/apps/two')
    await expectValue(page, 'replica', 'two')
    await expectValue(page, 'user', 'ada@example.org')
  })

  it('the paths of the app’s own sign-in are the app’s', async () => {
    await open()
    const page = await openTab(ground)
    const { url } = ground.apps[0] ?? {}
    for (const path of ['/auth/login', '/oauth2callback']) {
      const there = await page.request.get(path, { maxRedirects: 0 })
      const direct = await fetch(`${url}${path}`, { redirect: 'manual' })
      expect([path, there.status()]).toEqual([path, direct.status])
    }
  })
})

describe('paths that are not for everybody [F 16]', () => {
  it('are closed: metrics to all, health to visitors', async () => {
    await open()
    const page = await openTab(ground)
    const visitor = await ground.browsing.newVisitor()
    const status = async (from: Page, path: string) => (await from.request.get(path)).status()
    expect(await status(page, '/_stcore/metrics')).toBe(403)
    expect(await status(page, '/_stcore/health')).toBe(200)
    expect(await status(visitor, '/_stcore/health')).toBe(401)
    await ground.apps[0]?.kill()
    expect(await status(visitor, '/_cloakroom/live')).toBe(200)
    expect(await status(visitor, '/_cloakroom/ready')).toBe(200)
  })
})

describe('an app that is down [F 17]', () => {
  it('is waited for by pages, and told to scripts; nobody has to sign in again', async () => {
    await open()
    const page = await openTab(ground)
    const opening = page.waitForEvent('websocket', socket => socket.url().includes('/_stcore/'))
    await page.reload()
    const socket = await opening
    await untilRun(page)
    await ground.apps[0]?.kill()
    if (!socket.isClosed()) await socket.waitForEvent('close')
    const fetched = await page.request.get('/_stcore/health')
    expect(fetched.status()).toBe(502)
    expect(fetched.headers()['content-type']).toContain('json')
    const answer = await page.goto('/')
    expect(answer?.status()).toBe(502)
    expect(answer?.headers()['content-type']).toContain('text/html')
    await ground.apps[0]?.restart()
    // The page loads itself again.
    await expectValue(page, 'header', 'ada@example.org')
  })
})

describe('what clients say of themselves [F 6, F 7]', () => {
  it('changes nothing of who they are; where they are is told by a proxy that is trusted', async () => {
    const front = await startFront()
    cleanUps.push(front.close)
    await open({ config: { origin: front.origin, trustProxy: ['127.0.0.1'] } })
    front.to = `http://127.0.0.1:${ground.gateways[0]?.settings.port}`
    front.headers = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'http',
      'x-cloakroom-email': 'root@example.org',
      'X-Cloakroom-Roles': 'admin',
      x_cloakroom_email: 'root@example.org',
      X_CLOAKROOM_USER: 'root',
      'x-cloakroom-session': 'abc',
      forwarded: 'for=198.51.100.1',
      'x-real-ip': '198.51.100.1',
    }
    const page = await openTab(ground, { path: front.origin })
    await expectValue(page, 'user', 'ada@example.org')
    await expectValue(page, 'header', 'ada@example.org')
    await expectValue(page, 'roles', 'user,guest')
    await expectValue(page, 'ip', '203.0.113.9')
  })

  it('is not believed of where they are without such a proxy', async () => {
    const front = await startFront()
    cleanUps.push(front.close)
    await open({ config: { origin: front.origin } })
    front.to = `http://127.0.0.1:${ground.gateways[0]?.settings.port}`
    front.headers = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9' }
    const page = await openTab(ground, { path: front.origin })
    expect(await valueLine(page, 'ip')).not.toContain('203.0.113.9')
  })
})
