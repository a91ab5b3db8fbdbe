import { describe, expect, it } from 'vitest'
import { createCloakroom } from '../app/cloakroom.ts'
import { StoreError } from '../core/errors.ts'
import { errorResponse, rateLimit, requireAuth } from '../fetch.ts'
import { getCsrfToken } from '../web/context.ts'
import type { FetchOptions, RequestHandler } from '../web/fetch.ts'
import type { Connection } from '../web/mount.ts'

const quiet = { audit: false, env: {} } as const

function handlerOf(handler: RequestHandler, options?: FetchOptions) {
  const cloakroom = createCloakroom({
    ...quiet,
    rateLimit: { rules: { once: { limit: 1, window: '1m' } } },
  })
  const handle = cloakroom.fetch(handler, options)
  return (path: string, init?: RequestInit, connection?: Connection) =>
    handle(new Request(`http://localhost${path}`, init), connection)
}

describe('fetchHandler', () => {
  it('takes responses whose headers cannot be changed', async () => {
    const handle = handlerOf((_request, { data }) => {
      Object.assign(data, { a: 1 })
      return Response.redirect('http://localhost/next', 302)
    })
    const answer = await handle('/')
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe('http://localhost/next')
    expect(answer.headers.getSetCookie()).toHaveLength(1)
  })

  it('begins the session of a visitor anew, and keeps what it held', async () => {
    const handle = handlerOf(async (request, session) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/fill') Object.assign(session.data, { cart: 'coat' })
      if (pathname === '/login') await session.login({ id: 'alice', role: 'user' })
      if (pathname === '/restart') await session.restart()
      return Response.json({ user: session.user?.id ?? null, data: session.data })
    })
    const ask = async (path: string, cookie = '') => {
      const answer = await handle(path, { headers: { cookie } })
      const sent = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
      return [sent, await answer.json()] as const
    }
    const [planted] = await ask('/fill')
    const [restarted, visitor] = await ask('/restart', planted)
    expect(restarted).not.toBe(planted)
    expect(visitor).toEqual({ user: null, data: { cart: 'coat' } })
    expect((await ask('/', planted))[1]).toEqual({ user: null, data: {} })
    const [signedIn] = await ask('/login', restarted)
    const [over, nobody] = await ask('/restart', signedIn)
    expect(nobody).toEqual({ user: null, data: {} })
    expect((await ask('/', signedIn))[1]).toEqual({ user: null, data: {} })
    expect((await ask('/', over))[1]).toEqual({ user: null, data: {} })
  })

  it('lets the handler’s own headers stand', async () => {
    const headers = { 'x-frame-options': 'SAMEORIGIN' }
    const answer = await handlerOf(() => new Response('x', { headers }))('/')
    expect(answer.headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('answers what Cloakroom throws, with security headers', async () => {
    const answer = await handlerOf(async () => {
      await requireAuth('admin')
      return new Response('never')
    })('/')
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'ERR_UNAUTHENTICATED' })
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('throws on what it does not know, and lets the application answer it', async () => {
    const mistake = new Error('A mistake.')
    const fail: RequestHandler = () => {
      throw mistake
    }
    await expect(handlerOf(fail)('/')).rejects.toBe(mistake)
    const options: FetchOptions = { onError: error => new Response(String(error), { status: 500 }) }
    const answer = await handlerOf(fail, options)('/')
    expect([answer.status, await answer.text()]).toEqual([500, 'Error: A mistake.'])
  })

  it('gives up a body whose session could not be saved', async () => {
    const cloakroom = createCloakroom(quiet)
    const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
    Object.assign(cloakroom.sessions, { create: () => Promise.reject(failure) })
    const reasons: unknown[] = []
    const handle = cloakroom.fetch((_request, { data }) => {
      Object.assign(data, { a: 1 })
      return new Response(new ReadableStream({ cancel: reason => void reasons.push(reason) }))
    })
    const answer = await handle(new Request('http://localhost/'))
    expect(answer.status).toBe(503)
    expect(reasons).toEqual([failure])
  })

  it('goes by the connection that it is told', async () => {
    const handle = handlerOf(async (_request, { data }) => {
      await rateLimit('once')
      Object.assign(data, { a: 1 })
      return new Response('ok')
    })
    const from = (address: string) => handle('/', {}, { address })
    expect((await from('203.0.113.1')).status).toBe(200)
    expect((await from('203.0.113.1')).status).toBe(429)
    expect((await from('203.0.113.2')).status).toBe(200)
    expect((await from('127.0.0.1')).headers.getSetCookie()[0]).not.toContain('Secure')
    const secure = await handle('/', {}, { address: '::1', isEncrypted: true })
    expect(secure.headers.getSetCookie()[0]).toContain('Secure')
  })

  it('counts as encrypted by the URL when it is told nothing', async () => {
    const handle = createCloakroom({ ...quiet, origins: 'https://shop.test' }).fetch(
      (_request, { data }) => {
        Object.assign(data, { a: 1 })
        return new Response('ok')
      },
    )
    const answer = await handle(new Request('https://shop.test/'))
    expect(answer.headers.get('strict-transport-security')).toContain('max-age')
  })

  it('finds a token in a form, and leaves the form to the handler', async () => {
    const handle = handlerOf(async request => {
      if (request.method === 'GET') return new Response(getCsrfToken())
      return Response.json(Object.fromEntries(await request.formData()))
    })
    const page = await handle('/')
    const [cookie = ''] = page.headers.getSetCookie()[0]?.split(';') ?? []
    const token = await page.text()
    const send = (body: string, extra: Record<string, string> = {}): Promise<Response> =>
      handle('/', { method: 'POST', headers: { cookie, ...extra }, body })
    const fields = `_csrf=${token}&name=alice`
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const length = { 'content-length': String(fields.length) }
    const accepted = await send(fields, { ...type, ...length })
    expect(await accepted.json()).toEqual({ _csrf: token, name: 'alice' })
    expect((await send(fields, type)).status, 'of unknown length').toBe(403)
    expect((await send(fields, { ...type, 'content-length': '2000000' })).status).toBe(403)
    expect((await send(fields, { 'content-type': 'text/plain', ...length })).status).toBe(403)
    const broken = { 'content-type': 'multipart/form-data; boundary=x', ...length }
    expect((await send('rubbish', broken)).status).toBe(403)
  })
})

describe('errorResponse', () => {
  it('throws on what is not of Cloakroom', () => {
    const error = new Error('other')
    expect(() => errorResponse(error, new Request('http://localhost'))).toThrow(error)
  })
})
