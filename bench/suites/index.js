import { fileURLToPath } from 'node:url'
import { cores, describeMachine } from '../harness/machine.js'
import { startRedis } from '../harness/redis.js'
import { startWorker } from '../harness/worker.js'
import { describeDirect, runDirect } from './direct.js'
import { describeHttp, runHttp } from './http.js'
import { describeLatency, runLatency } from './latency.js'
import { describeMemory, runMemory } from './memory.js'
import { describeStart, runStart } from './start.js'

const loadFile = fileURLToPath(new URL('../harness/load.js', import.meta.url))

/** Each measures on one version of Node.js, and says what to print. */
const suites = {
  http: { run: runHttp, describe: describeHttp },
  direct: { run: runDirect, describe: describeDirect },
  latency: { run: runLatency, describe: describeLatency },
  memory: { run: runMemory, describe: describeMemory },
  start: { run: runStart, describe: describeStart },
}

const timings = {
  full: { rounds: 5, seconds: 2, warmUpSeconds: 1, isPatient: true },
  quick: { rounds: 3, seconds: 1, warmUpSeconds: 0.5, isPatient: false },
}

export async function runBench({ nodes, only, ...options }) {
  const results = { at: new Date().toISOString(), machine: describeMachine(), nodes: {} }
  const timing = options.isQuick ? timings.quick : timings.full
  for (const { line, node } of nodes) {
    results.nodes[line] = {}
    for (const name of only ?? Object.keys(suites)) {
      console.log(`\n## ${name}, Node.js ${line}\n`)
      const measured = await runSuite(suites[name], { node, timing, ...options })
      console.log(suites[name].describe(measured))
      results.nodes[line][name] = measured
    }
  }
  return results
}

async function runSuite(suite, options) {
  const redis = await startRedis()
  const load = await startWorker(loadFile, { node: options.node, core: cores.measuring })
  try {
    return await suite.run({ redis, load, ...options })
  } finally {
    await load.stop()
    await redis.stop()
  }
}
