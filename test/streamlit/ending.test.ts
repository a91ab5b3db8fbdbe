import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  cookieOf,
  createStreamlitGround,
  expectValue,
  openTab,
  type StreamlitGround,
  type StreamlitGroundOptions,
  signIn,
  untilRun,
} from './ground.ts'

let ground: StreamlitGround
afterEach(() => ground?.close())

/** A tab in which Ada is signed in, and the app has run. */
async function open(options: StreamlitGroundOptions = {}): Promise<{ page: Page; id: string }> {
  ground = await createStreamlitGround(options)
  const id = await ground.addAccount('ada@example.org')
  await ground.addAccount('bob@example.org')
  await ground.addAccount('root@example.org', 'admin')
  return { page: await openTab(ground), id }
}

/** How long after an action the page is at the sign-in form, in milliseconds. */
async function timeToSignIn(page: Page, action: () => Promise<unknown>): Promise<number> {
  const there = page.waitForURL(/\/_cloakroom\/login/, { timeout: 15_000 })
  await action()
  const startedAt = performance.now()
  await there
  return performance.now() - startedAt
}

describe('an open tab [F 9]', () => {
  it('is led to sign-in within a second, whoever ends its session on whichever worker', async () => {
    const { page, id } = await open({ workers: 2 })
    const [, second] = ground.gateways
    if (second === undefined) throw new Error('There is no second worker.')
    const { sessions } = second.engine.cloakroom
    const actions: readonly (() => Promise<unknown>)[] = [
      async () => sessions.revoke((await sessions.list(id))[0]?.id ?? ''),
      () => sessions.raiseEpoch({ user: id }),
      () => sessions.raiseEpoch({ all: true }),
      async () => {
        const tab = await page.context().newPage()
        await tab.goto(`${ground.origin}/_cloakroom/account`)
        await tab.getByRole('button', { name: 'Sign out', exact: true }).first().click()
        await tab.waitForURL(/done=out/)
      },
    ]
    for (const action of actions) {
      expect(await timeToSignIn(page, action)).toBeLessThan(1000)
      await page.goto('/')
      await signIn(page, 'ada@example.org')
      await untilRun(page)
    }
  })

  it('is led to sign-in when the role changes, and when the password is reset', async () => {
    const { page, id } = await open()
    const { flows } = ground.gateways[0]?.engine.accounts ?? {}
    const admin = await ground.visitAs('root@example.org')
    const change = async () => {
      const changed = await flows?.changeRole({ accountId: id, role: 'moderator' }, admin)
      expect(changed).toEqual({ ok: true })
    }
    expect(await timeToSignIn(page, change)).toBeLessThan(1000)
    await page.goto('/')
    await signIn(page, 'ada@example.org')
    await untilRun(page)
    await expectValue(page, 'roles', 'moderator,user,guest')
    const elsewhere = await ground.browsing.newVisitor()
    await elsewhere.goto('/_cloakroom/forgot')
    await elsewhere.fill('input[name=email]', 'ada@example.org')
    await elsewhere.click('main button[type=submit]')
    await expect.poll(() => ground.mails.length).toBe(1)
    await elsewhere.goto(/https?:\/\/\S+/.exec(ground.mails.at(-1)?.text ?? '')?.[0] ?? '')
    await elsewhere.fill('input[name=new-password]', 'a wholly new and long one 7')
    const reset = () => elsewhere.click('main button[type=submit]')
    expect(await timeToSignIn(page, reset)).toBeLessThan(1000)
  })

  it('is led to sign-in when the time of the session is over', async () => {
    const { page } = await open({ config: { session: { idle: '8s', absolute: '8s' } } })
    expect(await timeToSignIn(page, async () => undefined)).toBeLessThan(9500)
  })

  it('shows a sentence where there is no watcher', async () => {
    const { page, id } = await open({ config: { watcher: false } })
    await ground.gateways[0]?.engine.cloakroom.sessions.raiseEpoch({ user: id })
    await page
      .getByText(/session has ended/i)
      .first()
      .waitFor({ timeout: 60_000 })
  })
})

describe('somebody else with the name of a state [F 10]', () => {
  for (const [title, settings] of [
    ['with trusted headers', {}],
    ['without', { 'server.trustedUserHeaders': '{}' }],
  ] as const) {
    it(`never sees that state, ${title}; its owner does`, async () => {
      const { page } = await open({ settings })
      const bob = await openTab(ground, { email: 'bob@example.org' })
      const own = await resume(page, null)
      expect(own.text).toContain('runs=1')
      const again = await resume(page, own.name)
      expect(again).toMatchObject({ name: own.name, text: expect.stringContaining('runs=2') })
      const foreign = await resume(bob, own.name)
      expect(foreign.name).not.toBe(own.name)
      expect(foreign.text).toContain('runs=1')
      expect((await resume(page, own.name)).text).toContain('runs=3')
    })
  }
})

/** Opens a socket as a page's browser would, asks for a state by name, and has the script run. */
async function resume(page: Page, name: string | null): Promise<{ name: string; text: string }> {
  const cookie = await cookieOf(page)
  const xsrf = /_streamlit_xsrf=([^;]+)/.exec(cookie)?.[1] ?? ''
  const protocols = ['streamlit', xsrf, ...(name === null ? [] : [name])]
  const socket = new WebSocket(`${ground.origin.replace('http', 'ws')}/_stcore/stream`, protocols, {
    origin: ground.origin,
    headers: { cookie },
  })
  let text = ''
  socket.on('message', data => {
    text += data.toString()
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  // A message of protocol buffers: run the script.
  socket.send(Buffer.from([0x5a, 0x00]))
  await expect.poll(() => text, { timeout: 20_000 }).toContain('tries=')
  socket.terminate()
  // The app has to notice before anybody may go on with the state.
  await page.waitForTimeout(1000)
  return { name: /2\$([0-9a-f]{8}-[0-9a-f-]{27})/.exec(text)?.[1] ?? '', text }
}

describe('a tab that nobody uses [F 11]', () => {
  it('runs out of time although it answers pings, and one that is used does not', async () => {
    const { page } = await open({ config: { session: { idle: '6s', absolute: '1h' } } })
    for (let click = 1; click <= 9; click += 1) {
      await page.getByRole('button', { name: 'Count' }).click()
      await expectValue(page, 'count', click)
      await page.waitForTimeout(1000)
    }
    expect(await timeToSignIn(page, async () => undefined)).toBeGreaterThan(3000)
  })
})

describe('a page of another site [F 8]', () => {
  it('opens no socket, whatever Origin it has', async () => {
    const { page } = await open()
    const headers = { cookie: await cookieOf(page) }
    const url = `${ground.origin.replace('http', 'ws')}/_stcore/stream`
    for (const origin of ['https://evil.example', 'null', undefined]) {
      const socket = new WebSocket(url, ['streamlit'], { headers, ...(origin && { origin }) })
      const status = await new Promise(resolve => {
        socket.once('unexpected-response', (_request, answer) => resolve(answer.statusCode))
        socket.once('open', () => resolve(101))
        socket.once('error', () => undefined)
      })
      socket.terminate()
      expect(status).toBe(403)
    }
  })
})
