import { describe, expect, it } from 'vitest'
import type { World } from '../world.ts'

const minuteMs = 60_000

/** What routes may ask of their requests. */
export function describeGuards(world: () => World): void {
  describe('guards', () => {
    it('requireAuth asks for somebody, or for a role', async () => {
      const { browse, signIn } = world()
      const statuses = async (browser: ReturnType<typeof browse>) => [
        (await browser.send('/member')).status,
        (await browser.send('/admin')).status,
      ]
      expect(await statuses(browse())).toEqual([401, 401])
      expect(await statuses(await signIn())).toEqual([200, 403])
      expect(await statuses(await signIn({ role: 'admin' }))).toEqual([200, 200])
    })

    it('requirePermission asks for a permission', async () => {
      const { signIn } = world()
      expect((await (await signIn()).send('/editor')).status).toBe(403)
      expect((await (await signIn({ role: 'admin' })).send('/editor')).status).toBe(200)
    })

    it('fresh asks for a proof that is not old', async () => {
      const { app, signIn } = world()
      const browser = await signIn()
      await app.control({ advanceMs: 4 * minuteMs })
      expect((await browser.send('/fresh')).status).toBe(200)
      await app.control({ advanceMs: 2 * minuteMs })
      expect((await browser.send('/fresh')).status).toBe(403)
    })

    it('fresh and sensitive refuse who acts in a user’s place, until the time is over', async () => {
      const { app, signIn } = world()
      const browser = await signIn({ actor: 'admin' })
      expect(await browser.read('/member')).toMatchObject({ id: 'alice', actor: { id: 'admin' } })
      for (const path of ['/fresh', '/sensitive']) {
        const answer = await browser.send(path)
        expect(answer.status).toBe(403)
        expect(await answer.json()).toMatchObject({ code: 'ERR_FORBIDDEN' })
      }
      await app.control({ advanceMs: 30 * minuteMs })
      expect((await browser.send('/member')).status).toBe(401)
    })

    it('csrf checks where the middleware does not', async () => {
      const { browse, unchecked } = world()
      const browser = browse(unchecked)
      const foreign = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }
      expect((await browser.send('/deep', foreign)).status).toBe(200)
      expect((await browser.send('/checked', foreign)).status).toBe(403)
      expect((await browser.post('/checked')).status).toBe(200)
    })

    it('rateLimit refuses what is too much, and says so', async () => {
      const { signIn } = world()
      const browser = await signIn({ user: 'eager' })
      const first = await browser.send('/limited')
      expect(first.headers.get('ratelimit-policy')).toContain('"twice"')
      expect((await browser.send('/limited')).status).toBe(200)
      expect((await browser.send('/limited')).status).toBe(429)
      const other = await signIn({ user: 'patient' })
      expect((await other.send('/limited')).status).toBe(200)
    })

    it('passive does not keep a session alive', async () => {
      const { app, signIn } = world()
      const [polling, active] = [await signIn(), await signIn()]
      for (const _ of [1, 2, 3]) {
        await polling.send('/poll')
        await active.send('/get')
        await expect.poll(async () => (await app.control()).pending).toBe(0)
        await app.control({ advanceMs: 25 * minuteMs })
      }
      expect(await polling.read('/poll')).toMatchObject({ user: null })
      expect(await active.read('/get')).toMatchObject({ user: 'alice' })
    })

    it('sensitive reads the store itself', async () => {
      const { signIn, watch, lazy } = world()
      const browser = await signIn()
      expect(await watch(() => browser.read('/sensitive'))).toMatchObject({ sensitive: 1 })
      expect(await watch(() => browser.read('/get'))).toMatchObject({ sensitive: 0 })
      const other = await signIn({}, lazy)
      const report = await watch(() => other.read('/sensitive'), lazy)
      expect(report).toMatchObject({ calls: 1, sensitive: 1 })
    })

    it('onUnavailable shows a visitor where the route says so', async () => {
      const { app, signIn } = world()
      const browser = await signIn()
      await app.control({ failing: 'reads' })
      expect(await browser.read('/tolerant')).toMatchObject({ user: null })
      expect((await browser.send('/get')).status).toBe(503)
    })
  })
}
