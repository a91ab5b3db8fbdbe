import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { dataOf, userOf } from '../harness/samples.js'
import { announce, openRedis, secret } from '../harness/server.js'

const store = new RedisStore({ client: await openRedis(), ttl: 3600 })
const app = express()
app.use(session({ store, secret, resave: false, saveUninitialized: false }))
app.get('/', (request, response) => {
  const { userId, role } = request.session
  response.json({ userId, role })
})
app.get('/login/:number', (request, response) => {
  const number = Number(request.params.number)
  const { id: userId, role } = userOf(number)
  Object.assign(request.session, { userId, role, data: dataOf(number) })
  response.json({ userId })
})
announce(app)
