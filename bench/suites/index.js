import { fileURLToPath } from 'node:url'
import { cores, describeMachine } from '../harness/machine.js'
import { startRedis } from '../harness/redis.js'
import { startWorker } from '../harness/worker.js'
import { describeCurves, runCurves } from './curves.js'
import { describeDirect, runDirect } from './direct.js'
import { describeHttp, runHttp } from './http.js'
import { describeLatency, runLatency } from './latency.js'
import { describeMemory, runMemory } from './memory.js'
import { describeScale, runScale } from './scale.js'
import { describeStart, runStart } from './start.js'

const loadFile = fileURLToPath(new URL('../harness/load.js', import.meta.url))

/** Each measures on one version of Node.js, and says what to print. */
export const suites = {
  http: { run: runHttp, describe: describeHttp },
  direct: { run: runDirect, describe: describeDirect },
  latency: { run: runLatency, describe: describeLatency },
  start: { run: runStart, describe: describeStart },
  memory: { run: runMemory, describe: describeMemory },
  scale: { run: runScale, describe: describeScale },
  curves: { run: runCurves, describe: describeCurves },
}

/** Curves take as long as all else, and are asked for by name. */
const usual = Object.keys(suites).filter(name => name !== 'curves')

/** V8 has compiled what matters after some 60,000 requests. */
const timings = {
  full: { rounds: 3, seconds: 1.2, warmUpSeconds: 4, isPatient: true },
  quick: { rounds: 3, seconds: 0.7, warmUpSeconds: 2, isPatient: false },
}

/**
 * @param {{ nodes: { line: string, node: string }[], only?: string[], isQuick: boolean,
 *   match: (name: string) => boolean, flags: string[], at: Record<string, number[]> }} options
 */
export async function runBench({ nodes, only = usual, ...options }) {
  const results = { at: new Date().toISOString(), machine: describeMachine(), nodes: {} }
  const timing = options.isQuick ? timings.quick : timings.full
  for (const { line, node } of nodes) {
    results.nodes[line] = {}
    for (const name of only) {
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
