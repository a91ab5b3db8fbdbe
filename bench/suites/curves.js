// How costs grow: with sessions, with sessions of one user, with data, with workers.
import { fileURLToPath } from 'node:url'
import { cores } from '../harness/machine.js'
import { markdownTable } from '../harness/table.js'
import { startWorker } from '../harness/worker.js'

const operationsFile = fileURLToPath(new URL('../direct/operations.js', import.meta.url))
const unlimited = { session: { limit: { max: 100_000 } } }

/** Sessions that are made to be read, of users whom nothing else is about. */
const validatedCount = 999
const elsewhere = 10_000_000

/** Each measures one point of a curve, given where on its axis. */
const curves = [
  {
    name: 'sessions',
    title: 'More sessions',
    xLabel: 'sessions in Redis, 500 bytes of data each',
    at: isQuick => (isQuick ? [1000, 10_000] : [10_000, 100_000, 1_000_000]),
    panels: [
      { title: 'calls per second', series: { create: 'createRate', validate: 'validateRate' } },
      {
        title: 'milliseconds',
        series: { 'list 50': 'pageMs', 'list a user': 'listMs', 'revoke a user': 'revokeMs' },
      },
      { title: 'bytes of Redis per session', series: { bytes: 'bytes' } },
    ],
    run: growSessions,
  },
  {
    name: 'per-user',
    title: 'More sessions of one user',
    xLabel: 'sessions of each user',
    at: () => [1, 10, 100, 1000],
    panels: [
      { title: 'calls per second', series: { create: 'createRate', validate: 'validateRate' } },
      { title: 'milliseconds', series: { 'list a user': 'listMs', 'revoke a user': 'revokeMs' } },
    ],
    run: growUsers,
  },
  {
    name: 'data',
    title: 'More data',
    xLabel: 'bytes of JSON',
    at: () => [100, 500, 4000, 16_000, 64_000],
    panels: [
      { title: 'calls per second', series: { create: 'createRate', validate: 'validateRate' } },
      { title: 'bytes of Redis per session', series: { bytes: 'bytes' } },
    ],
    run: growData,
  },
  {
    name: 'workers',
    title: 'More workers',
    xLabel: 'workers (on two cores, one of which Redis has to share)',
    at: () => [1, 2],
    panels: [
      { title: 'validations per second, strict', series: { all: 'validateRate' } },
      { title: 'validations per second, near cache', series: { all: 'nearRate' } },
    ],
    run: growWorkers,
  },
]

export async function runCurves(bench) {
  const results = []
  for (const curve of curves.filter(({ name }) => bench.match(name))) {
    const points = await curve.run(bench, bench.at[curve.name] ?? curve.at(bench.isQuick))
    await bench.redis.client.flushAll()
    results.push({ name: curve.name, points })
  }
  return results
}

/** Fills one store further and further, with as many processes as there are cores. */
async function growSessions(bench, sizes) {
  const workers = await startWorkers(bench, {})
  try {
    const points = []
    let filled = 0
    await workers[0].ask({ operation: 'create', from: elsewhere, to: elsewhere + 300, bytes: 500 })
    const before = await bench.redis.usedMemory()
    for (const x of sizes) {
      const half = filled + (x - filled) / 2
      const [created] = await Promise.all([
        workers[0].ask({ operation: 'create', from: filled, to: half, bytes: 500 }),
        workers[1].ask({ operation: 'create', from: half, to: x, bytes: 500 }),
      ])
      filled = x
      const present = x + points.length * validatedCount
      const bytes = ((await bench.redis.usedMemory()) - before) / present
      points.push({
        x,
        bytes,
        createRate: created.rate * 2,
        ...(await measureCalls(workers[0], x)),
      })
    }
    return points
  } finally {
    await Promise.all(workers.map(worker => worker.stop()))
  }
}

