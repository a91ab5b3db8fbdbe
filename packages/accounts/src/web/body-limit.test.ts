import { once } from 'node:events'
import { createServer, request as open } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createAccountsSite } from '../../../../test/support/accounts-site.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** Sends a body piece by piece, without saying how long it will be; gives the status. */
async function send(path: string, { type, pieces }: { type: string; pieces: readonly string[] }) {
  const site = await createAccountsSite()
  const server = createServer((request, response) =>
    site.accounts.express()(request, response, error => {
      response.writeHead(error === undefined ? 404 : 500).end()
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const headers = { 'content-type': type, 'sec-fetch-site': 'cross-site' }
  const request = open({ port, host: '127.0.0.1', path, method: 'POST', headers })
  for (const piece of pieces) request.write(piece)
  request.end()
  const [response] = await once(request, 'response')
  response.resume()
  return response.statusCode
}

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'

describe('limitBody', () => {
  it('lets bodies pass whose length is not announced', async () => {
    // They come as far as the check against forgery, which is what reads them first.
    expect(await send('/login', { type: form, pieces: ['email=a', '&password=b'] })).toBe(403)
    expect(await send('/api/auth/sign-in', { type: json, pieces: ['{', '}'] })).toBe(403)
  })

  it('lets requests pass that have no body', async () => {
    expect(await send('/logout', { type: form, pieces: [] })).toBe(403)
    expect(await send('/api/auth/sign-out', { type: json, pieces: [] })).toBe(403)
  })

  it('refuses what turns out to be too large', async () => {
    const pieces = Array(20).fill('x'.repeat(4096))
    expect(await send('/login', { type: form, pieces })).toBe(413)
    expect(await send('/api/auth/sign-in', { type: json, pieces })).toBe(413)
  })
})
