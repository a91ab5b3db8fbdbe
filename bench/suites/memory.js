// Bytes of Redis for a session with all that belongs to it, and what stays when sessions are over.
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startRedis } from '../harness/redis.js'
import { dataOf, meanLength, randomDataOf } from '../harness/samples.js'
import { markdownTable } from '../harness/table.js'
import { startWorker } from '../harness/worker.js'

const pathOf = name => fileURLToPath(new URL(`../direct/${name}`, import.meta.url))

const sizes = [100, 500, 4000]

const kinds = [
  { name: 'connect-redis, in clear, no index', file: 'connect-redis-operations.js', sizes },
  { name: 'cloakroom, Fernet', file: 'operations.js', options: {}, sizes },
  {
    name: 'cloakroom, AES-256-GCM',
    file: 'operations.js',
    options: { cipher: 'aes-256-gcm' },
    sizes: [500],
  },
  {
    name: 'cloakroom, Fernet, for the ticket',
    file: 'operations.js',
    options: { session: { seal: 'ticket' } },
    sizes: [500],
  },
  {
    name: 'cloakroom, Fernet, text of chance',
    file: 'operations.js',
    options: {},
    sizes: [500],
    isRandom: true,
  },
]

/** Above the lifetimes below, with what is kept a minute beyond them. */
const longestLifeMs = 90_000

export async function runMemory(bench) {
  const { match, isQuick } = bench
  const sessions = isQuick ? 10_000 : 100_000
  const leftovers = await beginLeftovers(bench, isQuick ? 5000 : 100_000)
  try {
    const bytes = []
    for (const kind of kinds.filter(({ name }) => match(name))) {
      for (const size of kind.sizes) bytes.push(await measureBytes(bench, { kind, size, sessions }))
    }
    return { bytes, left: await leftovers.count() }
  } finally {
    await leftovers.stop()
  }
}

/** The first sessions are not counted: with them come scripts and buffers. */
async function measureBytes(bench, { kind, size, sessions }) {
  const worker = await startOperations(bench, kind)
  try {
    const create = { operation: 'create', bytes: size, isRandom: kind.isRandom }
    await worker.ask({ ...create, from: 0, to: 300 })
    const before = await bench.redis.usedMemory()
    const { rate } = await worker.ask({ ...create, from: 300, to: sessions + 300 })
    const used = (await bench.redis.usedMemory()) - before
    return {
      name: kind.name,
      size,
      json: meanLength(size, kind.isRandom ? randomDataOf : dataOf),
      sessions,
      bytes: used / sessions,
      rate,
    }
  } finally {
    await worker.stop()
    await bench.redis.client.flushAll()
  }
}

/**
 * Signs in and out many times, and makes sessions that nobody uses, on a Redis of their own: they
 * have time to be over while bytes are measured.
 */
async function beginLeftovers({ node }, rounds) {
  const redis = await startRedis()
  const session = { idle: '2s', absolute: '3s', anonymous: { idle: '2s', absolute: '3s' } }
  const worker = await startOperations(
    { node, redis },
    { file: 'operations.js', options: { session } },
  )
  const countKeys = () => redis.client.dbSize()
  const login = { operation: 'loginLogout', from: 0, to: rounds, users: Math.ceil(rounds / 20) }
  const { rate } = await worker.ask(login)
  const afterLogouts = await countKeys()
  const visitors = rounds / 5
  await worker.ask({ ...login, to: visitors, isVisitor: true })
  const afterVisitors = (await countKeys()) - afterLogouts
  await worker.ask({ operation: 'create', from: 0, to: rounds / 10, bytes: 500 })
  const atMost = await countKeys()

  /** DBSIZE counts keys too that are over and not yet taken away, so it takes a little longer. */
  async function count() {
    const endsAt = performance.now() + longestLifeMs
    while ((await countKeys()) > 0 && performance.now() < endsAt) await delay(500)
    return {
      rounds,
      visitors,
      rate,
      afterLogouts,
      afterVisitors,
      atMost,
      inTheEnd: await countKeys(),
    }
  }

  async function stop() {
    await worker.stop()
    await redis.stop()
  }

  return { count, stop }
}

function startOperations({ node, redis }, { file, options }) {
  const args = options ? [JSON.stringify(options)] : []
  return startWorker(pathOf(file), { node, args, env: { REDIS_URL: redis.url } })
}

export function describeMemory({ bytes, left }) {
  const heads = ['store', 'JSON bytes', 'Redis bytes', 'made per second']
  const rows = bytes.map(({ name, json, bytes: used, rate }) => [
    name,
    String(json),
    used.toFixed(0),
    rate.toFixed(0),
  ])
  return [
    markdownTable(heads, rows),
    '',
    `${left.rounds} rounds of signing in and out leave ${left.afterLogouts} keys; ${left.visitors} of visitors who had a session before leave ${left.afterVisitors} notes that expire.`,
    `Of ${left.atMost} keys of such notes and of sessions that nobody uses, ${left.inTheEnd} are left when all are over.`,
  ].join('\n')
}
