// Measures Cloakroom beside its peers, and writes all figures to bench/results/latest.json.
//
//   npm run bench                               all but the curves
//   npm run bench -- --quick                    less of it, in about three minutes
//   npm run bench -- --only http,direct         these suites: http direct latency start memory scale curves
//   npm run bench -- --match express            whatever has one of these in its name
//   npm run bench -- --node 20,22,24            on these versions of Node.js (Linux on x64 only)
//   npm run bench -- --sessions 200000          so many at scale; several numbers for the curve
//   npm run bench -- --one-core                 processor time alone, calm on a busy machine too
//   npm run bench -- --profile                  each server writes a profile into .cache/profiles
//   npm run bench -- --record                   also keeps the figures, for the guide and the guard
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildPackages, installPeers } from './harness/install.js'
import { cores } from './harness/machine.js'
import { readNodes } from './harness/nodes.js'

const suiteNames = ['http', 'direct', 'latency', 'start', 'memory', 'scale', 'curves']
const quickSuites = ['http', 'direct', 'start', 'scale']
const profileFlags = [
  '--cpu-prof',
  `--cpu-prof-dir=${fileURLToPath(new URL('../.cache/profiles', import.meta.url))}`,
]

process.exitCode = await main(process.argv.slice(2))

async function main(args) {
  try {
    const values = readOptions(args)
    if (!values['no-build']) buildPackages()
    installPeers()
    if (values['one-core']) cores.measuring = cores.measured
    // What uses the peers can be loaded only now.
    const { runBench } = await import('./suites/index.js')
    const { record, writeLatest } = await import('./report/record.js')
    const { describeTargets } = await import('./report/targets.js')
    const run = await runBench({
      nodes: readNodes(values.node),
      only: values.only?.split(',') ?? (values.quick ? quickSuites : undefined),
      match: matchName(values.match),
      isQuick: values.quick,
      flags: values.profile ? profileFlags : [],
      at: values.sessions ? { sessions: values.sessions.split(',').map(Number) } : {},
    })
    for (const [line, measured] of Object.entries(run.nodes)) {
      const table = describeTargets(measured)
      if (table !== '') console.log(`\n## targets, Node.js ${line}\n\n${table}`)
    }
    writeLatest(run)
    if (values.record) record(run)
    return 0
  } catch (error) {
    console.error(error)
    return 1
  }
}

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      'one-core': { type: 'boolean', default: false },
      only: { type: 'string' },
      match: { type: 'string', multiple: true, default: [''] },
      node: { type: 'string', default: '24' },
      sessions: { type: 'string' },
      'no-build': { type: 'boolean', default: false },
    },
  })
  if (values.record && values['one-core']) throw new Error('What is recorded is of two cores.')
  const unknown = values.only?.split(',').find(name => !suiteNames.includes(name))
  if (unknown === undefined) return values
  throw new Error(`There is no suite ${unknown}. There are: ${suiteNames.join(', ')}.`)
}

/** Names that hold one of the given texts. */
function matchName(given) {
  const texts = given.map(text => text.toLowerCase())
  return name => texts.some(text => name.toLowerCase().includes(text))
}
