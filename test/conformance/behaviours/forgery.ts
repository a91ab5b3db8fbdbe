import { describe, expect, it } from 'vitest'
import type { World } from '../world.ts'

/** Requests that another site makes a browser send. */
export function describeForgery(world: () => World): void {
  describe('forged requests', () => {
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
    const unproven = { 'sec-fetch-site': '' }

    it('refuses what comes from another site', async () => {
      const { signIn, watch } = world()
      const browser = await signIn()
      const report = await watch(async () => {
        const answer = await browser.send('/logout', { method: 'POST', headers: foreign })
        expect(answer.status).toBe(403)
        expect(answer.headers.get('vary')).toMatch(/Sec-Fetch-Site/)
      })
      expect(report.events).toEqual(['csrf_failed'])
      expect(await browser.read('/get')).toMatchObject({ user: 'alice' })
    })

    it('takes a token in a header', async () => {
      const browser = await world().signIn()
      const send = (token: string): Promise<Response> =>
        browser.send('/rotate', { method: 'POST', headers: { ...unproven, 'x-csrf-token': token } })
      expect((await send('')).status).toBe(403)
      const token = await (await browser.send('/token')).text()
      expect((await send(token)).status).toBe(200)
    })

    it('takes a token in a form', async () => {
      const browser = world().browse()
      const token = await (await browser.send('/token')).text()
      const send = (fields: Record<string, string>): Promise<Response> =>
        browser.send('/login', {
          method: 'POST',
          headers: { ...unproven, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ user: 'alice', ...fields }).toString(),
        })
      expect((await send({})).status).toBe(403)
      expect((await send({ _csrf: token })).status).toBe(302)
      expect(await browser.read('/get')).toMatchObject({ user: 'alice' })
    })
  })
}
