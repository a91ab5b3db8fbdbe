// Whether Cloakroom has become slower beside its floors and peers: `npm run bench:guard`.
//
// Times depend on the machine, and ratios depend on it a little: what is compared with the recorded
// figures is processor time in relation to the floor's, in the same run, and generously. What fails
// is measured once more, since something else may have had the machine.
import { buildPackages, installPeers } from './harness/install.js'
import { readNodes } from './harness/nodes.js'

/** A ratio may fall to this part of the recorded one before it counts as a failure. */
const tolerance = 0.5
const line = '24'
const suiteNames = ['http', 'direct']

process.exitCode = await main()

async function main() {
  try {
    if (!process.argv.includes('--no-build')) buildPackages()
    installPeers()
    const { readRecorded } = await import('./report/record.js')
    const recorded = readRecorded()?.nodes[line]
    if (!recorded) throw new Error('Nothing is recorded. Run `npm run bench -- --record` first.')
    const checks = await check(
      recorded,
      name => name.includes('cloakroom') && !name.includes('no headers'),
    )
    const doubtful = new Set(checks.filter(({ isPassed }) => !isPassed).map(({ name }) => name))
    const again = doubtful.size > 0 ? await check(recorded, name => doubtful.has(name)) : []
    return await printChecks([...checks.filter(({ isPassed }) => isPassed), ...again])
  } catch (error) {
    console.error(error)
    return 1
  }
}

/** Measures what has one of the names, and compares it with what was recorded. */
async function check(recorded, match) {
  const { runBench } = await import('./suites/index.js')
  const run = await runBench({
    nodes: readNodes(line),
    only: suiteNames,
    match,
    isQuick: true,
    flags: [],
    at: {},
  })
  const [measured] = Object.values(run.nodes)
  return suiteNames.flatMap(suite =>
    measured[suite].flatMap(({ name, cpuRatio: now }) => {
      const before = recorded[suite]?.find(result => result.name === name)?.cpuRatio
      if (before === undefined || !match(name)) return []
      return [{ name, before, now, isPassed: now >= before * tolerance }]
    }),
  )
}

async function printChecks(checks) {
  const { markdownTable } = await import('./harness/table.js')
  const rows = checks.map(({ name, before, now, isPassed }) => [
    name,
    before.toFixed(2),
    now.toFixed(2),
    isPassed ? 'yes' : 'no',
  ])
  console.log(`\n${markdownTable(['what', 'recorded', 'now', 'passed'], rows)}`)
  const failed = checks.filter(({ isPassed }) => !isPassed).length
  console.log(`\n${checks.length - failed} passed, ${failed} failed`)
  return failed === 0 && checks.length > 0 ? 0 : 1
}
