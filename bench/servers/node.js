import { createServer } from 'node:http'
import { announce, answer } from '../harness/server.js'

announce(
  createServer((_request, response) => answer(response, { userId: 'user-123', role: 'user' })),
)
