import { describe, expect, it } from 'vitest'
import { ask, type Handled, type Handler, type Peer, secret, serve } from './harness.ts'

const hit: Handler = (request, response) => {
  request.session['hits'] = Number(request.session['hits'] ?? 0) + 1
  response.end(String(request.session['hits']))
}

const look: Handler = (request, response) => response.end(JSON.stringify(request.session))

/** What each option of the middleware does. */
export function describeOptions(peer: Peer): void {
  const { session } = peer

  /** A store that counts what is asked of it. */
  function countingStore() {
    const store = new session.MemoryStore()
    const calls = { set: 0, touch: 0, destroy: 0 }
    for (const name of ['set', 'touch', 'destroy'] as const) {
      const method = store[name] as (...args: unknown[]) => void
      store[name] = (...args: unknown[]) => {
        calls[name] += 1
        method.apply(store, args)
      }
    }
    return { store, calls }
  }

  describe('options', () => {
    const mistakes: [string, object, RegExp][] = [
      ['a genid that is no function', { genid: 'x' }, /genid.*must/],
      ['an unset that is neither word', { unset: 'forget' }, /unset.*must/],
      ['no secrets at all in a list', { secret: [] }, /secret option array/],
    ]
    it.each(mistakes)('refuse %s', (_what, options, message) => {
      expect(() => session({ secret, ...options } as never)).toThrow(message)
    })

    it('may be left out, and then a secret is missing', async () => {
      const site = await serve(peer, { secret: undefined as never }, hit)
      expect(await site.get()).toMatchObject({ status: 500, lines: [] })
      expect((await site.get()).body).toMatch(/secret.*required/)
    })

    it('stand for their defaults where they are false', async () => {
      const none = { cookie: null, genid: null, name: '', store: null, unset: '', rolling: null }
      const site = await serve(peer, none as never, hit)
      const { cookie, lines } = await site.get()
      expect(lines[0]).toMatch(/^connect\.sid=s%3A[\w-]{32}\..*; Path=\/; HttpOnly$/)
      expect((await site.get('/', { cookie })).body).toBe('2')
    })

    it('may leave the secret to the request', async () => {
      const before = (request: Handled) => {
        request.secret = 'of the request'
      }
      const site = await serve(peer, { secret: undefined as never }, hit, { before })
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).body).toBe('2')
    })
  })

  describe('secret', () => {
    it('may be bytes', async () => {
      const site = await serve(peer, { secret: Buffer.from('äöü and more') as never }, hit)
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).body).toBe('2')
    })

    it('signs with the first of a list and accepts all', async () => {
      const store = new session.MemoryStore()
      const older = await serve(peer, { store, secret: 'older' }, hit)
      const newer = await serve(peer, { store, secret: ['newer', 'older'] }, hit)
      const { cookie } = await older.get()
      expect((await newer.get('/', { cookie })).body).toBe('2')
      const fresh = await newer.get()
      expect((await older.get('/', { cookie: fresh.cookie })).id).not.toBe('')
    })
  })

  describe('name', () => {
    it('names the cookie', async () => {
      const site = await serve(peer, { name: 'ticket' }, hit)
      expect((await site.get()).lines[0]).toMatch(/^ticket=s%3A/)
    })

    it('has an older word', async () => {
      const site = await serve(peer, { key: 'ticket' } as object, hit)
      expect((await site.get()).lines[0]).toMatch(/^ticket=s%3A/)
    })
  })

  describe('genid', () => {
    it('makes the ids, and is given the request', async () => {
      const genid = (request: { url: string }) => `id of ${request.url}; %`
      const site = await serve(peer, { genid: genid as never }, hit)
      const answer = await site.get('/a')
      expect(answer.id).toBe('id of /a; %')
      expect((await site.get('/b', { cookie: answer.cookie })).body).toBe('2')
    })
  })

  describe('resave', () => {
    it('saves nothing that did not change, when false', async () => {
      const { store, calls } = countingStore()
      const site = await serve(peer, { store, resave: false }, look)
      const { cookie } = await site.get()
      await site.get('/', { cookie })
      expect(calls).toEqual({ set: 1, touch: 1, destroy: 0 })
    })

    it.each([true, undefined])('saves always, when %s', async resave => {
      const { store, calls } = countingStore()
      const site = await serve(peer, { store, resave }, look)
      const { cookie } = await site.get()
      await site.get('/', { cookie })
      expect(calls).toEqual({ set: 2, touch: 0, destroy: 0 })
    })

    it('sees a change inside a property that is called cookie', async () => {
      const { store, calls } = countingStore()
      const site = await serve(peer, { store, resave: false }, (request, response) => {
        request.session['user'] ??= { cookie: { hits: 0 } }
        const user = request.session['user'] as { cookie: { hits: number } }
        user.cookie.hits += 1
        response.end(String(user.cookie.hits))
      })
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).body).toBe('2')
      expect((await site.get('/', { cookie })).body).toBe('3')
      expect(calls.set).toBe(3)
    })
  })

  describe('saveUninitialized', () => {
    it('stores and tells nothing of an empty session, when false', async () => {
      const { store, calls } = countingStore()
      const site = await serve(peer, { store, saveUninitialized: false }, look)
      expect((await site.get()).lines).toEqual([])
      expect(calls).toEqual({ set: 0, touch: 0, destroy: 0 })
    })

    it('stores and tells what changed, when false', async () => {
      const { store, calls } = countingStore()
      const site = await serve(peer, { store, saveUninitialized: false }, hit)
      const { cookie } = await site.get()
      expect(cookie).not.toBe('')
      expect(calls.set).toBe(1)
      expect((await site.get('/', { cookie })).body).toBe('2')
    })

    it.each([true, undefined])('stores an empty session, when %s', async saveUninitialized => {
      const { store, calls } = countingStore()
      const site = await serve(peer, { store, saveUninitialized }, look)
      expect((await site.get()).lines).toHaveLength(1)
      expect(calls.set).toBe(1)
    })
  })

  describe('rolling', () => {
    it('tells the cookie with every response', async () => {
      const site = await serve(peer, { rolling: true }, look)
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).lines).toHaveLength(1)
    })

    it('tells no cookie of an empty session that is not saved', async () => {
      const site = await serve(peer, { rolling: true, saveUninitialized: false }, look)
      expect((await site.get()).lines).toEqual([])
    })
  })

  describe('unset', () => {
    const forget: Handler = (request, response) => {
      request.session['hits'] = Number(request.session['hits'] ?? 0) + 1
      const hits = request.session['hits']
      if (request.url === '/forget') request.session = null as never
      response.end(String(hits))
    }

    it('keeps what is stored, and forgets the changes, by default', async () => {
      const { store, calls } = countingStore()
      const site = await serve(peer, { store }, forget)
      const { cookie } = await site.get()
      expect((await site.get('/forget', { cookie })).lines).toEqual([])
      expect((await site.get('/', { cookie })).body).toBe('2')
      expect(calls.destroy).toBe(0)
    })

    it('destroys what is stored', async () => {
      const { store } = countingStore()
      const site = await serve(peer, { store, unset: 'destroy' }, forget)
      const { cookie } = await site.get()
      expect((await site.get('/forget', { cookie })).body).toBe('2')
      expect(await ask(callback => store.length(callback))).toBe(0)
      expect((await site.get('/', { cookie })).body).toBe('1')
    })

    it('tells no cookie of a session that did not outlive its first request', async () => {
      const site = await serve(peer, { unset: 'destroy' }, forget)
      expect((await site.get('/forget')).lines).toEqual([])
    })
  })

  describe('store', () => {
    it('may do without touch', async () => {
      const store = new session.MemoryStore()
      Object.assign(store, { touch: undefined })
      const site = await serve(peer, { store }, look)
      const { cookie } = await site.get()
      expect((await site.get('/', { cookie })).status).toBe(200)
    })

    it('is told of use where nothing changed, and not for an id of its own making', async () => {
      const { store, calls } = countingStore()
      const site = await serve(peer, { store, saveUninitialized: false }, look)
      await site.get('/', { cookie: 'connect.sid=s%3Ax.y' })
      expect(calls).toEqual({ set: 0, touch: 0, destroy: 0 })
    })
  })
}
