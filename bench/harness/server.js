// What all servers under test share. Each answers `/` with whose session it is, and makes a session
// at `/login/<number>`.
import { createClient } from 'redis'
import { endWithStarter } from './worker.js'

export const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
export const cookieSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

export async function openRedis() {
  const client = createClient({ url: process.env.REDIS_URL })
  await client.connect()
  return client
}

/** The number in `/login/<number>`, or null. */
export function loginOf(url) {
  return url.startsWith('/login/') ? Number(url.slice('/login/'.length)) : null
}

/** The value of the only cookie. */
export function cookieOf(request) {
  const { cookie = '' } = request.headers
  return cookie.slice(cookie.indexOf('=') + 1)
}

/** Answers a request of node:http with JSON. */
export function answer(response, value) {
  const body = JSON.stringify(value)
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  })
  response.end(body)
}

/** Listens on a free port and tells it. */
export function announce(server) {
  endWithStarter()
  const listening = server.listen(0, '127.0.0.1', () => {
    process.send({ port: listening.address().port })
  })
}

/** The same for an application of Fastify. */
export async function announceFastify(app) {
  endWithStarter()
  await app.listen({ port: 0, host: '127.0.0.1' })
  process.send({ port: app.server.address().port })
}
