import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Handled, type Handler, type Peer, serve } from './harness.ts'

const look: Handler = (request, response) => response.end(JSON.stringify(request.session))

/** The cookie and its settings. */
export function describeCookies(peer: Peer): void {
  describe('cookie settings', () => {
    it('write every attribute in the order browsers know', async () => {
      const cookie = {
        domain: 'example.test',
        path: '/a',
        httpOnly: false,
        secure: true,
        partitioned: true,
        priority: 'high',
        sameSite: 'none',
      } as const
      const options = { cookie, proxy: true }
      const site = await serve(peer, options, look)
      const { lines } = await site.get('/a', { 'x-forwarded-proto': 'https' })
      expect(lines[0]?.replace(/^[^;]*/, '')).toBe(
        '; Domain=example.test; Path=/a; Secure; Partitioned; Priority=High; SameSite=None',
      )
    })

    const words = [
      [true, 'Strict'],
      ['strict', 'Strict'],
      ['lax', 'Lax'],
      ['none', 'None'],
      [false, undefined],
    ] as const
    it.each(words)('turn sameSite %s into %s', async (sameSite, word) => {
      const site = await serve(peer, { cookie: { sameSite } }, look)
      expect((await site.get()).attributes.get('samesite')).toBe(word)
    })

    it('count maxAge from the response on', async () => {
      const site = await serve(peer, { cookie: { maxAge: 3_600_000 } }, look)
      const { attributes } = await site.get()
      const leftMs = Date.parse(attributes.get('expires') ?? '') - Date.now()
      expect(Math.abs(leftMs - 3_600_000)).toBeLessThan(2500)
      expect(attributes.has('max-age')).toBe(false)
    })

    it('are stored with the session and change there', async () => {
      const site = await serve(peer, { cookie: { maxAge: 3_600_000 } }, (request, response) => {
        if (request.url === '/longer') {
          request.session.cookie.maxAge = 5_000_000_000
          request.session['longer'] = true
        }
        response.end(String(request.session.cookie.originalMaxAge))
      })
      const { cookie } = await site.get()
      const longer = await site.get('/longer', { cookie })
      const leftMs = Date.parse(longer.attributes.get('expires') ?? '') - Date.now()
      expect(Math.abs(leftMs - 5_000_000_000)).toBeLessThan(2500)
      expect(Number((await site.get('/', { cookie })).body)).toBeCloseTo(5_000_000_000, -2)
    })

    it('may be a function of the request', async () => {
      const cookie = (request: { url: string }) => ({ path: '/', maxAge: request.url.length * 1e6 })
      const site = await serve(peer, { cookie: cookie as never }, (request, response) => {
        response.end(String(request.session.cookie.originalMaxAge))
      })
      expect((await site.get('/')).body).toBe('1000000')
      expect((await site.get('/abc')).body).toBe('4000000')
    })

    it('fail the request alone when they make no valid line', async () => {
      const site = await serve(peer, { cookie: { expires: new Date(Number.NaN) } }, look)
      const answer = await site.get()
      expect(answer).toMatchObject({ status: 200, lines: [] })
      await expect.poll(() => site.errors).toHaveLength(1)
      expect(String(site.errors[0])).toMatch(/option expires is invalid/)
    })
  })

  describe('cookie.path', () => {
    const path = '/foo/bar'
    const reached: Handler = (request, response) =>
      response.end(String(request.session !== undefined))

    it('bounds where there are sessions', async () => {
      const site = await serve(peer, { cookie: { path } }, reached)
      for (const [url, isReached] of [
        ['/', 'false'],
        ['/foo/ba', 'false'],
        ['/foo/bar', 'true'],
        ['/foo/bar?a', 'true'],
        ['/foo/bar/baz', 'true'],
      ] as const) {
        const answer = await site.get(url)
        expect([url, answer.body]).toEqual([url, isReached])
        expect(answer.lines).toHaveLength(isReached === 'true' ? 1 : 0)
      }
    })

    it('goes by the address the client asked for, in mounted routers too', async () => {
      const mount = (request: Handled) => {
        request.originalUrl = request.url ?? ''
        request.url = request.url?.replace(/^\/foo/, '') ?? ''
      }
      const site = await serve(peer, { cookie: { path } }, reached, { before: mount })
      expect((await site.get('/foo/bar')).body).toBe('true')
      expect((await site.get('/foo/foo/bar')).body).toBe('false')
    })

    it('takes an address that names the server, or is empty', async () => {
      const urls: Record<string, string> = {
        '/absolute': 'http://foo/bar',
        '/within': 'http://x/foo/bar/1',
        '/empty': '',
      }
      const before = (request: Handled) => {
        request.url = urls[request.url ?? ''] ?? '/'
      }
      const site = await serve(peer, { cookie: { path } }, reached, { before })
      expect((await site.get('/absolute')).body).toBe('false')
      expect((await site.get('/within')).body).toBe('true')
      expect((await site.get('/empty')).body).toBe('false')
      const anywhere = await serve(peer, {}, reached, { before })
      expect((await anywhere.get('/empty')).body).toBe('true')
    })
  })

  describe('cookie.secure', () => {
    const secure = { secure: true } as const
    const https = { 'x-forwarded-proto': 'https' }

    it('keeps the cookie from connections without TLS', async () => {
      const site = await serve(peer, { cookie: secure, proxy: false }, look)
      expect((await site.get('/', https)).lines).toEqual([])
    })

    it('believes the first protocol a proxy names, if told to', async () => {
      const site = await serve(peer, { cookie: secure, proxy: true }, look)
      expect((await site.get('/', https)).attributes.has('secure')).toBe(true)
      const list = { 'x-forwarded-proto': 'HTTPS , http' }
      expect((await site.get('/', list)).lines).toHaveLength(1)
      expect((await site.get('/', { 'x-forwarded-proto': 'http,https' })).lines).toEqual([])
      expect((await site.get()).lines).toEqual([])
    })

    it('asks Express where nothing is said of proxies', async () => {
      const before = (request: Handled) => {
        request.secure = request.headers['x-secure'] === 'yes'
      }
      const site = await serve(peer, { cookie: secure }, look, { before })
      expect((await site.get('/', https)).lines).toEqual([])
      expect((await site.get('/', { 'x-secure': 'yes' })).lines).toHaveLength(1)
    })

    it('is what the connection is, when auto', async () => {
      const cookie = { secure: 'auto', sameSite: 'auto' } as never
      const site = await serve(peer, { cookie, proxy: true }, look)
      const safe = await site.get('/', https)
      expect([safe.attributes.has('secure'), safe.attributes.get('samesite')]).toEqual([
        true,
        'None',
      ])
      const open = await site.get()
      expect([open.attributes.has('secure'), open.attributes.get('samesite')]).toEqual([
        false,
        'Lax',
      ])
    })
  })

  describe('req.session.cookie', () => {
    it('may last as long as the browser after all', async () => {
      const site = await serve(peer, { cookie: { maxAge: 60_000 } }, (request, response) => {
        request.session.cookie.expires = null
        response.end(String(request.session.cookie.maxAge))
      })
      const answer = await site.get()
      expect(answer.body).toBe('null')
      expect(answer.attributes.has('expires')).toBe(false)
    })

    it('shrinks until the response, and starts anew with it', async () => {
      const site = await serve(peer, { cookie: { maxAge: 60_000 } }, (request, response) => {
        response.end(String(request.session.cookie.maxAge))
      })
      const { cookie } = await site.get()
      await delay(500)
      const left = Number((await site.get('/', { cookie })).body)
      expect(left).toBeLessThanOrEqual(60_000 - 490)
      const later = Number((await site.get('/', { cookie })).body)
      expect(later).toBeGreaterThan(left)
    })

    it('takes an instant', async () => {
      const at = new Date(Date.now() + 100_000)
      const site = await serve(peer, {}, (request, response) => {
        request.session.cookie.expires = at
        response.end()
      })
      const written = Date.parse((await site.get()).attributes.get('expires') ?? '')
      expect(Math.abs(written - at.getTime())).toBeLessThan(2000)
    })

    it('is read where cookie-parser left it, too', async () => {
      const move = (request: Handled) => {
        const value = request.headers.cookie?.split('=')[1] ?? ''
        delete request.headers.cookie
        const decoded = decodeURIComponent(value)
        if (request.url === '/plain') request.cookies = { 'connect.sid': decoded }
        const [id] = decoded.slice(2).split('.')
        if (request.url === '/unsigned') request.cookies = { 'connect.sid': id }
        if (request.url === '/signed') request.signedCookies = { 'connect.sid': id }
      }
      const site = await serve(peer, {}, (request, response) => response.end(request.sessionID), {
        before: move,
      })
      const { cookie, id } = await site.get()
      expect((await site.get('/plain', { cookie })).body).toBe(id)
      expect((await site.get('/signed', { cookie })).body).toBe(id)
      expect((await site.get('/unsigned', { cookie })).body).not.toBe(id)
    })
  })
}
