import { fileURLToPath } from 'node:url'
import { cores, describeMachine } from '../harness/machine.js'
import { startRedis } from '../harness/redis.js'
import { formatRate, formatRatio, markdownTable } from '../harness/table.js'
import { startWorker } from '../harness/worker.js'
import { runHttp } from './http.js'

const loadFile = fileURLToPath(new URL('../harness/load.js', import.meta.url))

/** Each measures on one version of Node.js, and says what to print. */
const suites = {
  http: { run: runHttp, describe: describeHttp },
}

const timings = {
  full: { rounds: 5, seconds: 2, warmUpSeconds: 1, isPatient: true },
  quick: { rounds: 3, seconds: 1, warmUpSeconds: 0.5, isPatient: false },
}

export async function runBench({ nodes, only, match, isQuick, flags }) {
  const results = { at: new Date().toISOString(), machine: describeMachine(), nodes: {} }
  const timing = isQuick ? timings.quick : timings.full
  for (const { line, node } of nodes) {
    const measured = {}
    for (const name of only ?? Object.keys(suites)) {
      const redis = await startRedis()
      const load = await startWorker(loadFile, { node, core: cores.measuring })
      try {
        console.log(`\n## ${name}, Node.js ${line}\n`)
        measured[name] = await suites[name].run({ node, redis, load, timing, flags }, { match })
        console.log(suites[name].describe(measured[name]))
      } finally {
        await load.stop()
        await redis.stop()
      }
    }
    results.nodes[line] = measured
  }
  return results
}

function describeHttp(results) {
  const heads = [
    'server',
    'req/s',
    'p50 ms',
    'CPU µs/req',
    'of its floor',
    'by CPU',
    'foreign cores',
  ]
  const rows = results.map(result => [
    result.name,
    formatRate(result.rate),
    result.p50.toFixed(2),
    result.cpuUs.toFixed(1),
    formatRatio(result.rateRatio),
    formatRatio(result.cpuRatio),
    result.foreign.toFixed(2),
  ])
  return markdownTable(heads, rows)
}
