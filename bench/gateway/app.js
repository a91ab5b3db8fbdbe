// The app behind the proxies: answers with 34 bytes of JSON, and sends each message back.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { announce, answer } from '../harness/server.js'

const server = createServer(({ url, headers }, response) =>
  // Whether a proxy says whose request it is can be looked up.
  answer(response, url === '/headers' ? headers : { user: 'somebody', role: 'member' }),
)
const sockets = new WebSocketServer({ server })
sockets.on('connection', socket => socket.on('message', data => socket.send(data.toString())))
announce(server)
