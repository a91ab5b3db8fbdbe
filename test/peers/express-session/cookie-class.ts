import { describe, expect, it } from 'vitest'
import type { Peer } from './harness.ts'

/** `session.Cookie` by itself. */
export function describeCookieClass({ session: { Cookie } }: Peer): void {
  const left = (date: unknown) => new Date(date as Date).getTime() - Date.now()

  describe('Cookie', () => {
    it('has its defaults', () => {
      const cookie = new Cookie()
      const { path, httpOnly, expires, maxAge, originalMaxAge } = cookie
      expect({ path, httpOnly, expires, maxAge, originalMaxAge }).toEqual({
        path: '/',
        httpOnly: true,
        expires: null,
        maxAge: null,
        originalMaxAge: null,
      })
    })

    it.each([42, 'text', () => undefined, true])('refuses %s for its options', options => {
      expect(() => new Cookie(options as never)).toThrow(/argument options/)
    })

    it('takes every option but `data`', () => {
      const options = {
        path: '/a',
        domain: 'example.test',
        httpOnly: false,
        secure: true,
        sameSite: 'lax',
        partitioned: true,
        priority: 'low',
        data: 'none',
        unknown: 1,
      } as const
      const cookie = new Cookie(options)
      const { data: _data, unknown: _unknown, ...attributes } = options
      expect(cookie.data).toMatchObject(attributes)
      expect(cookie).toMatchObject({ unknown: 1 })
      expect(typeof cookie.data).toBe('object')
    })

    it('counts expires from maxAge, and maxAge from expires', () => {
      const byAge = new Cookie({ maxAge: 60_000 })
      expect(left(byAge.expires)).toBeGreaterThan(59_000)
      expect(byAge.originalMaxAge).toBe(byAge.data.originalMaxAge)
      const byDate = new Cookie({ expires: new Date(Date.now() + 60_000) })
      expect(byDate.maxAge).toBeGreaterThan(59_000)
      expect(byDate.originalMaxAge).toBeGreaterThan(59_000)
    })

    it('goes by the later of maxAge and expires', () => {
      const soon = new Date(Date.now() + 1000)
      expect(new Cookie({ expires: soon, maxAge: 60_000 }).maxAge).toBeGreaterThan(59_000)
      expect(new Cookie({ maxAge: 60_000, expires: soon }).maxAge).toBeLessThanOrEqual(1000)
    })

    it('takes a Date for maxAge, and nothing else but numbers', () => {
      const at = new Date(Date.now() + 60_000)
      expect(new Cookie({ maxAge: at as never }).expires).toEqual(at)
      for (const wrong of ['60000', true, () => 1]) {
        expect(() => new Cookie({ maxAge: wrong as never })).toThrow(/maxAge/)
      }
      expect(new Cookie({ maxAge: undefined }).expires).toBeUndefined()
    })

    it('keeps what it was given last as its original lifetime', () => {
      const cookie = new Cookie({ maxAge: 60_000 })
      cookie.maxAge = 5000
      expect(cookie.originalMaxAge).toBe(5000)
      cookie.expires = null
      expect([cookie.originalMaxAge, cookie.maxAge]).toEqual([null, null])
    })

    it('writes itself', () => {
      const cookie = new Cookie({ secure: true, sameSite: true, expires: new Date(0) })
      expect(cookie.serialize('a', 'b c;')).toBe(
        'a=b%20c%3B; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict',
      )
    })

    it('is its data in JSON', () => {
      const cookie = new Cookie({ maxAge: 60_000, secure: true })
      const json = JSON.parse(JSON.stringify(cookie))
      expect(json).toMatchObject({ httpOnly: true, path: '/', secure: true })
      expect(Object.keys(json).sort()).toEqual(
        ['expires', 'httpOnly', 'originalMaxAge', 'path', 'secure'].sort(),
      )
      expect(left(json.expires)).toBeGreaterThan(59_000)
    })
  })
}
