import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { otherPassword } from '../support/accounts.ts'
import { type Demo, failToStartDemo, startDemo } from '../support/demo.ts'
import { createHttpClient } from '../support/http-client.ts'
import { findFreePort, type RedisServer, startRedis } from '../support/redis-server.ts'

/** A browser that reads pages and sends the forms on them. */
function createVisitor({ origin }: Demo) {
  const { send } = createHttpClient(origin)
  const headers = { accept: 'text/html' }

  async function open(path: string) {
    const response = await send(path, { headers })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  /** Sends a form with the token of the page it stands on, and gives where that leads. */
  async function submit(page: string, action: string, fields: Record<string, string> = {}) {
    const { text } = await open(page)
    const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(text) ?? []
    const body = new URLSearchParams({ _csrf: token, ...fields })
    const answer = await send(action, { method: 'POST', headers, body })
    return answer.headers.get('location') ?? String(answer.status)
  }

  return { open, submit }
}

/** Signs the administrator in, who chooses a password if that has not happened. */
async function enterAsAdmin(demo: Demo, visitor: ReturnType<typeof createVisitor>): Promise<void> {
  const email = 'admin@cloakroom.example'
  const reset = await visitor.submit('/login', '/login', { email, password: demo.password })
  const token = new URLSearchParams(reset.split('?')[1]).get('token') ?? ''
  await visitor.submit(reset, '/reset', { token, 'new-password': otherPassword })
  const entered = await visitor.submit('/login', '/login', { email, password: otherPassword })
  expect(entered).toBe('/')
}

describe.each(['memory', 'Redis'])('npm start, with sessions in %s', storage => {
  let redis: RedisServer | null = null
  let demo: Demo

  beforeAll(async () => {
    if (storage === 'Redis') redis = await startRedis()
    demo = await startDemo(redis === null ? {} : { REDIS_URL: redis.url })
  }, 90_000)

  afterAll(async () => {
    await demo.stop()
    expect(demo.output()).toMatch(/Cloakroom is closed\.\s*$/)
    await expect(fetch(demo.origin)).rejects.toThrow()
    await redis?.stop()
  })

  it('says where sessions and accounts are kept', () => {
    expect(demo.output()).toContain(
      redis === null ? 'in the memory of this process' : `at 127.0.0.1:${redis.port}`,
    )
    expect(demo.output()).toContain('embedded PostgreSQL, in memory')
  })

  it('lets the first administrator in, who has to choose a password, and shows the console', async () => {
    const visitor = createVisitor(demo)
    await enterAsAdmin(demo, visitor)
    const home = await visitor.open('/')
    expect(home.text).toContain('href="/admin"')
    expect((await visitor.open('/admin')).status).toBe(200)
  })

  it('keeps a visitor’s cart, and sells it to those who signed in a short time ago', async () => {
    const visitor = createVisitor(demo)
    await visitor.submit('/', '/cart', { item: 'scarf', change: 'add' })
    await visitor.submit('/', '/cart', { item: 'scarf', change: 'add' })
    expect((await visitor.open('/')).text).toContain('€ 70')
    expect(await visitor.submit('/', '/order')).toBe('401')
    const email = `ada.${storage}@example.org`.toLowerCase()
    const fields = { email, name: 'Ada', 'new-password': otherPassword }
    expect(await visitor.submit('/register', '/register', fields)).toBe('/register/sent')
    const findLink = () =>
      new RegExp(`Mail to ${email}[^]*?(/verify\\?token=\\S+)`).exec(demo.output())
    await expect.poll(findLink).not.toBeNull()
    const link = findLink()?.[1] ?? ''
    const token = new URLSearchParams(link.split('?')[1]).get('token') ?? ''
    const verified = await visitor.submit(link, '/verify', { token, password: otherPassword })
    expect(verified).toBe('/account?done=welcome')
    expect((await visitor.open('/')).text).toContain('€ 70')
    expect(await visitor.submit('/', '/order')).toBe('/')
    expect((await visitor.open('/')).text).toContain('Ordered.')
    expect((await visitor.open('/admin')).status).toBe(403)
  })

  it('refuses a form without a token, and shows a page about it', async () => {
    const visitor = createVisitor(demo)
    await visitor.open('/')
    expect(await visitor.submit('/logo.svg', '/note', { note: 'Planted' })).toBe('403')
    expect((await visitor.open('/')).text).not.toContain('Planted')
  })

  it('writes what people typed as text', async () => {
    const { open, submit } = createVisitor(demo)
    await submit('/', '/note', { note: '</textarea><script>alert(1)</script>' })
    expect((await open('/')).text).toContain('&#60;/textarea&#62;&#60;script&#62;')
    expect((await open('/nowhere')).status).toBe(404)
  })

  it('sends a strict policy with every page, and no script inside', async () => {
    const { open } = createVisitor(demo)
    for (const path of ['/', '/login', '/register', '/forgot', '/nowhere']) {
      const { headers, text } = await open(path)
      expect(headers.get('content-security-policy')).not.toContain('unsafe')
      expect(text).not.toMatch(/<script>|<style|\son\w+=|style=/)
    }
  })
})

describe('npm start', { timeout: 90_000 }, () => {
  it('starts without Redis, and says that it is not there', async () => {
    const port = await findFreePort()
    const demo = await startDemo({ REDIS_URL: `redis://:secret@127.0.0.1:${port}` })
    expect(demo.output()).toContain(`at 127.0.0.1:${port}, which does not answer`)
    expect(demo.output()).not.toContain('secret')
    await demo.stop()
  })

  it('says what to do when the port is taken', async () => {
    const demo = await startDemo()
    const port = new URL(demo.origin).port
    expect(await failToStartDemo({ PORT: port })).toContain(`Port ${port} is taken.`)
    await demo.stop()
  })
})
