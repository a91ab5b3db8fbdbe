// Stateless: all of the session is in the cookie, so nothing but the cookie's end ends it.
import { createServer } from 'node:http'
import { getIronSession } from 'iron-session'
import { dataOf, userOf } from '../harness/samples.js'
import { announce, answer, loginOf, secret } from '../harness/server.js'

const options = { password: secret, cookieName: 'sid', cookieOptions: { secure: false } }

announce(
  createServer(async (request, response) => {
    const session = await getIronSession(request, response, options)
    const number = loginOf(request.url)
    if (number !== null) {
      const { id: userId, role } = userOf(number)
      Object.assign(session, { userId, role, data: dataOf(number) })
      await session.save()
    }
    answer(response, { userId: session.userId, role: session.role })
  }),
)
