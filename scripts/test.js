// Runs all tests, or those that the arguments choose: `npm test -- csrf`.
//
// A Redis server is found or installed first. Without one nothing runs and the exit code says so:
// tests that need Redis are never skipped. The last line is always `N passed, N failed`.
import { buildPackages } from './packages.js'
import { requireRedis } from './redis-program.js'
import { describeCounts, isGreen, runVitest } from './vitest-run.js'

const counts = run(process.argv.slice(2))
console.log(describeCounts(counts))
process.exitCode = isGreen(counts) ? 0 : 1

function run(args) {
  try {
    requireRedis()
    buildPackages()
    return runVitest(args)
  } catch (error) {
    console.error(error.message)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
