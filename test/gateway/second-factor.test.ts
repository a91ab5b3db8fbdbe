import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { password } from '../support/accounts.ts'
import {
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
} from '../support/gateway-ground.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { codeAt } from '../support/second-factors.ts'

const email = 'ada@example.org'
const own = '/_cloakroom'
const page = `${own}/account/second-factor`

let redis: RedisServer
let ground: GatewayGround
beforeAll(async () => {
  redis = await startRedis()
  ground = await createGatewayGround({ redis: redis.url })
}, 30_000)
afterAll(async () => {
  await ground?.close()
  await redis.stop()
})

/** Turns the second factor on at the pages of the gateway. */
async function enrol(browser: GatewayBrowser): Promise<() => string> {
  await browser.submit(page, `${page}/start`, {})
  const { text } = await browser.load(`${page}/setup`)
  const secret = (/<code class="secret">([^<]+)</.exec(text)?.[1] ?? '').replaceAll(' ', '')
  const code = () => codeAt(secret, ground.clock.now())
  const done = await browser.submit(`${page}/setup`, `${page}/setup`, { code: code() })
  expect(done.text).toContain('Your recovery codes')
  ground.clock.advance(30_000)
  return code
}

async function givePassword(): Promise<GatewayBrowser> {
  const browser = ground.openBrowser()
  const login = `${own}/login`
  const { headers } = await browser.submit(login, login, { email, password })
  expect(headers.location).toBe(`${own}/login/code?next=%2F`)
  return browser
}

const giveCode = (browser: GatewayBrowser, code: string) =>
  browser.submit(`${own}/login/code`, `${own}/login/code`, { code, next: '/' })

describe('an app behind the gateway', () => {
  it('is reached by both steps of a sign-in, and never between them', async () => {
    const code = await enrol(await ground.signIn({ email }))
    const browser = await givePassword()
    expect((await browser.load('/')).headers.location).toContain(`${own}/login`)
    expect((await giveCode(browser, '000000')).status).toBe(401)
    expect((await browser.load('/')).headers.location).toContain(`${own}/login`)
    expect((await giveCode(browser, code())).status).toBe(303)
    expect((await browser.load('/')).status).toBe(200)

    ground.clock.advance(30_000)
    const browsers = await Promise.all(Array.from({ length: 4 }, givePassword))
    const once = code()
    const answers = await Promise.all(browsers.map(each => giveCode(each, once)))
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 401, 401, 401])
    const pages = await Promise.all(browsers.map(each => each.load('/')))
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})
