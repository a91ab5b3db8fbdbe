import { request as httpRequest, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Handled, type Handler, type Peer, serve } from './harness.ts'

/** How a response and its session leave together. */
export function describeResponses(peer: Peer): void {
  const { session } = peer

  /** A store whose writes take a while, and that says when the last one was done. */
  function slowStore() {
    const store = new session.MemoryStore()
    const state = { saved: 0, destroyed: 0 }
    const { set, destroy } = store
    store.set = (id, data, callback) => {
      set.call(store, id, data, () => {
        setTimeout(() => {
          state.saved += 1
          callback?.()
        }, 60)
      })
    }
    store.destroy = (id, callback) => {
      destroy.call(store, id, () => {
        setTimeout(() => {
          state.destroyed += 1
          callback?.()
        }, 60)
      })
    }
    return { store, state }
  }

  const ways: [string, (response: ServerResponse) => void, string][] = [
    ['end', response => response.end('hello, world'), 'hello, world'],
    ['end with nothing', response => response.end(), ''],
    ['end with null', response => response.end(null), ''],
    [
      'end twice',
      response => {
        response.end('hello')
        response.end()
      },
      'hello',
    ],
    ['end with an encoding', response => response.end('aGVsbG8=', 'base64'), 'hello'],
    ['end with a callback', response => response.end('hello', () => undefined), 'hello'],
    [
      'write and end',
      response => {
        response.write('hello, ')
        response.end('world')
      },
      'hello, world',
    ],
    [
      'write bytes',
      response => {
        response.write(Buffer.from('a'))
        response.end(Buffer.from('b'))
      },
      'ab',
    ],
    [
      'a known length',
      response => response.setHeader('Content-Length', '12').end('hello, world'),
      'hello, world',
    ],
    [
      'a known length in parts',
      response => {
        response.setHeader('Content-Length', '12')
        response.write('hello, ')
        response.end('world')
      },
      'hello, world',
    ],
    ['a length of zero', response => response.setHeader('Content-Length', '0').end(), ''],
    ['writeHead', response => response.writeHead(201, { 'X-A': '1' }).end('made'), 'made'],
    [
      'flushHeaders',
      response => {
        response.flushHeaders()
        response.end('late')
      },
      'late',
    ],
  ]

  describe('a response', () => {
    it.each(ways)(
      'that is sent by %s arrives whole, after the session is saved',
      async (...way) => {
        const [, send, body] = way
        const { store, state } = slowStore()
        const site = await serve(peer, { store }, (request, response) => {
          request.session['hits'] = 1
          send(response)
        })
        const answer = await site.get()
        expect(answer.body).toBe(body)
        expect(answer.lines).toHaveLength(1)
        expect(state.saved).toBe(1)
      },
    )

    it('ends after the session is destroyed', async () => {
      const { store, state } = slowStore()
      const site = await serve(peer, { store, unset: 'destroy' }, (request, response) => {
        request.session = null as never
        response.write('gone')
        response.end()
      })
      expect((await site.get()).body).toBe('gone')
      expect(state.destroyed).toBe(1)
    })

    it('saves what changed while it was sent', async () => {
      const site = await serve(peer, {}, (request, response) => {
        if (request.url === '/read') return void response.end(String(request.session['part']))
        request.session['part'] = 1
        response.write('first, ')
        setTimeout(() => {
          request.session['part'] = 2
          response.end('second')
        }, 20)
      })
      const { cookie, body } = await site.get()
      expect(body).toBe('first, second')
      expect((await site.get('/read', { cookie })).body).toBe('2')
    })

    it('sends its first part before its last is there', async () => {
      const site = await serve(peer, {}, (request, response) => {
        request.session['part'] = 1
        response.write('first')
        setTimeout(() => response.end('last'), 150)
      })
      const response = await fetch(site.url)
      const reader = response.body?.getReader()
      const start = performance.now()
      const first = await reader?.read()
      expect(Buffer.from(first?.value ?? []).toString()).toBe('first')
      expect(performance.now() - start).toBeLessThan(120)
      await reader?.cancel()
    })

    it('has the cookie newly counted, however slow it was', async () => {
      const handler: Handler = (request, response) => {
        request.session['user'] = 'bob'
        response.write('hello, ')
        setTimeout(() => response.end('world'), 50)
      }
      const options = { rolling: true, cookie: { maxAge: 60_000 } }
      const site = await serve(peer, options, handler)
      const first = await site.get()
      await delay(1050)
      const second = await site.get('/', { cookie: first.cookie })
      expect(second.attributes.get('expires')).not.toBe(first.attributes.get('expires'))
    })

    it('keeps cookies and headers that were there before', async () => {
      const before = (_request: Handled, response: ServerResponse) => {
        response.setHeader('Set-Cookie', ['a=1', 'b=2'])
      }
      const site = await serve(peer, {}, (_request, response) => response.end(), { before })
      const { lines } = await site.get()
      expect(lines.map(line => line.split('=')[0])).toEqual(['a', 'b', 'connect.sid'])
    })

    it('keeps cookies that come with writeHead', async () => {
      const site = await serve(peer, {}, (_request, response) => {
        response.writeHead(200, 'Fine', { 'Set-Cookie': ['a=1'], 'X-B': 'b' })
        response.end('body')
      })
      const answer = await site.get()
      expect(answer.lines.map(line => line.split('=')[0])).toEqual(['a', 'connect.sid'])
      expect(answer.headers.get('x-b')).toBe('b')
    })

    it('may be wrapped before and after the session', async () => {
      const wrap = (request: Handled, response: ServerResponse) => {
        const { write, end } = response
        let hasEnded = false
        const check = () => {
          if (hasEnded) throw new Error(`write after end of ${request.url}`)
        }
        Object.assign(response, {
          write(...args: unknown[]) {
            check()
            return Reflect.apply(write, response, args)
          },
          end(...args: unknown[]) {
            check()
            hasEnded = true
            return Reflect.apply(end, response, args)
          },
        })
      }
      const handler: Handler = (request, response) => {
        request.session['hits'] = 1
        response.write('hello, ')
        response.write('wor')
        response.end('ld')
      }
      const site = await serve(peer, {}, handler, { before: wrap, after: wrap })
      expect(await site.get()).toMatchObject({ status: 200, body: 'hello, world' })
    })

    it('may be one to HEAD', async () => {
      const site = await serve(peer, {}, (_request, response) => {
        response.setHeader('Content-Length', '5')
        response.end('hello')
      })
      const { status, headers } = await new Promise<{ status?: number; headers: object }>(
        resolve => {
          httpRequest(site.url, { method: 'HEAD', agent: false }, response => {
            response.resume()
            resolve({ status: response.statusCode ?? 0, headers: response.headers })
          }).end()
        },
      )
      expect(status).toBe(200)
      expect(headers).toMatchObject({ 'content-length': '5', 'set-cookie': [expect.any(String)] })
    })

    it.each([204, 304])('may have no body: %d', async status => {
      const site = await serve(peer, {}, (_request, response) => response.writeHead(status).end())
      expect(await site.get()).toMatchObject({ status, body: '' })
    })

    it('looks as if it had left, once it was sent', async () => {
      const store = slowStore().store
      const said: unknown[] = []
      const site = await serve(peer, { store }, (_request, response) => {
        response.end('first')
        said.push(response.headersSent)
        response.statusCode = 500
        for (const change of [
          () => response.setHeader('Content-Length', '99'),
          () => response.removeHeader('Date'),
          () => response.writeHead(404),
        ]) {
          expect(change).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }))
        }
      })
      expect(await site.get()).toMatchObject({ status: 200, body: 'first' })
      expect(said).toEqual([true])
    })

    it('arrives though the session could not be touched, and the error is told', async () => {
      const store = new session.MemoryStore()
      store.touch = (_id, _session, callback) =>
        (callback as (error: Error) => void)(new Error('no'))
      const site = await serve(peer, { store }, (request, response) => {
        request.session['hits'] = 1
        response.end('fine')
      })
      const { cookie } = await site.get()
      expect(await site.get('/', { cookie })).toMatchObject({ status: 200, body: 'fine' })
      await expect.poll(() => site.errors).toEqual([new Error('no')])
    })

    it('works with a store that answers at once', async () => {
      const sessions = new Map<string, string>()
      class SyncStore extends session.Store {
        override get(id: string, callback: (error: null, found: never) => void) {
          callback(null, JSON.parse(sessions.get(id) ?? 'null') as never)
        }
        override set(id: string, data: object, callback?: () => void) {
          sessions.set(id, JSON.stringify(data))
          callback?.()
        }
        override destroy(id: string, callback?: () => void) {
          sessions.delete(id)
          callback?.()
        }
      }
      const options = { store: new SyncStore(), unset: 'destroy' } as const
      const site = await serve(peer, options, (request, response) => {
        const hits = Number(request.session['hits'] ?? 0) + 1
        request.session['hits'] = hits
        if (hits > 1) request.session = null as never
        if (hits > 1) response.write('ended after ')
        response.end(String(hits))
      })
      const { cookie, body } = await site.get()
      expect(body).toBe('1')
      expect((await site.get('/', { cookie })).body).toBe('ended after 2')
      expect(sessions.size).toBe(0)
    })
  })
}
