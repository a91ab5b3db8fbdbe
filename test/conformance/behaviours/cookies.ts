import { describe, expect, it } from 'vitest'
import { cookieNames } from '../browser.ts'
import type { World } from '../world.ts'

/** The Set-Cookie lines of answers. */
export function describeCookies(world: () => World): void {
  describe('cookies', () => {
    // C29: one Set-Cookie line used to take the place of another.
    const ways: [string, string[]][] = [
      ['before', ['other']],
      ['after', ['other']],
      ['two', ['another', 'other']],
      ['redirect', ['other']],
      ['raw', ['another', 'other']],
    ]

    it.each(ways)('keeps the application’s own, set %s', async (way, others) => {
      const { browse, signIn } = world()
      const fresh = await browse().send(`/cookies/${way}`)
      expect(cookieNames(fresh).sort()).toEqual(['cloakroom', ...others].sort())
      expect(fresh.headers.get('cache-control')).toBe('private, no-store')
      const known = await (await signIn()).send(`/cookies/${way}`)
      expect(cookieNames(known).sort()).toEqual(others)
    })

    // C15: from the second answer on, the cookie used to get an end, or to lose it.
    it('ends with the browser, or lives on for those who asked for it, through every change', async () => {
      const { browse } = world()
      const browser = browse()
      for (const [body, expected] of [
        [{}, /^((?!max-age|expires).)*$/i],
        [{ remember: 'yes' }, /max-age=[1-9]\d+/i],
      ] as const) {
        const lines: string[] = []
        const note = async (answer: Promise<Response>): Promise<void> => {
          lines.push(...(await answer).headers.getSetCookie())
        }
        await note(browser.post('/login', { user: 'alice', ...body }))
        for (const value of ['1', '2', '3']) await note(browser.send(`/set?k=a&v=${value}`))
        await note(browser.post('/rotate'))
        await note(browser.send('/set?k=a&v=4'))
        expect(lines).toHaveLength(2)
        for (const line of lines) expect(line).toMatch(expected)
      }
    })

    it('takes the cookie back at sign-out', async () => {
      const browser = await world().signIn()
      const held = browser.clone()
      const answer = await browser.post('/logout')
      expect(answer.headers.get('location')).toBe('/public')
      expect(answer.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^(__Host-Http-)?cloakroom=; Max-Age=0/),
      ])
      expect(browser.jar.size).toBe(0)
      expect(await held.read('/get')).toMatchObject({ user: null })
    })

    it('clears a dead cookie when a page is loaded, not in the background', async () => {
      const browser = await world().signIn()
      const held = browser.clone()
      await browser.post('/logout')
      const mode = (value: string) => ({ headers: { 'sec-fetch-mode': value } })
      expect(cookieNames(await held.send('/get', mode('cors')))).toEqual([])
      expect(cookieNames(await held.send('/get', mode('navigate')))).toEqual(['cloakroom'])
    })
  })
}
