import { describe, expect, it } from 'vitest'
import type { World } from '../world.ts'

/** When a session is read, and what an answer says to caches then. */
export function describeLoading(world: () => World): void {
  describe('reading', () => {
    it('asks the store nothing and sets no cookie for a visitor', async () => {
      const { browse, watch } = world()
      for (const path of ['/public', '/get']) {
        const report = await watch(async () => {
          const answer = await browse().send(path)
          expect(answer.status).toBe(200)
          expect(answer.headers.getSetCookie()).toEqual([])
        })
        expect(report).toMatchObject({ calls: 0, events: [] })
      }
    })

    it('reads the session once for each request', async () => {
      const { signIn, watch } = world()
      const browser = await signIn()
      expect(await watch(() => browser.read('/get'))).toMatchObject({ calls: 1 })
    })

    it('leaves a lazy session unread until it is asked for', async () => {
      const { signIn, watch, lazy } = world()
      const browser = await signIn({}, lazy)
      expect(await watch(() => browser.send('/public'), lazy)).toMatchObject({ calls: 0 })
      await browser.read('/load')
      expect(await browser.read('/load')).toMatchObject({ user: 'alice' })
    })

    it('finds the session from anywhere within a request', async () => {
      const browser = await world().signIn()
      expect(await browser.read('/deep')).toBe('alice')
      expect(await (await browser.post('/deep', { some: 'body' })).json()).toBe('alice')
    })

    it('keeps answers about a session out of caches', async () => {
      const browser = await world().signIn()
      for (const path of ['/get', '/cache/public']) {
        const { headers } = await browser.send(path)
        expect(headers.get('cache-control')).toBe('private, no-store')
      }
      const own = await browser.send('/cache/private')
      expect(own.headers.get('cache-control')).toBe('private, max-age=60')
      expect(own.headers.get('vary')).toMatch(/\bCookie\b/i)
      const asset = await browser.send('/cache/asset')
      expect(asset.headers.get('cache-control')).toBe('public, max-age=60')
      expect(asset.headers.get('vary') ?? '').not.toMatch(/\bCookie\b/i)
    })

    it('puts security headers on every answer', async () => {
      const { browse } = world()
      for (const path of ['/public', '/nowhere', '/throw', '/admin']) {
        const { headers } = await browse().send(path)
        expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      }
    })
  })
}
