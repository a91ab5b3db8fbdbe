import fastify from 'fastify'
import { announceFastify } from '../harness/server.js'

const app = fastify()
app.get('/', async () => ({ userId: 'user-123', role: 'user' }))
announceFastify(app)
