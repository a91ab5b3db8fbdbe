import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import * as guards from 'cloakroom/fetch'
import { describeError, type Kit, runGuards } from '../kit.ts'
import { routes } from '../routes.ts'
import { type Framework, inProcess } from '../served.ts'
import { createAnswers, findRoute, readBody } from './fetch-body.ts'

/** Handlers from Request to Response, without a framework. */
export const fetchFramework: Framework = inProcess('Fetch', (cloakroom, open) => {
  const handle = cloakroom.fetch(
    async (request, session) => {
      const { pathname, searchParams } = new URL(request.url)
      const route = findRoute(routes, request.method, pathname)
      if (route === undefined) return new Response('Nothing here', { status: 404 })
      await runGuards(route, guards)
      const kit: Kit = {
        ...createAnswers(),
        query: searchParams,
        body: await readBody(request),
        session: session as unknown as Kit['session'],
        header: name => request.headers.get(name) ?? undefined,
      }
      return (await route.handler(kit)) as Response
    },
    {
      ...open,
      onError(error) {
        const { status, headers, body } = describeError(error)
        return new Response(body, { status, headers })
      },
    },
  )
  return createServer(
    getRequestListener((request, { incoming }) =>
      handle(request, { address: incoming.socket.remoteAddress }),
    ),
  )
})
