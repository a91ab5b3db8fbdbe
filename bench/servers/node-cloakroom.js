import { createServer } from 'node:http'
import { loginUser } from 'cloakroom'
import { openCloakroom } from '../harness/cloakroom.js'
import { dataOf, userOf } from '../harness/samples.js'
import { announce, answer, loginOf } from '../harness/server.js'

const cloakroom = await openCloakroom()

announce(
  createServer(
    cloakroom.node(async (request, response, session) => {
      const number = loginOf(request.url)
      if (number !== null) {
        await loginUser(userOf(number))
        Object.assign(session.data, dataOf(number))
        return answer(response, { userId: session.user.id })
      }
      const { id, role } = session.user
      answer(response, { userId: id, role })
    }),
  ),
)
