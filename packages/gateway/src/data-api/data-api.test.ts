import { createCloakroom } from 'cloakroom'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGatewayKeys } from '../identity/keys.ts'
import { createSessionHandles, openHandle } from '../identity/session-handle.ts'
import { createDataApi, type DataApi } from './data-api.ts'

const secret = 'jP8xQv2LmZ4pRt9wKb3nYc6hFs8gTa1e'
const cloakroom = createCloakroom({ secret, cookieSecret: `${secret}2`, audit: false, env: {} })
const handles = createSessionHandles(createGatewayKeys([secret]))

describe('createDataApi', () => {
  let api: DataApi
  let handle: string
  let id: string

  beforeEach(async () => {
    api = createDataApi({
      sessions: cloakroom.sessions,
      openHandle: given => openHandle(handles, ['app', 'second'], given),
    })
    const { session } = await cloakroom.sessions.create({ id: 'ada', role: 'user' })
    id = session.id
    handle = handles.issue('app', id)
  })
  afterEach(async () => {
    await cloakroom.sessions.locker({ user: 'ada' }).clear()
  })

  async function call(
    method: string,
    path: string,
    init: { value?: unknown; body?: string; headers?: Record<string, string>; as?: string } = {},
  ): Promise<{ status: number; value: unknown; etag: string; headers: Headers }> {
    const request = new Request(`http://gateway.test/_cloakroom/data${path}`, {
      method,
      headers: { authorization: `Bearer ${init.as ?? handle}`, ...init.headers },
      ...(init.value !== undefined && { body: JSON.stringify(init.value) }),
      ...(init.body !== undefined && { body: init.body }),
    })
    const response = await api.answer(request)
    if (response === null) throw new Error('The path is not of the API.')
    const text = await response.text()
    const { status, headers } = response
    const value: unknown = text === '' ? null : JSON.parse(text)
    return { status, value, etag: headers.get('etag') ?? '', headers }
  }

  it('tells whose session it is', async () => {
    expect(await call('GET', '')).toMatchObject({
      status: 200,
      value: { session: id, user: 'ada', role: 'user', tenant: null },
    })
  })

  it('keeps a value and gives it back with its version', async () => {
    const stored = await call('PUT', '/session/filter', { value: { years: [2024, 2025] } })
    expect(stored).toMatchObject({ status: 200, etag: expect.stringMatching(/^"[\w-]+"$/) })
    const found = await call('GET', '/session/filter')
    expect(found).toMatchObject({ status: 200, value: { years: [2024, 2025] }, etag: stored.etag })
    expect(found.headers.get('cache-control')).toBe('no-store')
    const version = stored.etag.slice(1, -1)
    expect((await call('GET', '/session')).value).toEqual({
      filter: { value: { years: [2024, 2025] }, version },
    })
  })

  it('keeps names with any characters', async () => {
    await call('PUT', `/session/${encodeURIComponent('a/b ü')}`, { value: 1 })
    expect(Object.keys((await call('GET', '/session')).value as object)).toEqual(['a/b ü'])
  })

  it('lets one of two writers of the same version win, and tells the other what is there', async () => {
    const { etag } = await call('PUT', '/session/n', { value: 1 })
    const headers = { 'if-match': etag }
    expect(await call('PUT', '/session/n', { value: 2, headers })).toMatchObject({ status: 200 })
    const late = await call('PUT', '/session/n', { value: 3, headers })
    expect(late).toMatchObject({ status: 412, value: 2 })
    const again = { 'if-match': late.etag }
    expect(await call('PUT', '/session/n', { value: 3, headers: again })).toMatchObject({
      status: 200,
    })
    const fresh = await call('PUT', '/session/n', { value: 4, headers: { 'if-none-match': '*' } })
    expect(fresh).toMatchObject({ status: 412, value: 3 })
    expect(await call('DELETE', '/session/n', { headers })).toMatchObject({ status: 412 })
    expect(await call('DELETE', '/session/n')).toMatchObject({ status: 204 })
    expect(await call('PUT', '/session/n', { value: 5, headers: again })).toMatchObject({
      status: 412,
      value: { code: 'value-absent' },
    })
  })

  it('keeps what is the user’s for the next session, and what is the session’s not', async () => {
    await call('PUT', '/session/a', { value: 1 })
    await call('PUT', '/user/b', { value: 2 })
    await cloakroom.sessions.revoke(id)
    expect(await call('GET', '/session/a')).toMatchObject({
      status: 401,
      value: { code: 'session-ended' },
    })
    const next = await cloakroom.sessions.create({ id: 'ada' })
    const as = handles.issue('app', next.session.id)
    expect((await call('GET', '/session/a', { as })).status).toBe(404)
    expect((await call('GET', '/user/b', { as })).value).toBe(2)
  })

  it('keeps the values of apps apart', async () => {
    await call('PUT', '/user/a', { value: 1 })
    const as = handles.issue('second', id)
    expect((await call('GET', '/user/a', { as })).status).toBe(404)
    expect((await call('GET', '/user', { as })).value).toEqual({})
    await call('PUT', '/user/a', { as, value: 2 })
    expect((await call('GET', '/user/a')).value).toBe(1)
  })

  it('has no values of a user for visitors', async () => {
    const { session } = await cloakroom.sessions.create(null)
    const as = handles.issue('app', session.id)
    expect((await call('PUT', '/session/a', { as, value: 1 })).status).toBe(200)
    expect(await call('GET', '/user', { as })).toMatchObject({
      status: 403,
      value: { code: 'no-user' },
    })
  })

  it('refuses handles that were not issued for this application', async () => {
    const other = handles.issue('other', id)
    for (const as of [other, id, `${id}.`, `${handle}x`, 'x', handle.replace(/.$/, '~')]) {
      expect((await call('GET', '/session', { as })).status).toBe(401)
    }
    expect((await call('GET', '/session', { headers: { authorization: '' } })).status).toBe(401)
  })

  const wrong: [string, string, Parameters<typeof call>[2], number, string][] = [
    ['PUT', '/session/a', { body: '{' }, 400, 'json-invalid'],
    ['PUT', '/session/a', { body: 'x'.repeat(262_145) }, 413, 'too-large'],
    ['PUT', `/session/${'n'.repeat(201)}`, { value: 1 }, 400, 'name-too-long'],
    ['PUT', '/session/a', { value: 1, headers: { 'if-match': 'x' } }, 400, 'condition-invalid'],
    [
      'PUT',
      '/session/a',
      { value: 1, headers: { 'if-none-match': '"x"' } },
      400,
      'condition-invalid',
    ],
    ['POST', '/session/a', { value: 1 }, 405, 'method-not-allowed'],
    ['PUT', '/session', { value: 1 }, 405, 'method-not-allowed'],
    ['GET', '/tenant', {}, 404, 'not-found'],
    ['GET', '/session/a/b', {}, 404, 'not-found'],
    ['GET', '/session/%E0%A4%A', {}, 404, 'not-found'],
    ['GET', '/session/none', {}, 404, 'value-absent'],
  ]
  it.each(wrong)('answers %s %.20s with a problem', async (method, path, init, status, code) => {
    const answer = await call(method, path, init)
    expect(answer).toMatchObject({ status, value: { status, code } })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  it('refuses more than a locker holds', async () => {
    // Random, so that packing does not make it small.
    const value = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString('base64')
    const statuses = []
    for (let n = 0; n < 6; n += 1) {
      statuses.push((await call('PUT', `/session/v${n}`, { value })).status)
    }
    expect(statuses).toContain(413)
  })

  it('leaves other paths alone', async () => {
    expect(await api.answer(new Request('http://gateway.test/_cloakroom/database'))).toBeNull()
    expect(await api.answer(new Request('http://gateway.test/'))).toBeNull()
  })
})