/** The same number of sessions, of fewer and fewer users. */
async function growUsers(bench, sizes) {
  const points = []
  for (const x of sizes) {
    const [worker] = await startWorkers(bench, unlimited, [cores.measured])
    try {
      const count = Math.max(bench.isQuick ? 1000 : 10_000, x * 3)
      const range = { from: 0, to: count, bytes: 500, perUser: x }
      const { rate: createRate } = await worker.ask({ operation: 'create', ...range })
      points.push({ x, createRate, ...(await measureCalls(worker, count, x)) })
    } finally {
      await worker.stop()
      await bench.redis.client.flushAll()
    }
  }
  return points
}

async function growData(bench, sizes) {
  const points = []
  for (const x of sizes) {
    const [worker] = await startWorkers(bench, {}, [cores.measured])
    try {
      const count = bench.isQuick ? 500 : 2000
      await worker.ask({ operation: 'create', from: 0, to: 300, bytes: x })
      const before = await bench.redis.usedMemory()
      const range = { from: 300, to: 300 + count, bytes: x }
      const { rate: createRate } = await worker.ask({ operation: 'create', ...range })
      const bytes = ((await bench.redis.usedMemory()) - before) / count
      const validated = await worker.ask({ ...validation(bench, x), from: elsewhere })
      points.push({ x, createRate, bytes, validateRate: validated.rate })
    } finally {
      await worker.stop()
      await bench.redis.client.flushAll()
    }
  }
  return points
}

async function growWorkers(bench, counts) {
  const points = []
  for (const x of counts) {
    const chosen = [cores.measured, cores.measuring].slice(0, x)
    const rates = []
    for (const nearCache of [false, true]) {
      const workers = await startWorkers(bench, { nearCache }, chosen)
      try {
        const asked = workers.map((worker, index) =>
          worker.ask({ ...validation(bench, 300), from: index * 1_000_000 }),
        )
        const results = await Promise.all(asked)
        rates.push(results.reduce((sum, { rate }) => sum + rate, 0))
      } finally {
        await Promise.all(workers.map(worker => worker.stop()))
      }
    }
    points.push({ x, validateRate: rates[0], nearRate: rates[1] })
  }
  return points
}

/** What is asked of a store that holds so many sessions. */
async function measureCalls(worker, count, perUser = 3) {
  const page = await worker.ask({ operation: 'page' })
  const list = await worker.ask({ operation: 'list', user: 1 })
  const validated = await worker.ask({
    operation: 'validate',
    from: elsewhere + count,
    count: validatedCount,
    bytes: 500,
    seconds: 1,
  })
  const lastUser = Math.floor(count / perUser) - 1
  const revoked = await worker.ask({
    operation: 'revokeUser',
    from: Math.max(2, lastUser - 10),
    to: lastUser,
  })
  return {
    pageMs: page.ms,
    listMs: list.ms,
    revokeMs: revoked.ms,
    validateRate: validated.rate,
  }
}

function validation(bench, bytes) {
  return { operation: 'validate', count: validatedCount, bytes, seconds: bench.isQuick ? 0.5 : 2 }
}

function startWorkers({ node, redis }, options, on = [cores.measured, cores.measuring]) {
  const args = [JSON.stringify(options)]
  return Promise.all(
    on.map(core =>
      startWorker(operationsFile, { node, core, args, env: { REDIS_URL: redis.url } }),
    ),
  )
}

export function describeCurves(results) {
  return results.map(({ name, points }) => `### ${name}\n\n${describePoints(points)}`).join('\n\n')
}

function describePoints(points) {
  const heads = Object.keys(points[0])
  // Not everything is done at every size.
  const cellOf = value => (value === undefined ? '–' : String(Number(value.toPrecision(3))))
  return markdownTable(
    heads,
    points.map(point => heads.map(head => cellOf(point[head]))),
  )
}

/** What to draw, by the name of the file. */
export function chartsOf(results) {
  return new Map(
    results.map(({ name, points }) => {
      const { title, xLabel, panels } = curves.find(curve => curve.name === name)
      const drawn = panels.map(panel => ({
        title: panel.title,
        series: Object.entries(panel.series).map(([label, key]) => ({
          name: label,
          points: points.flatMap(point =>
            point[key] === undefined ? [] : [[point.x, point[key]]],
          ),
        })),
      }))
      return [`benchmark-${name}.svg`, { title, xLabel, panels: drawn }]
    }),
  )
}
