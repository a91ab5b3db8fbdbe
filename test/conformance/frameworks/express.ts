import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import * as guards from 'cloakroom/express'
import express5, { type ErrorRequestHandler, type Request, type Response } from 'express'
import { describeError, guardsOf, type Kit } from '../kit.ts'
import { routes } from '../routes.ts'
import { type Framework, inProcess } from '../served.ts'

const require = createRequire(import.meta.url)
const express4 = require('express4') as typeof express5

/** Express 5 and 4, which differ in how they take promises. */
export const expressFrameworks: readonly Framework[] = [
  createFramework('Express 5', express5),
  createFramework('Express 4', express4),
]

function createFramework(name: string, express: typeof express5): Framework {
  return inProcess(name, (cloakroom, open) => {
    const app = express()
    app.use(express.json(), express.urlencoded({ extended: false }))
    app.use(cloakroom.express(open))
    for (const route of routes) {
      const method = route.method === 'GET' ? 'get' : 'post'
      app[method](route.path, ...guardsOf(route, guards), (request, response, next) => {
        const run = async () => route.handler(createKit(request, response))
        run().catch(next)
      })
    }
    app.use(answerErrors)
    return createServer(app)
  })
}

function createKit(request: Request, response: Response): Kit {
  return {
    query: new URL(request.originalUrl, 'http://localhost').searchParams,
    body: request.body ?? {},
    session: request.session as unknown as Kit['session'],
    header: name => request.get(name),
    setHeader: (name, value) => response.set(name, value),
    addCookie: line => response.append('Set-Cookie', line),
    text: body => response.send(body),
    json: value => response.json(value),
    redirect: path => response.redirect(path),
    empty: status => response.status(status).end(),
    stream(pieces, type) {
      response.type(type)
      Readable.from(pieces).pipe(response)
    },
    raw: (body, headers) => response.writeHead(200, headers.flat()).end(body),
  }
}

const answerErrors: ErrorRequestHandler = (error, _request, response, _next) => {
  const { status, headers, body } = describeError(error)
  response.status(status).set(headers).send(body)
}
