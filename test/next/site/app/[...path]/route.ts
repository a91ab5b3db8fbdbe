import { getCurrentSession } from 'cloakroom'
import * as guards from 'cloakroom/next'
import { cookies, headers } from 'next/headers.js'
import type { Change } from '../../../../conformance/faults.ts'
import {
  createAnswers,
  findRoute,
  readBody,
} from '../../../../conformance/frameworks/fetch-body.ts'
import { describeError, type Kit, runGuards } from '../../../../conformance/kit.ts'
import { routes } from '../../../../conformance/routes.ts'
import { createControlled } from '../../../../conformance/served.ts'

const { cloakroom, control } = await createControlled(process.env['REDIS_URL'])
const { route } = cloakroom.next({ cookies, headers })

const serve = route(
  async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url)
    const found = findRoute(routes, request.method, pathname)
    if (found === undefined) return new Response('Nothing here', { status: 404 })
    await runGuards(found, guards)
    const kit: Kit = {
      ...createAnswers(),
      query: searchParams,
      body: await readBody(request),
      session: getCurrentSession() as unknown as Kit['session'],
      header: name => request.headers.get(name) ?? undefined,
    }
    return (await found.handler(kit)) as Response
  },
  {
    ...JSON.parse(process.env['OPEN_OPTIONS'] ?? '{}'),
    onError(error) {
      const { status, headers: extra, body } = describeError(error)
      return new Response(body, { status, headers: extra })
    },
  },
)

async function handle(request: Request, context: unknown): Promise<Response> {
  if (new URL(request.url).pathname !== '/control') return serve(request, context)
  return Response.json(control((await request.json()) as Change))
}

export { handle as GET, handle as HEAD, handle as POST }
