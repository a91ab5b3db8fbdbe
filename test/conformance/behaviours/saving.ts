import { describe, expect, it } from 'vitest'
import { createBrowser } from '../browser.ts'
import type { World } from '../world.ts'

/** That what a handler writes is stored before anybody can ask for it. */
export function describeSaving(world: () => World): void {
  describe('saving', () => {
    it('starts a session with a visitor’s first data', async () => {
      const browser = world().browse()
      const first = await browser.send('/set?k=a&v=1')
      expect(first.headers.getSetCookie()).toHaveLength(1)
      expect(await browser.read('/get')).toEqual({ user: null, data: { a: '1' } })
    })

    it('writes nothing when nothing changed', async () => {
      const { signIn, watch } = world()
      const browser = await signIn()
      await browser.send('/set?k=a&v=1')
      const report = await watch(async () => {
        const answer = await browser.send('/set?k=a&v=1')
        expect(answer.headers.getSetCookie()).toEqual([])
      })
      expect(report).toMatchObject({ calls: 1 })
    })

    it('has stored the data when the headers arrive', async () => {
      const { app, signIn } = world()
      const browser = await signIn()
      await app.control({ delayMs: 60 })
      for (const path of ['/set?k=b', '/stream?k=c', '/events?k=d', '/cookies/raw?k=e']) {
        const answer = await browser.send(path)
        expect((await app.control()).pending, path).toBe(0)
        await answer.text()
      }
      expect(await browser.read('/get')).toMatchObject({
        data: { b: 'v', c: 'v', d: 'v', e: 'v' },
      })
    })

    // C32: the browser follows a redirect as soon as it sees it.
    it('never loses a sign-in that redirects, in 200 rounds with slow writes', async () => {
      const { app, browse } = world()
      await app.control({ delayMs: 200 })
      const rounds = Array.from({ length: 200 }, async (_, index) => {
        const browser = browse()
        const login = await browser.post('/login', { user: `user-${index}` })
        const path = login.headers.get('location') ?? ''
        return ((await browser.read(path)) as { user: string }).user
      })
      const users = await Promise.all(rounds)
      expect(users).toEqual(users.map((_, index) => `user-${index}`))
    })

    // C02: each request used to save its whole copy over the others'.
    it('keeps what 20 parallel requests write', async () => {
      const browser = await world().signIn()
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
      const answers = await Promise.all(keys.map(key => browser.send(`/slow?ms=50&k=${key}&v=1`)))
      expect(answers.map(answer => answer.status)).toEqual(keys.map(() => 200))
      const { data } = (await browser.read('/get')) as { data: object }
      expect(Object.keys(data).sort()).toEqual([...keys].sort())
    })

    it('sends a stream piece by piece', async () => {
      const browser = await world().signIn()
      const answer = await browser.send('/stream')
      expect(await answer.text()).toBe('one two three')
      const events = await browser.send('/events')
      expect(events.headers.get('content-type')).toMatch(/^text\/event-stream/)
      expect(await events.text()).toBe('data: 1\n\ndata: 2\n\n')
    })

    it('answers HEAD as it answers GET, without a body', async () => {
      const browser = world().browse()
      const answer = await browser.send('/set?k=a&v=1', { method: 'HEAD' })
      expect(answer.status).toBe(200)
      expect(answer.headers.getSetCookie()).toHaveLength(1)
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      expect(await answer.text()).toBe('')
      expect(await browser.read('/get')).toMatchObject({ data: { a: '1' } })
    })

    it('leaves 304 and 404 as they are', async () => {
      const browser = await world().signIn()
      const headers = { 'if-none-match': '"1"', 'cache-control': 'max-age=0' }
      const unchanged = await browser.send('/etag', { headers })
      expect(unchanged.status).toBe(304)
      expect(unchanged.headers.get('etag')).toBe('"1"')
      expect(await unchanged.text()).toBe('')
      const missing = await browser.send('/nowhere')
      expect(missing.status).toBe(404)
      for (const { headers } of [unchanged, missing]) expect(headers.getSetCookie()).toEqual([])
      expect(await browser.read('/get')).toMatchObject({ user: 'alice' })
    })

    it('stores what was written for a client that went away', async () => {
      const { app, signIn } = world()
      const browser = await signIn()
      const leaving = new AbortController()
      const answer = browser.send('/slow?ms=80&k=left&v=1', { signal: leaving.signal })
      setTimeout(() => leaving.abort(), 30)
      await expect(answer).rejects.toThrow()
      const returning = createBrowser(app.origin, browser.jar)
      await expect.poll(() => returning.read('/get')).toMatchObject({ data: { left: '1' } })
    })
  })
}
