import { describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import type { World } from '../world.ts'

/** New tokens, and several requests at once. */
export function describeRotation(world: () => World): void {
  describe('rotation', () => {
    // C16: the token from before signing in used to stay good.
    it('gives the old token no part in what signing in gained', async () => {
      const browser = world().browse()
      await browser.send('/set?k=cart&v=1')
      const before = browser.clone()
      await browser.post('/login', { user: 'alice' })
      expect(await browser.read('/get')).toEqual({ user: 'alice', data: { cart: '1' } })
      expect(await before.read('/get')).toMatchObject({ user: null })
    })

    // C18: the second of two changes used to fail on a key that was gone.
    it.each([2, 10])('leaves one session after %i rotations at once', async count => {
      const { signIn } = world()
      const user = `rotating-${count}`
      const browser = await signIn({ user })
      await browser.send('/set?k=a&v=1')
      const windows = Array.from({ length: count }, () => browser.clone())
      const answers = await Promise.all(windows.map(each => each.post('/rotate')))
      expect(statusesOf(answers)).toEqual(new Set([200]))
      for (const each of windows) {
        expect(await each.read('/get')).toEqual({ user, data: { a: '1' } })
        expect(await each.read('/count')).toBe(1)
      }
    })

    it('begins one session where one page signs in several times at once', async () => {
      const { browse } = world()
      const browser = browse()
      await browser.send('/set?k=cart&v=1')
      const windows = Array.from({ length: 5 }, () => browser.clone())
      // All have read the old session by the time that the first signs in.
      const body = { user: 'bob', ms: '100' }
      const answers = await Promise.all(windows.map(each => each.post('/login', body)))
      expect(statusesOf(answers)).toEqual(new Set([302]))
      const last = windows.at(-1) as Browser
      expect(await last.read('/get')).toMatchObject({ user: 'bob' })
      expect(await last.read('/count')).toBe(1)
    })

    it('ends signed out when a rotation meets a sign-out', async () => {
      const browser = await world().signIn()
      const other = browser.clone()
      const [rotation, logout] = await Promise.all([other.post('/rotate'), browser.post('/logout')])
      expect(rotation.status).toBeLessThan(500)
      expect(logout.status).toBe(302)
      expect(await other.read('/get')).toMatchObject({ user: null })
      expect(await browser.read('/get')).toMatchObject({ user: null })
    })
  })
}

function statusesOf(answers: readonly Response[]): Set<number> {
  return new Set(answers.map(answer => answer.status))
}
