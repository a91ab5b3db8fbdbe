import { Readable } from 'node:stream'
import formbody from '@fastify/formbody'
import * as guards from 'cloakroom/fastify'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { describeError, guardsOf, type Kit } from '../kit.ts'
import { routes } from '../routes.ts'
import { type Framework, inProcess } from '../served.ts'

export const fastifyFramework: Framework = inProcess('Fastify 5', async (cloakroom, open) => {
  const app = fastify()
  app.register(formbody)
  app.register(cloakroom.fastify(open))
  app.setErrorHandler((error, _request, reply) => {
    const { status, headers, body } = describeError(error)
    return reply.code(status).headers(headers).send(body)
  })
  app.register(async child => {
    for (const route of routes) {
      child.route({
        method: route.method,
        url: route.path,
        preHandler: guardsOf(route, guards),
        handler: async (request, reply) => {
          await route.handler(createKit(request, reply))
          return reply
        },
      })
    }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
})

function createKit(request: FastifyRequest, reply: FastifyReply): Kit {
  return {
    query: new URL(request.originalUrl, 'http://localhost').searchParams,
    body: (request.body ?? {}) as Kit['body'],
    session: request.session as unknown as Kit['session'],
    header: name => request.headers[name]?.toString(),
    setHeader: (name, value) => reply.header(name, value),
    addCookie: line => reply.header('set-cookie', line),
    text: body => reply.type('text/plain').send(body),
    json: value => reply.type('application/json').send(JSON.stringify(value)),
    redirect: path => reply.redirect(path),
    empty: status => reply.code(status).send(),
    stream: (pieces, type) => reply.type(type).send(Readable.from(pieces)),
    raw(body, headers) {
      reply.hijack()
      reply.raw.writeHead(200, headers.flat())
      reply.raw.end(body)
    },
  }
}
