import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { SessionData } from '../../../packages/cloakroom/src/express-session.ts'
import { ask, type Handled, type Handler, type Peer, secret, serve } from './harness.ts'

/** What a handler can do with `req.session`. */
export function describeMethods(peer: Peer): void {
  const { session } = peer

  /** Handlers by path; anything else counts. */
  function route(routes: Record<string, Handler>): Handler {
    return (request, response) => {
      const handler = routes[request.url ?? '']
      if (handler !== undefined) return handler(request, response)
      request.session['hits'] = Number(request.session['hits'] ?? 0) + 1
      response.end(String(request.session['hits']))
    }
  }

  describe('destroy', () => {
    it('ends the session, and the request has none', async () => {
      const store = new session.MemoryStore()
      const handler = route({
        '/end': (request, response) => {
          const { session: current } = request
          const returned = current.destroy(error => {
            response.end(`${error} ${request.session} ${returned === current}`)
          })
        },
      })
      const site = await serve(peer, { store }, handler)
      const { cookie } = await site.get()
      expect((await site.get('/end', { cookie })).body).toMatch(/^(null|undefined) undefined true$/)
      expect(await ask(callback => store.length(callback))).toBe(0)
      expect((await site.get('/', { cookie })).body).toBe('1')
    })

    it('leaves no cookie behind in the first response', async () => {
      const site = await serve(peer, {}, (request, response) => {
        request.session.destroy(() => response.end())
      })
      expect((await site.get()).lines).toEqual([])
    })

    it('does without a callback', async () => {
      const store = new session.MemoryStore()
      const handler = route({
        '/end': (request, response) => {
          request.session.destroy(undefined as never)
          response.end()
        },
      })
      const site = await serve(peer, { store }, handler)
      const { cookie } = await site.get()
      await site.get('/end', { cookie })
      expect(await ask(callback => store.length(callback))).toBe(0)
    })
  })

  describe('regenerate', () => {
    it('starts an empty session under another id, and ends the one before', async () => {
      const store = new session.MemoryStore()
      const handler = route({
        '/again': (request, response) => {
          const { sessionID, session: before } = request
          before.regenerate(error => {
            const { session: now } = request
            const isNew = request.sessionID !== sessionID && now.id === request.sessionID
            response.end(`${error} ${isNew} ${now !== before} ${now['hits']}`)
          })
        },
      })
      const site = await serve(peer, { store }, handler)
      const first = await site.get()
      const second = await site.get('/again', { cookie: first.cookie })
      expect(second.body).toMatch(/^(null|undefined) true true undefined$/)
      expect(second.id).not.toBe(first.id)
      expect((await site.get('/', { cookie: first.cookie })).body).toBe('1')
      expect((await site.get('/', { cookie: second.cookie })).body).toBe('1')
      const all = await ask(callback => store.all(callback))
      expect(Object.keys(all ?? {})).not.toContain(first.id)
    })

    it('keeps a session that was saved right after', async () => {
      const handler = route({
        '/login': (request, response) => {
          request.session.regenerate(() => {
            request.session['user'] = 'alice'
            request.session.save(() => {
              response.writeHead(302, { location: '/me' }).end()
            })
          })
        },
        '/me': (request, response) => response.end(String(request.session['user'])),
      })
      const site = await serve(peer, { saveUninitialized: false }, handler)
      const { cookie, status } = await site.get('/login')
      expect(status).toBe(302)
      expect((await site.get('/me', { cookie })).body).toBe('alice')
    })
  })

  describe('reload', () => {
    it('brings back what is stored', async () => {
      const handler = route({
        '/reload': (request, response) => {
          request.session['hits'] = 99
          const { session: before } = request
          before.reload(error => {
            response.end(`${error} ${request.session['hits']} ${request.session !== before}`)
          })
        },
      })
      const site = await serve(peer, {}, handler)
      const { cookie } = await site.get()
      expect((await site.get('/reload', { cookie })).body).toMatch(/^(null|undefined) 1 true$/)
    })

    it('fails when the session is gone', async () => {
      const handler = route({
        '/reload': (request, response) => {
          request.sessionStore.destroy(request.sessionID, () => {
            request.session.reload(error => response.end(error?.message))
          })
        },
      })
      const site = await serve(peer, {}, handler)
      const { cookie } = await site.get()
      expect((await site.get('/reload', { cookie })).body).toBe('failed to load session')
    })
  })

  describe('save', () => {
    function countSaves() {
      const store = new session.MemoryStore()
      const { set } = store
      let saves = 0
      store.set = (...args) => {
        saves += 1
        set.apply(store, args)
      }
      return { store, saves: () => saves }
    }

    it('saves at once, and the response saves nothing more', async () => {
      const { store, saves } = countSaves()
      const handler = route({
        '/save': (request, response) => {
          request.session['hits'] = 5
          request.session.save(error => response.end(`${error} ${saves()}`))
        },
      })
      const site = await serve(peer, { store }, handler)
      expect((await site.get('/save')).body).toMatch(/^(null|undefined) 1$/)
      expect(saves()).toBe(1)
    })

    it('saves a session once that was loaded again before', async () => {
      const { store, saves } = countSaves()
      const handler = route({
        '/save': (request, response) => {
          request.session.reload(() => {
            request.session['hits'] = 7
            request.session.save(() => response.end())
          })
        },
      })
      const site = await serve(peer, { store }, handler)
      const { cookie } = await site.get()
      await site.get('/save', { cookie })
      expect(saves()).toBe(2)
      expect((await site.get('/', { cookie })).body).toBe('8')
    })

    it('leaves later changes to the response', async () => {
      const handler = route({
        '/save': (request, response) => {
          request.session.save(() => {
            request.session['hits'] = 41
            response.end()
          })
        },
      })
      const site = await serve(peer, {}, handler)
      const { cookie } = await site.get()
      await site.get('/save', { cookie })
      expect((await site.get('/', { cookie })).body).toBe('42')
    })
  })

  describe('touch', () => {
    it('starts the lifetime anew', async () => {
      const site = await serve(peer, { cookie: { maxAge: 60_000 } }, (request, response) => {
        const { cookie } = request.session
        const before = Number(cookie.expires)
        setTimeout(() => {
          const isSame = request.session.touch() === request.session
          response.end(`${Number(cookie.expires) > before} ${isSame}`)
        }, 15)
      })
      expect((await site.get()).body).toBe('true true')
    })

    it('is done for every response', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store, cookie: { maxAge: 60_000 } }, route({}))
      const { cookie, id } = await site.get()
      const endOf = async () => {
        const stored = await ask<SessionData>(callback => store.get(id, callback))
        return Number(new Date(String(stored?.cookie.expires)))
      }
      const before = await endOf()
      await delay(20)
      await site.get('/', { cookie })
      expect(await endOf()).toBeGreaterThan(before)
    })
  })

  describe('the id', () => {
    it('is the same on session and request, and cannot be changed', async () => {
      const site = await serve(peer, {}, (request, response) => {
        const { session: current, sessionID } = request
        expect(() => Object.assign(current, { id: 'x' })).toThrow(TypeError)
        response.end(String(current.id === sessionID))
      })
      expect((await site.get()).body).toBe('true')
    })
  })

  describe('a store', () => {
    it('finds sessions without a request', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store, cookie: { maxAge: 60_000 } }, route({}))
      const { id } = await site.get()
      const found = await ask<Handled['session']>(callback => store.load(id, callback as never))
      expect(found?.['hits']).toBe(1)
      expect(found?.cookie.expires).toBeInstanceOf(Date)
      expect(await ask(callback => store.load('none', callback))).toBeUndefined()
      await new Promise(resolve => found?.destroy(resolve))
      expect(await ask(callback => store.length(callback))).toBe(0)
    })

    it('may give out cookies that it made itself', async () => {
      const store = new session.MemoryStore()
      const { get } = store
      store.get = (id, callback) => {
        get.call(store, id, (error, found) => {
          const { expires } = found?.cookie ?? {}
          const cookie = new session.Cookie(found?.cookie)
          cookie.expires = new Date(String(expires))
          callback(error, found ? { ...found, cookie } : null)
        })
      }
      const site = await serve(peer, { store, cookie: { maxAge: 60_000 } }, (request, response) => {
        const { cookie } = request.session
        response.end(`${cookie.originalMaxAge} ${cookie.expires instanceof Date}`)
      })
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).body).toMatch(/^(60000|599\d\d) true$/)
      expect((await site.get('/', { cookie })).body).toMatch(/^(60000|599\d\d) true$/)
    })

    it('may come from before there were classes', async () => {
      const sessions = new Map<string, string>()
      const construct = function (this: object): void {
        Reflect.apply(session.Store, this, [])
      }
      construct.prototype = Object.assign(Object.create(session.Store.prototype), {
        get: (id: string, callback: (error: unknown, found: unknown) => void) =>
          callback(null, JSON.parse(sessions.get(id) ?? 'null')),
        set(id: string, data: object, callback: () => void) {
          sessions.set(id, JSON.stringify(data))
          callback()
        },
        destroy(id: string, callback: () => void) {
          sessions.delete(id)
          callback()
        },
      })
      const store = Reflect.construct(construct, [])
      expect(store).toBeInstanceOf(session.Store)
      const site = await serve(peer, { store, secret, unset: 'destroy' }, route({}))
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).body).toBe('2')
    })
  })
}
