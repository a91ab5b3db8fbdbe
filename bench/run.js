// Measures Cloakroom beside its peers: `npm run bench`. Prints tables, and writes all figures to
// bench/results/latest.json. See docs/benchmarks.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { getProgram } from '../scripts/node-programs.js'
import { buildPackages, installPeers } from './harness/install.js'

const root = new URL('./', import.meta.url)
const profileFlags = ['--cpu-prof', '--cpu-prof-dir=.cache/profiles']

process.exitCode = await main(process.argv.slice(2))

async function main(args) {
  try {
    const options = readOptions(args)
    if (!options.values['no-build']) buildPackages()
    installPeers()
    // What uses the peers can be loaded only now.
    const { runBench } = await import('./suites/index.js')
    const results = await runBench({
      nodes: options.values.node.split(',').map(line => ({ line, node: getProgram(line) })),
      only: options.values.only?.split(','),
      match: matchName(options.values.match),
      isQuick: options.values.quick,
      flags: options.values.profile ? profileFlags : [],
    })
    mkdirSync(new URL('results/', root), { recursive: true })
    writeFileSync(new URL('results/latest.json', root), `${JSON.stringify(results, null, 2)}\n`)
    return 0
  } catch (error) {
    console.error(error)
    return 1
  }
}

function readOptions(args) {
  return parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      only: { type: 'string' },
      match: { type: 'string', default: '' },
      node: { type: 'string', default: '24' },
      'no-build': { type: 'boolean', default: false },
    },
  })
}

/** Names that hold one of the given texts, such as `Express,Fastify`. */
function matchName(given) {
  const texts = given.split(',').map(text => text.toLowerCase())
  return name => texts.some(text => name.toLowerCase().includes(text))
}
