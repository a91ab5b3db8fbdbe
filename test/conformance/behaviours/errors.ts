import { describe, expect, it } from 'vitest'
import { cookieNames } from '../browser.ts'
import type { World } from '../world.ts'

/** What happens when something goes wrong, and who is told. */
export function describeErrors(world: () => World): void {
  describe('errors', () => {
    it('stores what was written before a handler threw', async () => {
      const browser = world().browse()
      const answer = await browser.send('/throw')
      expect(answer.status).toBe(500)
      expect(answer.headers.get('x-error-path')).toBe('app')
      expect(cookieNames(answer)).toEqual(['cloakroom'])
      expect(await browser.read('/get')).toMatchObject({ data: { k: 'v' } })
    })

    it('answers once, through the application’s own errors, when the session cannot be saved', async () => {
      const { app, signIn } = world()
      const browser = await signIn()
      await app.control({ failing: 'writes' })
      const answer = await browser.send('/begun')
      expect(answer.status).toBeGreaterThanOrEqual(500)
      expect(answer.headers.get('x-error-path')).toBe('app')
      expect(await answer.json()).toEqual({ code: 'ERR_STORE_UNAVAILABLE' })
      expect(answer.headers.get('x-begun')).toBeNull()
      expect(answer.headers.get('location')).toBeNull()
      expect(cookieNames(answer)).toEqual([])
      await app.control({ failing: 'none' })
      expect(await browser.read('/get')).toEqual({ user: 'alice', data: {} })
    })

    it('answers once when a streamed or raw response cannot be saved', async () => {
      const { app, signIn } = world()
      const browser = await signIn()
      await app.control({ failing: 'writes' })
      for (const path of ['/stream', '/events', '/cookies/raw']) {
        const answer = await browser.send(path)
        expect(answer.status, path).toBeGreaterThanOrEqual(500)
        expect(cookieNames(answer), path).toEqual([])
        expect(await answer.text(), path).not.toMatch(/one|data:|done/)
      }
    })

    it('signs nobody out while the store cannot be read', async () => {
      const { app, signIn } = world()
      const browser = await signIn()
      await app.control({ failing: 'reads' })
      const mode = { headers: { 'sec-fetch-mode': 'navigate' } }
      const answer = await browser.send('/get', mode)
      expect(answer.status).toBe(503)
      expect(cookieNames(answer)).toEqual([])
      expect((await browser.send('/public', mode)).status).toBe(200)
      const form = await browser.post('/logout')
      expect(form.status).toBe(503)
      await app.control({ failing: 'none' })
      expect(await browser.read('/get')).toMatchObject({ user: 'alice' })
    })

    it('refuses to sign anybody in when the headers have left, and changes nothing', async () => {
      const { signIn, watch } = world()
      const browser = await signIn()
      const report = await watch(async () => {
        const answer = await browser.send('/late')
        expect(await answer.text()).toBe('begun ERR_HEADERS_SENT')
        expect(cookieNames(answer)).toEqual([])
      })
      expect(report.events).toEqual([])
      expect(await browser.read('/get')).toMatchObject({ user: 'alice' })
    })
  })
}
