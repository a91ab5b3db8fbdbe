import { rateLimit } from 'cloakroom/express'
import express from 'express'
import { openCloakroom } from '../harness/cloakroom.js'
import { announce } from '../harness/server.js'

const cloakroom = await openCloakroom({
  rateLimit: { rules: { page: { limit: 1e9, window: '1m', strategy: 'fixed-window' } } },
})
const app = express()
app.use(cloakroom.express())
app.use(
  '/of/:user',
  rateLimit('page', request => request.params.user),
)
app.get('/of/:user', (request, response) => response.json({ userId: request.params.user }))
announce(app)
