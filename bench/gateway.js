// What the gateway costs beside the bare proxy that it is built on, and whether it holds 500 WebSockets
// while requests pass. Build first, then: node bench/gateway.js [seconds] [requests per second]
//
// It starts a redis-server, an app, a proxy of httpxy alone, and a gateway, each a process of its own.
// Requests are of people who are signed in. Compared is the time of the processor that the proxy takes
// for a request, which a busy machine does not change much, and the rate of 50 connections.
import { once } from 'node:events'
import { Agent, createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createGateway } from '@cloakroom/gateway'
import { createProxyServer } from 'httpxy'
import { WebSocket, WebSocketServer } from 'ws'
import { cores } from './harness/machine.js'
import { startRedis } from './harness/redis.js'
import { answerMessages, startWorker } from './harness/worker.js'

const own = fileURLToPath(import.meta.url)
const loadFile = fileURLToPath(new URL('./harness/load.js', import.meta.url))
const people = 100
const sockets = 500
const rounds = 4
const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'

const roles = { app: startApp, httpxy: startBareProxy, gateway: startGateway }

if (process.send === undefined) await main()
else await roles[process.argv[2]](JSON.parse(process.argv[3] ?? '{}'))

async function main() {
  const seconds = Number(process.argv[2] ?? 3)
  const rate = Number(process.argv[3] ?? 5000)
  const redis = await startRedis()
  const workers = []
  const start = async (file, core, ...args) => {
    const worker = await startWorker(file, { node: process.execPath, core, args })
    workers.push(worker)
    return worker
  }
  try {
    const app = await start(own, cores.measuring, 'app')
    const given = JSON.stringify({ to: app.ready.port, redis: redis.url })
    const proxies = {
      httpxy: await start(own, cores.measured, 'httpxy', given),
      gateway: await start(own, cores.measured, 'gateway', given),
    }
    const load = await start(loadFile, cores.measuring)
    console.log('proxy      requests/s   CPU per request   p50')
    const costs = {}
    for (const name of Array(rounds).fill(['httpxy', 'gateway']).flat()) {
      const cost = await measure(proxies[name], load, { seconds })
      // The cheapest round is the one that was disturbed least.
      if (!(cost.microseconds > costs[name]?.microseconds)) costs[name] = cost
      const { perSecond, microseconds, p50 } = cost
      const figures = [
        perSecond.toFixed(0).padStart(10),
        `${microseconds.toFixed(0)} µs`.padStart(16),
      ]
      console.log(`${name.padEnd(9)}  ${figures.join('  ')}   ${p50.toFixed(2)} ms`)
    }
    const ratio = costs.httpxy.microseconds / costs.gateway.microseconds
    console.log(
      `the gateway does ${ratio.toFixed(2)} of what the bare proxy does with the same processor`,
    )

    const { port, cookies } = proxies.gateway.ready
    const open = await openSockets(port, cookies)
    const { p50, p99, failures, unanswered, count } = await load.ask({
      port,
      cookies,
      seconds,
      rate,
    })
    const echoed = await echoAll(open)
    console.log(
      `\n${sockets} WebSockets open, ${rate} requests/s asked for, ${(count / seconds).toFixed(0)}/s answered:`,
    )
    console.log(
      `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${failures} failed, ${unanswered} waited in vain`,
    )
    console.log(`${echoed} of ${sockets} sockets answer`)
    const endedMs = await endAll(proxies.gateway, open)
    console.log(`all closed ${endedMs.toFixed(0)} ms after everybody's sessions were ended`)
  } finally {
    for (const worker of workers) await worker.stop()
    await redis.stop()
  }
}

async function measure(proxy, load, { seconds }) {
  const { port, cookies } = proxy.ready
  await load.ask({ port, cookies, seconds: seconds / 3 })
  const before = await proxy.ask('cpu')
  const { rate: perSecond, count, p50, failures } = await load.ask({ port, cookies, seconds })
  const after = await proxy.ask('cpu')
  if (failures > 0) throw new Error(`${failures} of ${count} requests failed.`)
  return { perSecond, p50, microseconds: (after.used - before.used) / count }
}

async function openSockets(port, cookies) {
  const origin = `http://localhost:${port}`
  const opened = Array.from({ length: sockets }, (_, at) => {
    const socket = new WebSocket(`ws://localhost:${port}/`, {
      origin,
      headers: { cookie: cookies[at % cookies.length] },
    })
    return once(socket, 'open').then(() => socket)
  })
  return Promise.all(opened)
}

async function echoAll(open) {
  const answers = open.map(async socket => {
    socket.send('hello')
    await once(socket, 'message', { signal: AbortSignal.timeout(2000) })
  })
  return (await Promise.allSettled(answers)).filter(({ status }) => status === 'fulfilled').length
}

async function endAll(proxy, open) {
  const closed = Promise.all(open.map(socket => once(socket, 'close')))
  const startedAt = performance.now()
  await proxy.ask('end')
  await Promise.race([closed, delay(10_000)])
  return performance.now() - startedAt
}

async function startApp() {
  const server = createServer((_request, response) => {
    const body = '{"message":"An answer of the size that many have."}'
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  })
  const websockets = new WebSocketServer({ server })
  websockets.on('connection', socket => socket.on('message', data => socket.send(data)))
  await announce(server, {})
}

async function startBareProxy({ to }) {
  const proxy = createProxyServer({ agent: new Agent({ keepAlive: true }) })
  const target = `http://127.0.0.1:${to}`
  await announce(
    createServer((request, response) => proxy.web(request, response, { target })),
    {},
  )
}

async function startGateway({ to, redis }) {
  const port = 20_000 + (process.pid % 20_000)
  const gateway = await createGateway({
    to: `http://127.0.0.1:${to}`,
    dev: true,
    listen: { port },
    redis,
    secret,
    cookieSecret: secret,
    session: { perUser: 10 },
  })
  await gateway.listen()
  const { cloakroom, stores } = gateway.engine
  const client = { ip: '127.0.0.1', host: `localhost:${port}`, isSecure: false, isLoopback: true }
  const users = Array.from({ length: people }, (_, at) => `person-${at}`)
  const cookies = await Promise.all(
    users.map(async id => {
      const email = `${id}@example.org`
      const account = { id, login: email, email, name: id, role: 'user', status: 'active' }
      const facts = { passwordHash: null, passwordExpiresAt: null, createdAt: 0 }
      await stores.accounts.create({ ...account, ...facts })
      const { token } = await cloakroom.sessions.create({ id, role: 'user' })
      return cloakroom.sessionCookie.write(token, { client, expiresAt: null }).split(';')[0]
    }),
  )
  answerMessages(async message => {
    if (message === 'end') {
      for (const user of users) await cloakroom.sessions.raiseEpoch({ user })
    }
    return usedProcessor()
  })
  process.send({ port, cookies })
}

async function announce(server, facts) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  answerMessages(async () => usedProcessor())
  process.send({ port: server.address().port, ...facts })
}

function usedProcessor() {
  const { user, system } = process.cpuUsage()
  return { used: user + system }
}
