import { createAdaptorServer } from '@hono/node-server'
import { loginUser } from 'cloakroom'
import { Hono } from 'hono'
import { openCloakroom } from '../harness/cloakroom.js'
import { dataOf, userOf } from '../harness/samples.js'
import { announce } from '../harness/server.js'

const cloakroom = await openCloakroom()
const app = new Hono()
app.use(cloakroom.hono())
app.get('/', context => {
  const { id, role } = context.get('session').user
  return context.json({ userId: id, role })
})
app.get('/login/:number', async context => {
  const number = Number(context.req.param('number'))
  await loginUser(userOf(number))
  const session = context.get('session')
  Object.assign(session.data, dataOf(number))
  return context.json({ userId: session.user.id })
})
announce(createAdaptorServer({ fetch: app.fetch }))
