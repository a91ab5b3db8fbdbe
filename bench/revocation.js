// How long a session that was ended lives on in other processes. Build first, then:
// node bench/revocation.js [rounds]
//
// It starts a redis-server and two or four processes of its own. In each round one of them ends a
// session; each of the others asks for it every millisecond, or holds a WebSocket of it. Counted is
// the time from when the first has its reply to the first refusal, or to the closing that the client
// sees: so zero where a process knew before. Nothing else is going on.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { WebSocket, WebSocketServer } from 'ws'

const rounds = Number(process.argv[2] ?? 500)
const counts = [2, 4]
const ways = /** @type {const} */ ([
  { name: 'validate, near cache', nearCache: true, begin: 'ask' },
  { name: 'validate, no near cache', nearCache: false, begin: 'ask' },
  { name: 'WebSocket, bound', nearCache: true, begin: 'hold' },
])

/** @typedef {{ url: string, nearCache: boolean }} WorkerOptions */

if (process.send === undefined) await main()
else await serve(JSON.parse(process.argv[2] ?? ''))

async function main() {
  const port = await findFreePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '']
  const server = spawn('redis-server', settings, { stdio: 'ignore' })
  const url = `redis://127.0.0.1:${port}`
  try {
    console.log(`milliseconds until a session is refused, ${rounds} rounds\n`)
    console.log('what                      processes     p50     p99     max')
    for (const { name, nearCache, begin } of ways) {
      for (const count of counts) {
        const times = await measure(count, { url, nearCache }, begin)
        const figures = [0.5, 0.99, 1].map(part => quantile(times, part).toFixed(2).padStart(8))
        console.log(`${name.padEnd(26)}${String(count).padStart(9)}${figures.join('')}`)
      }
    }
  } finally {
    server.kill()
  }
}

/**
 * @param {number} count
 * @param {WorkerOptions} options
 * @param {'ask' | 'hold'} begin
 */
async function measure(count, options, begin) {
  const [first, ...others] = await Promise.all(
    Array.from({ length: count }, () => startWorker(options)),
  )
  if (first === undefined) throw new Error('There are no workers.')
  /** @type {number[]} */
  const times = []
  for (let round = 0; round < rounds; round += 1) {
    const { token, id } = await first.ask('create', `user-${round}`)
    await Promise.all(others.map(other => other.ask(begin, token)))
    const endedAt = await first.ask('revoke', id)
    const lostAt = await Promise.all(others.map(other => other.ask('lost')))
    times.push(...lostAt.map(at => Math.max(0, at - endedAt)))
  }
  for (const worker of [first, ...others]) await worker.stop()
  return times
}

/** @param {WorkerOptions} options */
async function startWorker(options) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)])
  /** @type {Map<number, (result: any) => void>} */
  const waiting = new Map()
  let number = 0
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('A process ended.')))
  await Promise.race([once(child, 'message'), ended])
  child.on('message', (/** @type {{ number: number, result: unknown }} */ answer) => {
    waiting.get(answer.number)?.(answer.result)
    waiting.delete(answer.number)
  })
  return {
    /** @param {string} name @param {string} [argument] @returns {Promise<any>} */
    ask(name, argument) {
      number += 1
      child.send({ number, name, argument })
      return Promise.race([new Promise(resolve => waiting.set(number, resolve)), ended])
    },
    async stop() {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

/** What a worker does. @param {WorkerOptions} options */
async function serve({ url, nearCache }) {
  const { sessions } = createCloakroom({
    redis: createClient({ url }),
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
    nearCache,
    audit: false,
    env: {},
  })
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(sockets, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (sockets.address())
  /** @type {Promise<number>} */
  let lost

  /** @param {string} token */
  const isValid = async token => (await sessions.validate(token)).state === 'valid'

  /** Asks for a session until it is refused. @param {string} token */
  async function outlive(token) {
    while (await isValid(token)) await delay(1)
    return monotonic()
  }

  /** @type {Record<string, (argument: string) => unknown>} */
  const calls = {
    async create(user) {
      const { token, session } = await sessions.create({ id: user })
      return { token, id: session.id }
    },
    async revoke(id) {
      await sessions.revoke(id)
      return monotonic()
    },
    async ask(token) {
      const hits = sessions.nearCache?.stats().hits
      for (let index = 0; index < 2; index += 1) await isValid(token)
      if (nearCache && sessions.nearCache?.stats().hits === hits) throw new Error('Not in memory.')
      lost = outlive(token)
    },
    async hold(token) {
      const read = await sessions.validate(token)
      if (read.state !== 'valid') throw new Error(`The session is ${read.state}.`)
      sockets.once('connection', socket => sessions.bind(socket, read.session))
      const client = new WebSocket(`ws://127.0.0.1:${port}`)
      await once(client, 'open')
      lost = once(client, 'close').then(monotonic)
    },
    lost: () => lost,
  }

  process.on('message', async (/** @type {any} */ { number, name, argument }) => {
    process.send?.({ number, result: await calls[name]?.(argument) })
  })
  const { token } = await sessions.create({ id: 'first' })
  while (nearCache && sessions.nearCache?.stats().isAlive !== true) await delay(10)
  await isValid(token)
  process.send?.('ready')
  await once(process, 'disconnect')
  process.exit()
}

/** Milliseconds on the clock that all processes of a machine share. */
function monotonic() {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** @param {number[]} values @param {number} part */
function quantile(values, part) {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

/** @returns {Promise<number>} */
async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}
