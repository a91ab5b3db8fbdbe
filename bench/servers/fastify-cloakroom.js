import { loginUser } from 'cloakroom'
import fastify from 'fastify'
import { openCloakroom } from '../harness/cloakroom.js'
import { dataOf, userOf } from '../harness/samples.js'
import { announceFastify } from '../harness/server.js'

const cloakroom = await openCloakroom()
const app = fastify()
app.register(cloakroom.fastify())
app.get('/', async request => {
  const { id, role } = request.session.user
  return { userId: id, role }
})
app.get('/login/:number', async request => {
  const number = Number(request.params.number)
  await loginUser(userOf(number))
  Object.assign(request.session.data, dataOf(number))
  return { userId: request.session.user.id }
})
announceFastify(app)
