import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import * as guards from 'cloakroom/hono'
import { type Context, Hono } from 'hono'
import { describeError, guardsOf, type Kit } from '../kit.ts'
import { routes } from '../routes.ts'
import { type Framework, inProcess } from '../served.ts'
import { readBody } from './fetch-body.ts'

export const honoFramework: Framework = inProcess('Hono 4', (cloakroom, open) => {
  const app = new Hono()
  app.use(cloakroom.hono(open))
  for (const route of routes) {
    const answer = async (c: Context): Promise<Response> => {
      const body = await readBody(c.req.raw)
      return (await route.handler(createKit(c, body))) as Response
    }
    for (const guard of guardsOf(route, guards)) app.use(route.path, guard)
    app.on(route.method, route.path, answer)
  }
  app.onError((error, c) => {
    const { status, headers, body } = describeError(error)
    return c.body(body, status as 500, { ...headers })
  })
  return createAdaptorServer({ fetch: app.fetch }) as Server
})

function createKit(c: Context, body: Kit['body']): Kit {
  return {
    query: new URL(c.req.url).searchParams,
    body,
    session: c.get('session') as unknown as Kit['session'],
    header: name => c.req.header(name),
    setHeader: (name, value) => c.header(name, value),
    addCookie: line => c.header('Set-Cookie', line, { append: true }),
    text: text => c.text(text),
    json: value => c.json(value as object),
    redirect: path => c.redirect(path),
    empty: status => c.body(null, status as 304),
    stream: (pieces, type) => c.body(toStream(pieces), 200, { 'Content-Type': type }),
    raw: (text, headers) => new Response(text, { headers }),
  }
}

function toStream(pieces: AsyncIterable<string>): ReadableStream {
  return ReadableStream.from(pieces).pipeThrough(new TextEncoderStream())
}
