import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import * as guards from 'cloakroom/node'
import { describeError, type Kit, runGuards } from '../kit.ts'
import { routes } from '../routes.ts'
import { type Framework, inProcess } from '../served.ts'
import { findRoute } from './fetch-body.ts'

/** Handlers of node:http, without a framework. Bodies are read before Cloakroom sees the request. */
export const nodeFramework: Framework = inProcess('node:http', (cloakroom, open) => {
  const handle = cloakroom.node(
    async (request, response, session) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
      const route = findRoute(routes, request.method ?? 'GET', pathname)
      if (route === undefined) {
        response.writeHead(404).end('Nothing here')
        return
      }
      await runGuards(route, guards)
      const kit = createKit(request, response)
      await route.handler({ ...kit, query: searchParams, session: session as never })
    },
    {
      ...open,
      onError(error, _request, response) {
        const { status, headers, body } = describeError(error)
        response.writeHead(status, headers).end(body)
      },
    },
  )
  return createServer(async (request, response) => {
    const body = await readBody(request)
    handle(Object.assign(request, { body }), response)
  })
})

async function readBody(request: IncomingMessage): Promise<Kit['body']> {
  const type = request.headers['content-type'] ?? ''
  const body = await text(request)
  if (type.startsWith('application/json')) return JSON.parse(body) as Kit['body']
  return Object.fromEntries(new URLSearchParams(body))
}

function createKit(
  request: IncomingMessage & { body?: unknown },
  response: ServerResponse,
): Omit<Kit, 'query' | 'session'> {
  return {
    body: request.body as Kit['body'],
    header: name => request.headers[name]?.toString(),
    setHeader: (name, value) => response.setHeader(name, value),
    addCookie: line => response.appendHeader('Set-Cookie', line),
    text: body => response.setHeader('Content-Type', 'text/plain').end(body),
    json: value => response.setHeader('Content-Type', 'text/plain').end(JSON.stringify(value)),
    redirect: path => response.writeHead(302, { Location: path }).end(),
    empty: status => response.writeHead(status).end(),
    stream(pieces, type) {
      response.setHeader('Content-Type', type)
      Readable.from(pieces).pipe(response)
    },
    raw: (body, headers) => response.writeHead(200, headers.flat()).end(body),
  }
}
