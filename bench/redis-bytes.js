// How many bytes of Redis a session takes, with all that belongs to it, and how many sessions a
// second are made and read. Build first, then: node bench/redis-bytes.js [sessions] [ioredis]
//
// It starts a redis-server of its own. Sessions hold about 500 bytes of JSON, three a user, with browsers
// and addresses as they are seen in the wild. Rates depend on the machine; bytes hardly do.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createCloakroom } from 'cloakroom'
import { Redis as Ioredis } from 'ioredis'
import { createClient } from 'redis'

const sessionCount = Number(process.argv[2] ?? 100_000)
const sessionsPerUser = 3
const inFlight = 50
const ciphers = /** @type {const} */ (['fernet', 'aes-256-gcm'])
const seals = /** @type {const} */ (['server', 'ticket'])

const userAgents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
]

await main()

async function main() {
  const port = await findFreePort()
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]
  const server = spawn('redis-server', settings, { stdio: 'ignore' })
  const url = `redis://127.0.0.1:${port}`
  const redis = createClient({ url })
  const chosen = process.argv[3] === 'ioredis' ? new Ioredis(url) : redis
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    const json = meanLength()
    console.log(`${sessionCount} sessions of ${json} bytes of JSON, ${inFlight} in flight`)
    for (const cipher of ciphers) {
      for (const seal of seals) await measure(redis, { client: chosen, cipher, seal })
    }
  } finally {
    if (chosen instanceof Ioredis) chosen.disconnect()
    redis.destroy()
    server.kill()
  }
}

/**
 * @param {ReturnType<typeof createClient>} redis
 * @param {{ client: ReturnType<typeof createClient> | Ioredis, cipher: typeof ciphers[number], seal: typeof seals[number] }} settings
 */
async function measure(redis, { client, cipher, seal }) {
  await redis.flushAll()
  const cloakroom = createCloakroom({
    redis: client,
    cipher,
    session: { seal },
    audit: false,
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
  })
  const { sessions } = cloakroom
  // Once, so that scripts and buffers are not counted as a session's.
  await sessions.create({ id: 'first' }, { data: dataOf(0), source: sourceOf(0) })
  const before = await usedMemory(redis)

  /** @type {string[]} */
  const tokens = []
  const creation = await rateOf(async index => {
    const user = { id: `user-${Math.floor(index / sessionsPerUser)}` }
    const issued = await sessions.create(user, { data: dataOf(index), source: sourceOf(index) })
    tokens[index] = issued.token
  })
  const bytes = ((await usedMemory(redis)) - before) / sessionCount
  const validation = await rateOf(async index => {
    const read = await sessions.validate(tokens[index] ?? '')
    if (read.state !== 'valid') throw new Error(`A session is ${read.state}.`)
  })
  cloakroom.close()
  const columns = [cipher.padEnd(12), `for the ${seal}`.padEnd(15)]
  columns.push(`${bytes.toFixed(0)} bytes a session`)
  columns.push(`${creation} created/s`, `${validation} validated/s`)
  console.log(columns.join('  '))
}

/** Of the JSON of the first sessions, since prices and numbers differ. */
function meanLength() {
  const lengths = Array.from({ length: 1000 }, (_, index) => JSON.stringify(dataOf(index)).length)
  return Math.round(lengths.reduce((sum, length) => sum + length) / lengths.length)
}

/** @param {(index: number) => Promise<void>} work */
async function rateOf(work) {
  const startedAt = performance.now()
  let next = 0
  const worker = async () => {
    while (next < sessionCount) {
      next += 1
      await work(next - 1)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  return Math.round((sessionCount * 1000) / (performance.now() - startedAt))
}

/** @param {ReturnType<typeof createClient>} redis */
async function usedMemory(redis) {
  // Keys that are over, and buffers of clients, are given back a little later.
  await delay(500)
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])
}

/** @param {number} index */
function dataOf(index) {
  const cart = Array.from({ length: 5 }, (_, item) => ({
    sku: `SKU-${1000 + item * 37 + (index % 977)}`,
    name: `Product number ${(index * 31 + item * 7) % 5000}`,
    quantity: 1 + ((index + item) % 4),
    price: 19.99 + ((index * 3 + item * 11) % 180),
  }))
  return {
    cart,
    theme: index % 2 === 0 ? 'dark' : 'light',
    locale: 'en-GB',
    visits: index % 97,
    lastPage: `/products/shoes?page=${index % 40}`,
    notice: 'Welcome back',
  }
}

/** @param {number} index */
function sourceOf(index) {
  const ip = `203.0.${index % 250}.${Math.floor(index / 250) % 250}`
  return { ip, userAgent: userAgents[index % userAgents.length] }
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
