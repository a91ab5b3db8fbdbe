import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Demo, failToStartDemo, startDemo } from '../support/demo.ts'
import { createHttpClient } from '../support/http-client.ts'
import { findFreePort, type RedisServer, startRedis } from '../support/redis-server.ts'

const startExample = (env: NodeJS.ProcessEnv = {}): Promise<Demo> =>
  startDemo(env, 'examples/express')

/** A browser that reads pages and sends the forms on them. */
function createVisitor({ origin }: Demo) {
  const { send } = createHttpClient(origin)
  const accept = 'text/html'

  async function open(path: string): Promise<{ status: number; text: string; headers: Headers }> {
    const response = await send(path, { headers: { accept } })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  /** Sends a form with the token of the page it stands on. */
  async function submit(page: string, action: string, fields: Record<string, string> = {}) {
    const { text } = await open(page)
    const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(text) ?? []
    return post(action, { _csrf: token, ...fields })
  }

  function post(action: string, fields: Record<string, string>): Promise<Response> {
    return send(action, { method: 'POST', headers: { accept }, body: new URLSearchParams(fields) })
  }

  const signIn = (name: string, password: string) =>
    submit('/sign-in', '/sign-in', { name, password, next: '/sessions' })
  return { open, submit, post, signIn }
}

function visitsOn(page: string): number {
  return Number(/id="visits">(\d+)</.exec(page)?.[1])
}

describe.each(['memory', 'Redis'])('the example of Express, with sessions in %s', storage => {
  let redis: RedisServer | null = null
  let demo: Demo

  beforeAll(async () => {
    if (storage === 'Redis') redis = await startRedis()
    demo = await startExample(redis === null ? {} : { REDIS_URL: redis.url })
  })

  afterAll(async () => {
    await demo.stop()
    expect(demo.output()).toMatch(/Cloakroom is closed\.\s*$/)
    await expect(fetch(demo.origin)).rejects.toThrow()
    await redis?.stop()
  })

  it('says where sessions are kept', () => {
    expect(demo.output()).toContain(
      redis === null ? 'in the memory of this process' : `at 127.0.0.1:${redis.port}`,
    )
  })

  it('counts visits, keeps the cart, and takes both along at sign-in', async () => {
    const { open, submit } = createVisitor(demo)
    expect(visitsOn((await open('/')).text)).toBe(1)
    await submit('/', '/cart', { item: 'scarf', change: 'add' })
    await submit('/', '/cart', { item: 'scarf', change: 'add' })
    const fields = { name: `Ada.${storage}`, password: 'correct horse' }
    const registered = await submit('/register', '/register', fields)
    expect(registered.status).toBe(303)
    const { text } = await open('/')
    expect(visitsOn(text)).toBe(4)
    expect(text).toContain(`Welcome, ada.${storage.toLowerCase()}`)
    expect(text).toContain('€ 70')
  })

  it('refuses a form without a token, and shows a page about it', async () => {
    const { open, post } = createVisitor(demo)
    await open('/')
    const refused = await post('/note', { note: 'Planted' })
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('That did not come from here')
    expect((await open('/')).text).not.toContain('Planted')
  })

  it('writes what people typed as text', async () => {
    const { open, submit } = createVisitor(demo)
    await submit('/', '/note', { note: '</textarea><script>alert(1)</script>' })
    expect((await open('/')).text).toContain('&#60;/textarea&#62;&#60;script&#62;')
  })

  it('has pages for 401, 403 and 404', async () => {
    const { open, submit } = createVisitor(demo)
    const refused = await open('/sessions')
    expect(refused.status).toBe(401)
    expect(refused.text).toContain('href="/sign-in?next=%2Fsessions"')
    expect((await open('/nowhere')).status).toBe(404)
    await submit('/register', '/register', { name: `bob-${storage}`, password: 'correct horse' })
    expect((await open('/admin')).status).toBe(403)
  })

  it('answers 429 to the sixth password, even to the right one', async () => {
    const { signIn } = createVisitor(demo)
    const name = `mallory-${storage}`
    for (let count = 0; count < 5; count += 1) {
      const refused = await signIn(name, 'wrong')
      expect(refused.status).toBe(401)
      expect(await refused.text()).toContain('The name or the password is wrong.')
    }
    const blocked = await signIn(name, 'wrong')
    expect(blocked.status).toBe(429)
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(890)
    expect(await blocked.text()).toContain('Wait 15 minutes.')
  })

  it('goes back to where the visitor came from, and nowhere else', async () => {
    const signIn = async (next: string): Promise<string | null> => {
      const fields = { name: 'admin', password: demo.password, next }
      const response = await createVisitor(demo).submit('/sign-in', '/sign-in', fields)
      return response.headers.get('location')
    }
    expect(await signIn('//evil.test')).toBe('/')
    expect(await signIn('/admin?cursor=7')).toBe('/admin?cursor=7')
  })

  it('ends other sessions, and lets the administrator end any', async () => {
    const phone = createVisitor(demo)
    const desk = createVisitor(demo)
    const fields = { name: `eve-${storage}`, password: 'correct horse' }
    await phone.submit('/register', '/register', fields)
    await desk.signIn(fields.name, fields.password)
    await desk.submit('/sessions', '/sessions/end-others')
    expect((await phone.open('/sessions')).status).toBe(401)
    const { text } = await desk.open('/sessions')
    const [, id = ''] = /name="id" value="([^"]+)"/.exec(text) ?? []

    const admin = createVisitor(demo)
    await admin.signIn('admin', demo.password)
    expect((await admin.open('/admin')).text).toContain(id)
    expect((await admin.submit('/admin', '/admin/end', { id })).status).toBe(303)
    expect((await desk.open('/sessions')).status).toBe(401)
  })

  it('sends a strict policy with every page, and no script inside', async () => {
    const { open } = createVisitor(demo)
    for (const path of ['/', '/sign-in', '/register', '/sessions', '/nowhere']) {
      const { headers, text } = await open(path)
      expect(headers.get('content-security-policy')).not.toContain('unsafe')
      expect(text).not.toMatch(/<script>|<style|\son\w+=|style=/)
    }
  })
})

describe('the example of Express', () => {
  it('says so while Redis is away, signs nobody out, and goes on by itself', async () => {
    const redis = await startRedis({ appendOnly: true })
    const demo = await startExample({ REDIS_URL: redis.url })
    const { open, submit } = createVisitor(demo)
    await submit('/register', '/register', { name: 'dora', password: 'correct horse' })
    await redis.kill()
    const unavailable = await open('/sessions')
    expect(unavailable.status).toBe(503)
    expect(unavailable.text).toContain('You have not been signed out')
    expect(unavailable.headers.getSetCookie()).toEqual([])
    await redis.restart()
    await expect.poll(async () => (await open('/sessions')).status, { timeout: 10_000 }).toBe(200)
    await demo.stop()
    await redis.stop()
  })

  it('starts without Redis, and says that it is not there', async () => {
    const port = await findFreePort()
    const demo = await startExample({ REDIS_URL: `redis://:secret@127.0.0.1:${port}` })
    expect(demo.output()).toContain(`at 127.0.0.1:${port}, which does not answer`)
    expect(demo.output()).not.toContain('secret')
    await demo.stop()
  })

  it('says what to do when the port is taken', async () => {
    const demo = await startExample()
    const port = new URL(demo.origin).port
    expect(await failToStartDemo({ PORT: port }, 'examples/express')).toContain(
      `Port ${port} is taken.`,
    )
    await demo.stop()
  })
})
