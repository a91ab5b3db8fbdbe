import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask, type Handler, type Peer, secret, serve } from './harness.ts'

const count: Handler = (request, response) => {
  const { session } = request
  session['hits'] = Number(session['hits'] ?? 0) + 1
  response.end(String(session['hits']))
}

/** How sessions begin, are found again and are lost. */
export function describeLifecycle(peer: Peer): void {
  const { session } = peer

  describe('a session', () => {
    it('begins with the first request and goes on with its cookie', async () => {
      const site = await serve(peer, {}, count)
      const first = await site.get()
      expect(first.body).toBe('1')
      expect((await site.get('/', { cookie: first.cookie })).body).toBe('2')
      expect((await site.get()).body).toBe('1')
    })

    it('has a cookie of signed id, and no more than a path and HttpOnly', async () => {
      const site = await serve(peer, {}, count)
      const { lines, id } = await site.get()
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(/^connect\.sid=s%3A[\w-]{32}\.[^;]{43,}; Path=\/; HttpOnly$/)
      expect(id).toHaveLength(32)
    })

    it('is told by its cookie once, while the cookie lasts as long as the browser', async () => {
      const site = await serve(peer, {}, count)
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).lines).toEqual([])
    })

    it('gets its cookie again when it changed and the cookie has an end', async () => {
      const site = await serve(peer, { cookie: { maxAge: 60_000 } }, (request, response) => {
        if (request.url === '/change') request.session['hits'] = Math.random()
        response.end()
      })
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).lines).toEqual([])
      expect((await site.get('/change', { cookie })).lines).toHaveLength(1)
    })

    it('is another one when the cookie is forged', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, count)
      const { cookie, id } = await site.get()
      let asked = 0
      const { get } = store
      store.get = (...args) => {
        asked += 1
        get.apply(store, args)
      }
      const forged = cookie.slice(0, -3)
      const unsigned = `connect.sid=${id}`
      for (const bad of [forged, unsigned, 'connect.sid=', 'connect.sid=s%3A', 'connect.sid=%']) {
        const answer = await site.get('/', { cookie: bad })
        expect(answer.body).toBe('1')
        expect(answer.id).not.toBe(id)
      }
      expect(asked).toBe(0)
    })

    it('is another one, under another id, when the store has lost it', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, count)
      const { cookie, id } = await site.get()
      await ask(callback => store.clear(callback))
      const answer = await site.get('/', { cookie })
      expect(answer.body).toBe('1')
      expect(answer.id).toHaveLength(32)
      expect(answer.id).not.toBe(id)
    })

    it('is another one when it has expired in the store', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, (request, response) => {
        if (request.url === '/short') request.session.cookie.maxAge = 40
        count(request, response)
      })
      const { cookie, id } = await site.get('/short')
      await delay(60)
      const answer = await site.get('/', { cookie })
      expect(answer.body).toBe('1')
      expect(answer.id).not.toBe(id)
      expect(Object.keys((await ask(callback => store.all(callback))) ?? {})).toEqual([answer.id])
    })

    it('is an error when the store fails', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store, unset: 'destroy' }, count)
      const { cookie } = await site.get()
      const { get } = store
      store.get = (_id, callback) => callback(new Error('on fire'))
      expect(await site.get('/', { cookie })).toMatchObject({ status: 500, body: 'on fire' })
      store.get = get
    })

    it('is another one when the store has no such file', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, count)
      const { cookie } = await site.get()
      store.get = (_id, callback) => callback(Object.assign(new Error('x'), { code: 'ENOENT' }))
      expect((await site.get('/', { cookie })).body).toBe('1')
    })

    it('is none while the store is disconnected', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, (request, response) => {
        response.end(String(request.session === undefined))
      })
      store.emit('disconnect')
      expect(await site.get()).toMatchObject({ body: 'true', lines: [] })
      store.emit('connect')
      expect((await site.get()).body).toBe('false')
    })

    it('is made by the first of two middlewares', async () => {
      const store = new session.MemoryStore()
      const inner = session({ secret, store, resave: false, saveUninitialized: true, name: 'x' })
      const site = await serve(peer, {}, (request, response) => {
        const { sessionID } = request
        inner(request as never, response as never, () => {
          response.end(String(request.sessionID === sessionID))
        })
      })
      const answer = await site.get()
      expect(answer.body).toBe('true')
      expect(answer.lines).toHaveLength(1)
    })

    it('shows its data and cookie when its keys are listed, and nothing else', async () => {
      const site = await serve(peer, {}, (request, response) => {
        const names: string[] = []
        request.session['user'] = 'alice'
        for (const name in request.session) names.push(name)
        response.end(names.sort().join())
      })
      expect((await site.get()).body).toBe('cookie,user')
    })

    it('ignores stored names that it needs for itself', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, (request, response) => {
        response.end(typeof request.session.save)
      })
      const { cookie, id } = await site.get()
      const { get } = store
      store.get = (wanted, callback) => {
        get.call(store, wanted, (error, found) => {
          callback(error, Object.assign(found ?? {}, { save: 1, id: 2, req: 3 }) as never)
        })
      }
      expect(await site.get('/', { cookie })).toMatchObject({ body: 'function', id: '' })
      expect(id).not.toBe('')
    })

    it('is not saved under an id that is no text', async () => {
      const store = new session.MemoryStore()
      const site = await serve(peer, { store }, (request, response) => {
        Object.assign(request, { sessionID: () => undefined })
        request.session['hits'] = 1
        response.end()
      })
      expect(await site.get()).toMatchObject({ status: 200, lines: [] })
      expect(await ask(callback => store.length(callback))).toBe(0)
    })
  })
}
