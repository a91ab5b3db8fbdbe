// What administrators do, with a million sessions, and how long others wait meanwhile.
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cores } from '../harness/machine.js'
import { markdownTable } from '../harness/table.js'
import { startWorker } from '../harness/worker.js'

const pathOf = name => fileURLToPath(new URL(`../${name}`, import.meta.url))

const perUser = 3
const bytes = 500

/** In order; those before the last leave most sessions alive. */
const ownWork = [
  { name: 'nothing (the others alone)' },
  { name: 'list one page of 50', operation: 'page' },
  { name: 'search 2,000 by device', operation: 'search' },
  { name: 'list a user', operation: 'list', user: 7 },
  { name: 'revoke a user', operation: 'revokeUser', from: 100, to: 120 },
  { name: 'revoke an address', operation: 'raiseAddress', from: 0, to: 10 },
  { name: 'revoke a tenant', operation: 'raiseTenant', from: 0, to: 10 },
  { name: 'walk through 100,000', operation: 'walk', most: 100_000 },
  { name: 'revoke all', operation: 'raiseAll' },
]

const peerWork = [
  { name: 'length()', operation: 'length' },
  { name: 'ids()', operation: 'ids' },
  { name: 'all()', operation: 'all' },
  { name: 'clear()', operation: 'clear' },
]

export async function runScale(bench) {
  const sessions = bench.at.sessions?.at(-1) ?? (bench.isQuick ? 20_000 : 1_000_000)
  const probe = await start(bench, 'harness/probe.js', cores.measuring)
  try {
    return {
      sessions,
      cloakroom: await runOwn(bench, { probe, sessions }),
      peer: await runPeer(bench, { probe, sessions }),
    }
  } finally {
    await probe.stop()
  }
}

async function runOwn(bench, { probe, sessions }) {
  const file = 'direct/operations.js'
  const fillers = [await start(bench, file), await start(bench, file, cores.measuring)]
  try {
    await fill(fillers, sessions)
    const size = await bench.redis.usedMemory()
    return { bytes: size / sessions, work: await watch(fillers[0], ownWork, probe) }
  } finally {
    await Promise.all(fillers.map(filler => filler.stop()))
    await bench.redis.client.flushAll()
  }
}

/** Each on one of the two cores. */
function fill(fillers, sessions) {
  const share = sessions / fillers.length
  return Promise.all(
    fillers.map((filler, index) =>
      filler.ask({
        operation: 'create',
        from: index * share,
        to: (index + 1) * share,
        bytes,
        perUser,
      }),
    ),
  )
}

async function runPeer(bench, { probe, sessions }) {
  const worker = await start(bench, 'direct/connect-redis-operations.js')
  try {
    await worker.ask({ operation: 'create', from: 0, to: sessions, bytes, perUser })
    return { work: await watch(worker, peerWork, probe) }
  } finally {
    await worker.stop()
    await bench.redis.client.flushAll()
  }
}

async function watch(worker, work, probe) {
  const results = []
  for (const { name, ...message } of work) {
    await delay(200)
    await probe.ask({})
    const measured = message.operation ? await worker.ask(message) : await delay(1000, {})
    results.push({ name, ...measured, others: await probe.ask({}) })
  }
  return results
}

function start({ node, redis }, file, core = cores.measured) {
  return startWorker(pathOf(file), { node, core, env: { REDIS_URL: redis.url } })
}

export function describeScale({ sessions, cloakroom, peer }) {
  const heads = ['work', 'ms', 'longest ms', 'others p99 ms', 'others longest ms', 'peak MiB']
  const rowsOf = (prefix, { work }) =>
    work.map(({ name, ms, longestMs = ms, others, peakMiB }) => [
      `${prefix}: ${name}`,
      ...[ms, longestMs, others.p99, others.longest].map(formatMs),
      peakMiB === undefined ? '' : String(peakMiB),
    ])
  const rows = [...rowsOf('cloakroom', cloakroom), ...rowsOf('connect-redis', peer)]
  return `${sessions} sessions, ${cloakroom.bytes.toFixed(0)} bytes each\n\n${markdownTable(heads, rows)}`
}

function formatMs(ms) {
  if (ms === undefined) return ''
  return ms < 100 ? ms.toFixed(2) : ms.toFixed(0)
}
