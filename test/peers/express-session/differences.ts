import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask, type Handler, type Peer, serve } from './harness.ts'

/**
 * Where Cloakroom does otherwise, on purpose: each stands in docs/migration/express-session.md.
 *
 * What express-session does is asserted as well, so that a difference that is none any more is seen.
 */
export function describeDifferences(peer: Peer): void {
  const { session, isOurs } = peer
  const here = (ours: string, theirs: string): string => (isOurs ? ours : theirs)

  const count: Handler = (request, response) => {
    const { session: current } = request
    if (current === undefined) return void response.end('none')
    current['hits'] = Number(current['hits'] ?? 0) + 1
    response.end(String(current['hits']))
  }

  const destroy: Handler = (request, response) => {
    if (request.url !== '/end') return count(request, response)
    request.session.destroy(() => response.end('ended'))
  }

  describe('a record of the wrong shape', () => {
    it(here('is no session', 'fails every request'), async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, count)
      const { cookie, id } = await site.get()
      await ask(callback => store.set(id, { foo: 'bar' }, callback))
      const answer = await site.get('/', { cookie })
      expect(answer.status).toBe(isOurs ? 200 : 500)
      expect(answer.body).toMatch(isOurs ? /^1$/ : /Cannot read prop/)
      expect(answer.id === '').toBe(!isOurs)
    })

    const shapes = ['{}', '[]', 'null', '"x"', '7', '{"cookie":null}', '{"cookie":[]}', '{"coo']
    const broken = ['{"cookie":{"originalMaxAge":"x"}}', '{"cookie":{"expires":"never"}}']
    it.runIf(isOurs).each([...shapes, ...broken])('is no session: %s', async text => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, count)
      const { cookie, id } = await site.get()
      store.sessions[id] = text
      const answer = await site.get('/', { cookie })
      expect(answer).toMatchObject({ status: 200, body: '1' })
      expect(answer.id).not.toBe(id)
      expect(store.sessions).not.toHaveProperty(id)
      expect((await site.get('/', { cookie: answer.cookie })).body).toBe('2')
    })

    it.runIf(isOurs).each(shapes.slice(0, 7))('is removed from any store: %s', async text => {
      const records = new Map<string, string>()
      const store = Object.assign(new session.Store(), {
        get: (id: string, callback: (error: null, found: never) => void) =>
          callback(null, JSON.parse(records.get(id) ?? 'null') as never),
        set(id: string, data: object, callback?: () => void) {
          records.set(id, JSON.stringify(data))
          callback?.()
        },
        destroy(id: string, callback?: () => void) {
          records.delete(id)
          callback?.()
        },
      })
      const site = await serve(peer, { store }, count)
      const { cookie, id } = await site.get()
      records.set(id, text)
      expect(await site.get('/', { cookie })).toMatchObject({ status: 200, body: '1' })
      expect(records.has(id)).toBe(text === 'null')
    })
  })

  describe('a session that cannot be saved', () => {
    const failing = (method: 'set' | 'destroy') => {
      const store = new session.MemoryStore()
      store[method] = (...args: unknown[]) => {
        const callback = args.at(-1) as (error: Error) => void
        callback(new Error('on fire'))
      }
      return store
    }

    it(here('fails its response', 'is told to have been saved'), async () => {
      const site = await serve(peer, { store: failing('set') }, (_request, response) => {
        response.setHeader('X-Saved', 'yes')
        response.end('saved')
      })
      const answer = await site.get()
      expect(answer.body).toBe(here('on fire', 'saved'))
      expect(answer.status).toBe(isOurs ? 500 : 200)
      expect(answer.lines).toHaveLength(isOurs ? 0 : 1)
      expect(answer.headers.get('x-saved')).toBe(isOurs ? null : 'yes')
      await expect.poll(() => site.errors).toHaveLength(isOurs ? 0 : 1)
    })

    it(
      here('fails its response when it cannot be destroyed', 'is told to have ended'),
      async () => {
        const options = { store: failing('destroy'), unset: 'destroy' } as const
        const site = await serve(peer, options, (request, response) => {
          request.session = null as never
          response.end('logged out')
        })
        expect((await site.get()).body).toBe(here('on fire', 'logged out'))
      },
    )

    it(
      here('breaks off a response that is under way', 'lets it end as if all were well'),
      async () => {
        const site = await serve(
          peer,
          { store: failing('set'), saveUninitialized: false },
          (request, response) => {
            response.write('first')
            setTimeout(() => {
              request.session['late'] = 1
              response.end('last')
            }, 20)
          },
        )
        const body = site.get().then(({ body }) => body)
        if (isOurs) await expect(body).rejects.toThrow()
        else expect(await body).toBe('firstlast')
        await expect.poll(() => site.errors).toHaveLength(1)
      },
    )
  })

  describe('a redirect', () => {
    it(here('leaves after the session is saved', 'may arrive before'), async () => {
      const store = new session.MemoryStore()
      const { set } = store
      let isSaved = false
      store.set = (id, data, callback) => {
        setTimeout(() => {
          isSaved = true
          set.call(store, id, data, callback)
        }, 100)
      }
      const site = await serve(peer, { store }, (request, response) => {
        request.session['user'] = 'alice'
        response.writeHead(302, { location: '/', 'content-length': '5' }).end('moved')
      })
      const response = await fetch(site.url, { redirect: 'manual' })
      expect(isSaved).toBe(isOurs)
      await response.text()
    })

    it(here('waits for what nobody waited for', 'leaves a logout to luck'), async () => {
      const store = new session.MemoryStore()
      const { destroy: end } = store
      store.destroy = (id, callback) => {
        setTimeout(() => end.call(store, id, callback), 500)
      }
      const site = await serve(peer, { store }, (request, response) => {
        if (request.url !== '/logout') return count(request, response)
        request.session.destroy()
        response.writeHead(302, { location: '/' }).end()
      })
      const { cookie } = await site.get()
      await site.get('/logout', { cookie })
      expect(Object.keys(store.sessions)).toHaveLength(isOurs ? 0 : 1)
      await delay(600)
    })
  })

  describe('the cookie of a destroyed session', () => {
    it(here('is removed', 'stays'), async () => {
      const site = await serve(peer, { cookie: { path: '/', sameSite: 'lax' } }, destroy)
      const { cookie } = await site.get()
      const { lines } = await site.get('/end', { cookie })
      const line =
        'connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax'
      expect(lines).toEqual(isOurs ? [line] : [])
    })

    it.runIf(isOurs)('is removed once, where the handler does so too', async () => {
      const site = await serve(peer, {}, (request, response) => {
        if (request.url !== '/end') return count(request, response)
        response.setHeader(
          'Set-Cookie',
          'connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
        )
        request.session.destroy(() => response.end())
      })
      const { cookie } = await site.get()
      expect((await site.get('/end', { cookie })).lines).toHaveLength(1)
    })

    it.runIf(isOurs)('is removed by `unset` as well', async () => {
      const site = await serve(peer, { unset: 'destroy' }, (request, response) => {
        if (request.url === '/end') request.session = null as never
        response.end()
      })
      const { cookie } = await site.get()
      expect((await site.get('/end', { cookie })).lines).toHaveLength(1)
    })

    it.runIf(isOurs)('stays when told to', async () => {
      const site = await serve(peer, { clearCookie: false }, destroy)
      const { cookie } = await site.get()
      expect((await site.get('/end', { cookie })).lines).toEqual([])
    })
  })

  describe('a cookie path', () => {
    it(here('ends at a slash', 'is any beginning, and logs users out'), async () => {
      const site = await serve(peer, { cookie: { path: '/admin' } }, count)
      const answer = await site.get('/admin-ui')
      expect(answer.body).toBe(here('none', '1'))
      expect(answer.lines).toHaveLength(isOurs ? 0 : 1)
      expect((await site.get('/admin')).body).toBe('1')
    })
  })

  describe('a worthless cookie in front of the right one', () => {
    it(here('is passed over', 'takes its place'), async () => {
      const site = await serve(peer, {}, count)
      const { cookie } = await site.get()
      const tossed = `connect.sid=s%3Aforged.signature; ${cookie}`
      expect((await site.get('/', { cookie: tossed })).body).toBe(here('2', '1'))
    })
  })

  describe('a store that fails to answer', () => {
    it(here('loses nothing', 'loses the session where `unset` destroys'), async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store, unset: 'destroy' }, count)
      const { cookie } = await site.get()
      const { get } = store
      store.get = (_id, callback) => callback(new Error('on fire'))
      expect((await site.get('/', { cookie })).status).toBe(500)
      store.get = get
      expect((await site.get('/', { cookie })).body).toBe(here('2', '1'))
    })
  })
}
