// The floor of an answer from memory.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { dataOf, userOf } from '../harness/samples.js'
import { announce, answer, cookieOf, loginOf } from '../harness/server.js'

const sessions = new Map()

announce(
  createServer((request, response) => {
    const number = loginOf(request.url)
    if (number !== null) {
      const id = randomUUID()
      const { id: userId, role } = userOf(number)
      sessions.set(id, { userId, role, data: dataOf(number) })
      response.setHeader('Set-Cookie', `sid=${id}`)
      return answer(response, { userId })
    }
    const { userId, role } = sessions.get(cookieOf(request))
    answer(response, { userId, role })
  }),
)
