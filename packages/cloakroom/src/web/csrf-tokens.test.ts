import { afterEach, describe, expect, it } from 'vitest'
import { type RunningApp, startExpressApp } from '../../../../test/support/express-app.ts'

let app: RunningApp | null = null

/** An application with a page that writes to the session and hands out a token, both at once. */
function visit() {
  app = startExpressApp({ csrf: { visitorToken: 'always' } }, routes => {
    routes.get('/begin', (request, response) => {
      Object.assign(request.session.data, { visits: 1 })
      response.send(response.locals.csrfToken())
    })
  })
  const { send } = app.newClient()
  const read = async (path: string): Promise<string> => (await send(path)).text()
  async function post(path: string, token: string, body: object = {}): Promise<number> {
    const headers = { 'content-type': 'application/json', 'x-csrf-token': token }
    const response = await send(path, { method: 'POST', headers, body: JSON.stringify(body) })
    return response.status
  }
  return { read, post }
}

afterEach(() => app?.close())

describe('createCsrfTokens', () => {
  it('stands by the token of the page that began the session', async () => {
    const { read, post } = visit()
    const token = await read('/begin')
    expect(await post('/set', token, { note: 'kept' })).toBe(200)
    expect(await read('/get')).toContain('kept')
  })

  it('stands by the token of a page that is older than the session', async () => {
    const { read, post } = visit()
    const token = await read('/form')
    await read('/begin')
    expect(await post('/login', token, { user: 'alice' })).toBe(302)
  })

  it('refuses a visitor’s token when somebody is signed in', async () => {
    const { read, post } = visit()
    const token = await read('/form')
    await post('/login', token, { user: 'alice' })
    expect(await post('/set', token)).toBe(403)
  })

  it('refuses the token of another visitor', async () => {
    const { post } = visit()
    const stranger = app?.newClient()
    const token = await (await stranger?.send('/begin'))?.text()
    expect(await post('/set', token ?? '')).toBe(403)
  })
})
