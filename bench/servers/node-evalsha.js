// The floor of a session that is read and touched in one step: one script and nothing else.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { dataOf, userOf } from '../harness/samples.js'
import { announce, answer, cookieOf, loginOf, openRedis } from '../harness/server.js'

const redis = await openRedis()
const script = await redis.scriptLoad(
  "local value = redis.call('GET', KEYS[1])\nif value then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end\nreturn value",
)

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
    const value = await redis.evalSha(script, {
      keys: [`floor:${cookieOf(request)}`],
      arguments: ['3600000'],
    })
    const { userId, role } = JSON.parse(value)
    answer(response, { userId, role })
  }),
)
