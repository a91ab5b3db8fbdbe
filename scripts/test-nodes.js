// Runs the tests on every supported line of Node.js: `npm run test:nodes`, or with some lines only,
// `npm run test:nodes -- 20 26`.
import { spawnSync } from 'node:child_process'
import { getProgram } from './node-programs.js'
import { buildPackages } from './packages.js'
import { requireRedis } from './redis-program.js'
import { describeCounts, isGreen, runVitest } from './vitest-run.js'

const supported = ['20', '22', '24', '26']

process.exitCode = run(process.argv.slice(2))

function run(given) {
  try {
    requireRedis()
    buildPackages()
    const lines = given.length > 0 ? given : supported
    const results = lines.map(getProgram).map(runWith)
    printTable(results)
    return results.every(isGreen) ? 0 : 1
  } catch (error) {
    console.error(error.message)
    return 1
  }
}

function runWith(program) {
  const version = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim()
  console.log(`\n== Node.js ${version}`)
  return { version, ...runVitest([], program) }
}

function printTable(results) {
  console.log('\n| Node.js | passed | failed | skipped |\n| --- | ---: | ---: | ---: |')
  for (const { version, passed, failed, skipped } of results) {
    console.log(`| ${version} | ${passed} | ${failed} | ${skipped} |`)
  }
  const sum = name => results.reduce((total, result) => total + result[name], 0)
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
  console.log(`\n${describeCounts(total)}`)
}
