// How long answers take while a server has half of the work it could do at most.
import { startHttpContender } from '../harness/http-contender.js'
import { median, runRounds } from '../harness/rounds.js'
import { formatRate, markdownTable } from '../harness/table.js'
import { servers } from '../servers/list.js'

const connections = 50

/** Those that a decision may hang on. */
const isChosen = ({ name }) =>
  /^(node|Express|Fastify)($| \+ (EVALSHA|cloakroom|express-s|@))/.test(name) &&
  !/no headers|rate limit/.test(name)

export async function runLatency(bench) {
  const results = []
  for (const server of servers.filter(isChosen).filter(({ name }) => bench.match(name))) {
    const contender = await startHttpContender(server, bench)
    try {
      const { warmUpSeconds, seconds } = bench.timing
      const settings = { connections }
      await contender.round({ ...settings, seconds: warmUpSeconds })
      const most = await contender.round({ ...settings, seconds })
      const rate = Math.max(1, Math.round(most.rate / 2))
      const timing = { ...bench.timing, rounds: 3, warmUpSeconds: 0.3, load: { connections, rate } }
      const rounds = (await runRounds([contender], timing)).get(server.name)
      const of = name => median(rounds.map(round => round[name]))
      results.push({ name: server.name, rate, p50: of('p50'), p99: of('p99'), p999: of('p999') })
    } finally {
      await contender.stop()
    }
  }
  return results
}

export function describeLatency(results) {
  const heads = ['server', 'at req/s', 'p50 ms', 'p99 ms', 'p99.9 ms']
  const rows = results.map(({ name, rate, p50, p99, p999 }) => [
    name,
    formatRate(rate),
    ...[p50, p99, p999].map(ms => ms.toFixed(2)),
  ])
  return markdownTable(heads, rows)
}
