import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNext } from '../conformance/frameworks/next.ts'
import { createHttpClient, type HttpClient } from '../support/http-client.ts'

const folder = fileURLToPath(new URL('../../examples/next/', import.meta.url))

let app: Awaited<ReturnType<typeof startNext>>

beforeAll(async () => {
  app = await startNext(folder)
})
afterAll(() => app.stop())

describe('examples/next', () => {
  it('keeps people out by its proxy', async () => {
    const refused = await createHttpClient(app.origin).send('/account')
    expect(refused.status).toBe(307)
    expect(new URL(refused.headers.get('location') ?? '', app.origin).pathname).toBe('/')
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('shows in pages what routes have written', async () => {
    const client = createHttpClient(app.origin)
    const forged = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }
    expect((await client.send('/api/visits', forged)).status).toBe(403)
    await client.send('/api/visits', { method: 'POST' })
    const page = await (await client.send('/')).text()
    expect(page.replaceAll('<!-- -->', '')).toContain('Visit 1')
  })

  it('signs in and out by server actions that redirect, and lets in by its proxy', async () => {
    const client = createHttpClient(app.origin)
    const signedIn = await submit(client)
    expect(signedIn.status).toBe(303)
    expect(signedIn.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-Http-cloakroom=[\w-]+\.[\w.-]+; Path=\/;.*HttpOnly/),
    ])
    const account = await client.send('/account')
    expect(account.status).toBe(200)
    expect(account.headers.get('content-security-policy')).toBeNull()
    expect((await account.text()).replaceAll('<!-- -->', '')).toContain('Account of alice')
    const signedOut = await submit(client)
    expect(signedOut.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-Http-cloakroom=;.*Max-Age=0/),
    ])
    expect((await client.send('/account')).status).toBe(307)
  })

  it('refuses actions that another site calls', async () => {
    const client = createHttpClient(app.origin)
    await submit(client)
    const headers = { 'sec-fetch-site': 'cross-site' }
    const forged = await submit(client, headers)
    expect(forged.status).toBe(500)
    expect((await client.send('/account')).status).toBe(200)
  })
})

/** Sends the form on the first page as a browser does that runs no scripts. */
async function submit(client: HttpClient, headers: Record<string, string> = {}): Promise<Response> {
  const page = await (await client.send('/')).text()
  const body = new FormData()
  for (const [, name = '', , value = ''] of page.matchAll(
    /<input type="hidden" name="([^"]+)"( value="([^"]*)")?/g,
  )) {
    body.set(name, value.replaceAll('&quot;', '"'))
  }
  return client.send('/', { method: 'POST', headers, body })
}
