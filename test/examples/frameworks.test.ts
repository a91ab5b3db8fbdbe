import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNode } from '../support/consumer.ts'
import { createHttpClient, type HttpClient } from '../support/http-client.ts'
import { findFreePort } from '../support/redis-server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const names = ['fastify', 'hono', 'koa', 'node', 'fetch']

beforeAll(async () => {
  const compiler = `${root}node_modules/typescript/bin/tsc`
  const compile = (name: string) => runNode([compiler, '-p', `examples/${name}`])
  expect(await Promise.all(names.map(compile))).toEqual(names.map(() => ''))
})

describe.each(names)('examples/%s', name => {
  let server: ChildProcess
  let client: HttpClient

  beforeAll(async () => {
    const port = await findFreePort()
    const { NODE_ENV: _mode, ...env } = process.env
    server = spawn(process.execPath, ['dist/server.js'], {
      cwd: `${root}examples/${name}`,
      env: { ...env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const output of server.stdout ?? []) if (/Open http/.test(String(output))) break
    client = createHttpClient(`http://localhost:${port}`)
  })
  afterAll(async () => {
    server.kill()
    await once(server, 'exit')
  })

  it('counts visits, signs in and out, and guards its account', async () => {
    expect((await client.send('/account')).status).toBe(401)
    expect(await open(client)).toMatch(/Hello, stranger[\s\S]*Visit 1\b/)
    expect((await submit(client, '/sign-in')).headers.get('location')).toBe('/account')
    expect(await (await client.send('/account')).json()).toMatchObject({ id: 'alice' })
    // The page was opened a second time for the token on it.
    expect(await open(client)).toMatch(/Hello, alice[\s\S]*Visit 3\b/)
    expect((await submit(client, '/sign-out')).headers.get('location')).toBe('/')
    expect(await open(client)).toMatch(/Hello, stranger[\s\S]*Visit 1\b/)
  })

  it('refuses a form of another site', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect((await client.send('/sign-in', { method: 'POST', headers })).status).toBe(403)
  })
})

async function open(client: HttpClient): Promise<string> {
  return (await client.send('/')).text()
}

/** Sends the token of the first page: in its form, or in a header where there is no page. */
async function submit(client: HttpClient, path: string): Promise<Response> {
  const first = await client.send('/')
  const header = first.headers.get('x-csrf-token')
  if (header !== null) {
    return client.send(path, { method: 'POST', headers: { 'x-csrf-token': header } })
  }
  const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(await first.text()) ?? []
  return client.send(path, { method: 'POST', body: new URLSearchParams({ _csrf: token }) })
}
