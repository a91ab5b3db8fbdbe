// Runs Vitest and counts from its report, so that a number never comes from reading printed text.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/** Runs the tests, and gives how many passed, failed and were skipped. */
export function runVitest(args = [], program = process.execPath) {
  const { status, report } = reportVitest(args, program)
  const counts = countReport(report)
  for (const line of describeSecondTries(report)) console.log(line)
  // Vitest also fails for what is no test: an error outside of one, or too little coverage.
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** Runs the tests, and gives the exit code and the report; null when there is none. */
export function reportVitest(args = [], program = process.execPath) {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-report-'))
  const path = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`]
  // Machines of CI stall now and then: docs/decisions/0067-a-second-try.md.
  const tries = process.env.CI ? ['--retry=1'] : []
  try {
    const { status } = spawnSync(program, [vitest, 'run', ...reporters, ...tries, ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    return { status, report: readReport(path) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The plain line that ends a run. */
export function describeCounts({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`
  return skipped === 0 ? line : `${line}, ${skipped} skipped`
}

/** Whether all is well: nothing failed, and there was something to pass. */
export function isGreen({ passed, failed }) {
  return failed === 0 && passed > 0
}

/** What failed at first is told, however it ended. */
function describeSecondTries(report) {
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
      .map(({ fullName, failureMessages: [message = ''] }) => {
        const [reason] = message.split('\n')
        return `Passed at the second try: ${relative(root, name)}: ${fullName} (${reason})`
      }),
  )
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

/** A file that cannot be loaded has no tests to count, and is counted as one that failed. */
function countReport(report) {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some(test => test.status === 'failed'),
  )
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    skipped: numPendingTests + numTodoTests,
  }
}
