import { loginUser } from 'cloakroom'
import express from 'express'
import { openCloakroom } from '../harness/cloakroom.js'
import { dataOf, userOf } from '../harness/samples.js'
import { announce } from '../harness/server.js'

const cloakroom = await openCloakroom()
const app = express()
app.use(cloakroom.express())
app.get('/', (request, response) => {
  const { id, role } = request.session.user
  response.json({ userId: id, role })
})
app.get('/login/:number', async (request, response) => {
  const number = Number(request.params.number)
  await loginUser(userOf(number))
  Object.assign(request.session.data, dataOf(number))
  response.json({ userId: request.session.user.id })
})
announce(app)
