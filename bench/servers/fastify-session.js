import cookie from '@fastify/cookie'
import session from '@fastify/session'
import { RedisStore } from 'connect-redis'
import fastify from 'fastify'
import { dataOf, userOf } from '../harness/samples.js'
import { announceFastify, openRedis, secret } from '../harness/server.js'

const app = fastify()
app.register(cookie)
app.register(session, {
  store: new RedisStore({ client: await openRedis(), ttl: 3600 }),
  secret,
  saveUninitialized: false,
  cookie: { secure: false },
})
app.get('/', async request => {
  const { userId, role } = request.session
  return { userId, role }
})
app.get('/login/:number', async request => {
  const number = Number(request.params.number)
  const { id: userId, role } = userOf(number)
  Object.assign(request.session, { userId, role, data: dataOf(number) })
  return { userId }
})
announceFastify(app)
