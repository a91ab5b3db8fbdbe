import { describe, expect, it } from 'vitest'
import { createCloakroom } from '../app/cloakroom.ts'
import { ConfigError, HttpError, StoreError } from '../core/errors.ts'
import type { SecurityEvent } from '../events/event.ts'
import { requireAuth } from '../next.ts'
import { getCurrentSession, getCurrentUser, loginUser, logoutUser } from '../web/context.ts'

/** What Next throws for a redirect. */
const redirect = new Error('NEXT_REDIRECT')

/** Next as far as an adapter sees it: the headers of one request, and the cookies of its answer. */
function createNext() {
  const cloakroom = createCloakroom({ audit: false, env: {} })
  const events: SecurityEvent[] = []
  cloakroom.events.on(event => events.push(event))
  const jar = new Map<string, { value: string; options: object }>()
  let list = new Headers()
  const next = cloakroom.next({
    headers: async () => list,
    cookies: async () => ({
      set: (name, value, options) => jar.set(name, { value, options }),
    }),
  })

  /** A request with the cookies of the answers before. */
  function begin(headers: Record<string, string> = {}): Headers {
    const held = [...jar].filter(([, { value }]) => value !== '')
    const cookie = held.map(([name, { value }]) => `${name}=${value}`).join('; ')
    list = new Headers({ host: 'localhost', 'sec-fetch-site': 'same-origin', cookie, ...headers })
    return list
  }
  begin()
  return { cloakroom, events, jar, begin, ...next }
}

const name = '__Host-Http-cloakroom'

describe('nextAdapter', () => {
  describe('action', () => {
    it('hands cookies to Next, for a redirect as well', async () => {
      const { action, begin, jar, page } = createNext()
      const signIn = action(async (_form: FormData) => {
        await loginUser({ id: 'alice' }, { remember: true })
        throw redirect
      })
      await expect(signIn(new FormData())).rejects.toBe(redirect)
      expect([...jar.keys()]).toEqual([name])
      expect(jar.get(name)?.options).toEqual({
        path: '/',
        secure: true,
        httpOnly: true,
        partitioned: false,
        sameSite: 'lax',
        maxAge: 30 * 86_400,
        expires: expect.any(Date),
      })
      begin()
      expect(await page(getCurrentUser)({})).toMatchObject({ id: 'alice' })
      begin()
      await action(logoutUser)()
      expect(jar.get(name)).toMatchObject({ value: '', options: { maxAge: 0 } })
    })

    it('gives what the action gives', async () => {
      const { action } = createNext()
      const add = action((left: number, right: number) => left + right)
      expect(await add(1, 2)).toBe(3)
    })

    it('refuses calls of other sites, and those that nothing is known of but a token', async () => {
      const { action, begin, jar } = createNext()
      const write = action(async (_form?: FormData) => {
        Object.assign(getCurrentSession().data, { a: 1 })
      })
      for (const site of ['cross-site', 'same-site']) {
        begin({ 'sec-fetch-site': site })
        await expect(write(new FormData())).rejects.toMatchObject({ code: 'ERR_CSRF' })
      }
      begin({ 'sec-fetch-site': '' })
      await expect(write(new FormData())).rejects.toMatchObject({ code: 'ERR_CSRF' })
      expect([...jar.keys()]).not.toContain(name)
      begin()
      await write()
      expect([...jar.keys()]).toContain(name)
    })

    it('redirects nobody when the session cannot be saved', async () => {
      const { action, cloakroom, jar } = createNext()
      const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
      Object.assign(cloakroom.sessions, { create: () => Promise.reject(failure) })
      const write = action(() => {
        Object.assign(getCurrentSession().data, { a: 1 })
        throw redirect
      })
      await expect(write()).rejects.toBe(failure)
      expect(jar.size).toBe(0)
    })
  })

  describe('page', () => {
    it('reads the session once for all components of a page', async () => {
      const { cloakroom, action, begin, page } = createNext()
      await action(() => loginUser({ id: 'alice' }))()
      let reads = 0
      const { recall } = cloakroom.sessions
      Object.assign(cloakroom.sessions, {
        recall: (...args: Parameters<typeof recall>) => {
          reads += 1
          return recall(...args)
        },
      })
      begin()
      const component = page(({ greeting }: { greeting: string }) => {
        return `${greeting} ${getCurrentUser()?.id}`
      })
      const all = ['Hello', 'Welcome'].map(greeting => component({ greeting }))
      expect(await Promise.all(all)).toEqual(['Hello alice', 'Welcome alice'])
      expect(reads).toBe(1)
      begin()
      await component({ greeting: 'Hello' })
      expect(reads).toBe(2)
    })

    it('refuses what would change the session', async () => {
      const { events, page } = createNext()
      const change = page(() => Object.assign(getCurrentSession().data, { a: 1 }))
      await expect(change({})).rejects.toThrow(TypeError)
      const signIn = page(() => loginUser({ id: 'alice' }))
      await expect(signIn({})).rejects.toMatchObject({ code: 'ERR_HEADERS_SENT' })
      await expect(signIn({})).rejects.toBeInstanceOf(ConfigError)
      expect(events).toEqual([])
    })

    it('may be guarded', async () => {
      const { page } = createNext()
      const guarded = page(() => requireAuth('admin'))
      await expect(guarded({})).rejects.toBeInstanceOf(HttpError)
    })
  })

  describe('route', () => {
    it('puts cookies on the response, and hands them to Next for a redirect', async () => {
      const { jar, route } = createNext()
      const write = route((_request: Request, how: string) => {
        Object.assign(getCurrentSession().data, { a: 1 })
        if (how === 'redirect') throw redirect
        return new Response(how)
      })
      const request = () => new Request('http://localhost/api')
      const answer = await write(request(), 'plain')
      expect([await answer.text(), answer.headers.getSetCookie().length]).toEqual(['plain', 1])
      expect(jar.size).toBe(0)
      await expect(write(request(), 'redirect')).rejects.toBe(redirect)
      expect([...jar.keys()]).toEqual([name])
    })
  })

  describe('proxy', () => {
    it('leaves its policy off pages, whose scripts know nothing of it', async () => {
      const { proxy } = createNext()
      const policyFor = async (headers: Record<string, string>): Promise<string | null> => {
        const pass = proxy((_request: Request) => new Response(null, { headers }))
        const answer = await pass(new Request('http://localhost/', { method: 'POST' }))
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
        return answer.headers.get('content-security-policy')
      }
      expect(await policyFor({ 'x-middleware-next': '1' })).toBeNull()
      expect(await policyFor({ 'x-middleware-rewrite': '/other' })).toBeNull()
      expect(await policyFor({})).toContain('default-src')
    })
  })
})
