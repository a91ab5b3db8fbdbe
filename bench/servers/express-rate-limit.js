import express from 'express'
import { rateLimit } from 'express-rate-limit'
import { RedisStore } from 'rate-limit-redis'
import { announce, openRedis } from '../harness/server.js'

const redis = await openRedis()
const app = express()
app.use(
  '/of/:user',
  rateLimit({
    limit: 1e9,
    windowMs: 60_000,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: request => request.params.user,
    store: new RedisStore({ sendCommand: (...command) => redis.sendCommand(command) }),
  }),
)
app.get('/of/:user', (request, response) => response.json({ userId: request.params.user }))
announce(app)
