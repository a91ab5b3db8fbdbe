// getSession with sessions in Redis. Users are kept in memory, and are not asked for here.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { fromNodeHeaders } from 'better-auth/node'
import { announce, answer, loginOf, openRedis, secret } from '../harness/server.js'

const redis = await openRedis()
const auth = betterAuth({
  baseURL: 'http://localhost',
  secret,
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  secondaryStorage: {
    get: key => redis.get(key),
    set: (key, value, ttl) => redis.set(key, value, ttl ? { EX: Math.ceil(ttl) } : undefined),
    delete: key => redis.del(key),
  },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
})

announce(
  createServer(async (request, response) => {
    const number = loginOf(request.url)
    if (number !== null) {
      response.setHeader('Set-Cookie', await signIn(number))
      return answer(response, {})
    }
    const { user } = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
    answer(response, { userId: user.name, role: 'user' })
  }),
)

async function signIn(number) {
  const { internalAdapter, authCookies } = await auth.$context
  const name = `user-${number}`
  const user = await internalAdapter.createUser({ name, email: `${name}@example.com` })
  const { token } = await internalAdapter.createSession(user.id)
  const signature = createHmac('sha256', secret).update(token).digest('base64')
  return `${authCookies.sessionToken.name}=${encodeURIComponent(`${token}.${signature}`)}`
}
