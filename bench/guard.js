// Whether Cloakroom has become slower beside its floors and peers: `npm run bench:guard`.
//
// Times depend on the machine, and ratios depend on it a little: what is compared with the recorded
// figures is processor time in relation to the floor's, in the same run, and generously.
import { buildPackages, installPeers } from './harness/install.js'
import { readNodes } from './harness/nodes.js'

/** A ratio may fall to this part of the recorded one before it counts as a failure. */
const tolerance = 0.6
const line = '24'

const watched = {
  http: ['node + cloakroom', 'Express + cloakroom', 'Fastify + cloakroom', 'Hono + cloakroom'],
  direct: ['cloakroom validate', 'cloakroom create, redis', 'cloakroom limit, redis'],
}

process.exitCode = await main()

async function main() {
  try {
    buildPackages()
    installPeers()
    const { runBench } = await import('./suites/index.js')
    const { readRecorded } = await import('./report/record.js')
    const { markdownTable } = await import('./harness/table.js')
    const recorded = readRecorded()?.nodes[line]
    if (!recorded) throw new Error('Nothing is recorded. Run `npm run bench -- --record` first.')
    const names = Object.values(watched).flat()
    const run = await runBench({
      nodes: readNodes(line),
      only: Object.keys(watched),
      match: name => names.some(start => name.startsWith(start)),
      isQuick: true,
      flags: [],
      at: {},
    })
    const [measured] = Object.values(run.nodes)
    const checks = Object.keys(watched).flatMap(suite => compare(recorded[suite], measured[suite]))
    const heads = ['what', 'recorded', 'now', 'passed']
    const rows = checks.map(({ name, before, now, isPassed }) => [
      name,
      before.toFixed(2),
      now.toFixed(2),
      isPassed ? 'yes' : 'no',
    ])
    console.log(`\n${markdownTable(heads, rows)}`)
    const failed = checks.filter(({ isPassed }) => !isPassed).length
    console.log(`\n${checks.length - failed} passed, ${failed} failed`)
    return failed === 0 && checks.length > 0 ? 0 : 1
  } catch (error) {
    console.error(error)
    return 1
  }
}

/** What was recorded and is measured again. */
function compare(recorded = [], measured) {
  return measured.flatMap(({ name, cpuRatio: now }) => {
    const before = recorded.find(result => result.name === name)?.cpuRatio
    if (before === undefined || !name.includes('cloakroom')) return []
    return [{ name, before, now, isPassed: now >= before * tolerance }]
  })
}
