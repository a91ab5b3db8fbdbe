// The floor of a session in Redis: one GET and nothing else.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { dataOf, userOf } from '../harness/samples.js'
import { announce, answer, cookieOf, loginOf, openRedis } from '../harness/server.js'

const redis = await openRedis()

announce(
  createServer(async (request, response) => {
    const number = loginOf(request.url)
    if (number !== null) {
      const id = randomUUID()
      const { id: userId, role } = userOf(number)
      await redis.set(`floor:${id}`, JSON.stringify({ userId, role, data: dataOf(number) }))
      response.setHeader('Set-Cookie', `sid=${id}`)
      return answer(response, { userId })
    }
    const { userId, role } = JSON.parse(await redis.get(`floor:${cookieOf(request)}`))
    answer(response, { userId, role })
  }),
)
