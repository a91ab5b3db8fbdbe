// What it costs to have the gateway in front of an app, beside the bare proxy that it is built on, and
// beside oauth2-proxy where Go can build it; then WebSockets, while as many requests pass as go.
// Build the packages first:
//
//   node bench/gateway.js                    about four minutes
//   node bench/gateway.js --seconds 1        shorter rounds
//   node bench/gateway.js --match gateway    those with this in their name
//   node bench/gateway.js --rate 3000        so many requests a second beside the sockets
//   node bench/gateway.js --profile          the servers write profiles into .cache/profiles
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createContender } from './gateway/contender.js'
import { hasOauth2Proxy, startOauth2Proxy } from './gateway/oauth2-proxy.js'
import { cores } from './harness/machine.js'
import { readNodes } from './harness/nodes.js'
import { findFreePort, startRedis } from './harness/redis.js'
import { median, runRounds, summarizeRounds } from './harness/rounds.js'
import { formatRate, formatRatio, markdownTable } from './harness/table.js'
import { startWorker } from './harness/worker.js'

const people = 100
const socketCount = 500
const socketSeconds = 10
const floorName = 'httpxy alone'

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '2' },
    rate: { type: 'string', default: '5000' },
    match: { type: 'string', default: '' },
    profile: { type: 'boolean', default: false },
  },
})
const [{ node }] = readNodes(values.node)
const flags = values.profile
  ? [
      '--cpu-prof',
      `--cpu-prof-dir=${fileURLToPath(new URL('../.cache/profiles', import.meta.url))}`,
    ]
  : []
const timing = { rounds: Number(values.rounds), seconds: Number(values.seconds), warmUpSeconds: 1 }

async function main() {
  const stops = []
  const keep = started => {
    stops.unshift(started.stop)
    return started
  }
  try {
    const redis = keep(await startRedis())
    const start = async (file, options) =>
      keep(await startWorker(fileURLToPath(new URL(file, import.meta.url)), { node, ...options }))
    const measuring = { core: cores.measuring }
    const parts = {
      redis,
      load: await start('./harness/load.js', measuring),
      app: await start('./gateway/app.js', measuring),
    }
    const sockets = await start('./gateway/sockets.js', measuring)
    const contenders = []
    for (const [name, startServer] of Object.entries(servers)) {
      if (name !== floorName && !name.includes(values.match)) continue
      const server = await startServer({ ...parts, appPort: parts.app.ready.port, start, keep })
      if (server === null) console.log(`${name}: Go cannot build it here, so it is left out.`)
      else contenders.push(createContender({ name, ...server }, parts))
    }
    await checkHeaders(contenders)
    const results = await measureRequests(contenders)
    console.log(`\n${describeRequests(results)}`)
    const proxies = contenders.filter(({ cookies, name }) => cookies || name === floorName)
    console.log(
      `\n${describeSockets(await measureSockets(proxies, { results, sockets, ...parts }))}`,
    )
  } finally {
    for (const stop of stops) await stop()
  }
}

/** Each on the core of what is measured, one at a time at work. */
const servers = {
  'the app itself': async ({ start }) => ofWorker(await start('./gateway/app.js', { flags })),
  [floorName]: async ({ start, appPort }) =>
    ofWorker(await start('./gateway/httpxy.js', { flags, args: [String(appPort)] })),
  'Cloakroom gateway': async ({ start, appPort, redis }) => {
    const args = [appPort, await findFreePort(), people].map(String)
    return ofWorker(
      await start('./gateway/cloakroom.js', { flags, args, env: { REDIS_URL: redis.url } }),
    )
  },
  'oauth2-proxy': async ({ keep, appPort, redis }) =>
    hasOauth2Proxy() ? keep(await startOauth2Proxy({ node, appPort, redis, people })) : null,
}

function ofWorker({ pid, ready: { port, cookies } }) {
  return { pid, port, cookies }
}

/** A proxy that says nothing about people would be quick. */
async function checkHeaders(contenders) {
  for (const { name, cookies, headers } of contenders) {
    const said = Object.values(await headers())
    const hasToken = said.some(value => /^(Bearer )?ey[\w-]+\.ey[\w-]+\.[\w-]+$/.test(value))
    if (cookies && !hasToken) throw new Error(`${name} passes no signed token on.`)
  }
}

async function measureRequests(contenders) {
  const rounds = await runRounds(contenders, { ...timing, load: { connections: 50 } })
  const floor = rounds.get(floorName)
  const results = contenders.map(({ name }) => ({
    name,
    ...summarizeRounds(rounds.get(name), floor),
  }))
  const halfLoaded = contenders.map(({ name, round }, at) => ({
    name,
    round: settings => round({ ...settings, rate: Math.round(results[at].rate / 2) }),
  }))
  const calm = await runRounds(halfLoaded, {
    ...timing,
    rounds: 3,
    warmUpSeconds: 0.2,
    load: { connections: 50 },
  })
  return results.map(result => ({
    ...result,
    p50: median(calm.get(result.name).map(({ p50 }) => p50)),
  }))
}

function describeRequests(results) {
  const heads = [
    'server',
    'req/s',
    'CPU µs',
    'Redis µs',
    'of httpxy',
    'by CPU',
    'p50 ms at half load',
    'foreign cores',
  ]
  const rows = results.map(result => [
    result.name,
    formatRate(result.rate),
    result.cpuUs.toFixed(1),
    result.redisUs.toFixed(1),
    formatRatio(result.rateRatio),
    formatRatio(result.cpuRatio),
    result.p50.toFixed(2),
    result.foreign.toFixed(2),
  ])
  return markdownTable(heads, rows)
}

/** At the rate asked for, or at four fifths of what a proxy does at most. */
async function measureSockets(proxies, { results, sockets, load }) {
  const measured = []
  for (const { name, port, cookies, memoryMiB } of proxies) {
    const most = results.find(result => result.name === name).rate
    const rate = Math.min(Number(values.rate), Math.floor(most * 0.8))
    const before = memoryMiB()
    await sockets.ask({ task: 'open', port, cookies, count: socketCount })
    const opened = memoryMiB()
    const [echoes, requests] = await Promise.all([
      sockets.ask({ task: 'echo', seconds: socketSeconds }),
      load.ask({ port, cookies, seconds: socketSeconds, rate }),
    ])
    measured.push({ name, rate, echoes, requests, memory: [before, opened, memoryMiB()] })
  }
  return measured
}

function describeSockets(measured) {
  const heads = [
    `${socketCount} sockets at`,
    'asked req/s',
    'answered',
    'failed',
    'messages',
    'lost or wrong',
    'sockets closed',
    'echo p50 ms',
    'echo p99 ms',
    'MiB before, open, after',
  ]
  const rows = measured.map(({ name, rate, echoes, requests, memory }) => [
    name,
    formatRate(rate),
    formatRate(requests.rate),
    String(requests.failures),
    String(echoes.sent),
    String(echoes.unanswered + echoes.wrong),
    String(echoes.closed),
    echoes.p50.toFixed(2),
    echoes.p99.toFixed(2),
    memory.map(mib => mib.toFixed(0)).join(', '),
  ])
  return markdownTable(heads, rows)
}

await main()
