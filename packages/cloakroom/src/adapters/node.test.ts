import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCloakroom } from '../app/cloakroom.ts'
import { StoreError } from '../core/errors.ts'
import { csrf, requireAuth } from '../node.ts'
import { getCsrfToken } from '../web/context.ts'
import type { NodeHandler } from './node.ts'

let server: Server

async function serve(
  handler: NodeHandler<object>,
  options = {},
  cloakroom = createCloakroom({ audit: false, env: {} }),
): Promise<string> {
  server = createServer(cloakroom.node(handler, options))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(() => {
  vi.restoreAllMocks()
  server.closeAllConnections()
  server.close()
})

describe('nodeListener', () => {
  it('answers what Cloakroom throws', async () => {
    const origin = await serve(async (_request, response) => {
      await requireAuth()
      response.end()
    })
    const answer = await fetch(origin)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'ERR_UNAUTHENTICATED' })
  })

  it('answers anything else with a bare 500, and warns of it', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const origin = await serve(() => {
      throw new Error('A secret of the house.')
    })
    const answer = await fetch(origin)
    expect([answer.status, await answer.text()]).toEqual([500, ''])
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ message: 'A secret of the house.' }),
    )
  })

  it('breaks off a response that has begun', async () => {
    const origin = await serve(async (_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('begun')
      throw new Error('A mistake.')
    })
    const answer = fetch(origin).then(response => response.text())
    await expect(answer).rejects.toThrow()
  })

  // A handler is told of nothing: it goes on with a response that another one has taken the place of.
  it.each([
    ['at once', 0],
    ['after a while', 40],
  ])('lets a handler add nothing to the answer to an error, given %s', async (_when, ms) => {
    const said: unknown[] = []
    const unsaved = createCloakroom({ audit: false, env: {} })
    const failure = new StoreError('ERR_STORE_TIMEOUT', 'No answer.')
    Object.assign(unsaved.sessions, { create: () => Promise.reject(failure) })
    const origin = await serve(
      (_request, response, { data }) => {
        Object.assign(data, { a: 1 })
        response.write('first')
        setTimeout(() => said.push(response.write('late'), response.end('later') === response), 10)
      },
      {
        onError(error: unknown, _request: unknown, response: ServerResponse) {
          // So long that it is still under way when the handler goes on.
          const answer = () => response.writeHead(503).end(String(error).padEnd(20_000_000))
          if (ms === 0) answer()
          else setTimeout(answer, ms)
        },
      },
      unsaved,
    )
    const answer = await fetch(origin)
    await expect.poll(() => said).toEqual([false, true])
    expect([answer.status, (await answer.text()).trimEnd()]).toEqual([503, String(failure)])
  })

  it('takes a token that a parser left in the body', async () => {
    const origin = await serve(
      async (request, response) => {
        if (request.method === 'POST') {
          let text = ''
          for await (const piece of request) text += piece
          Object.assign(request, { body: JSON.parse(text) as unknown })
          await csrf()
        }
        response.end(getCsrfToken())
      },
      { csrf: false },
    )
    const page = await fetch(origin)
    const [cookie = ''] = page.headers.getSetCookie()[0]?.split(';') ?? []
    const send = async (token: string): Promise<number> => {
      const body = JSON.stringify({ _csrf: token })
      return (await fetch(origin, { method: 'POST', headers: { cookie }, body })).status
    }
    expect(await send(await page.text())).toBe(200)
    expect(await send('rubbish')).toBe(403)
  })
})
