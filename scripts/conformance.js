// Runs the suite of behaviour on every framework and writes down what came of it, in
// docs/conformance.md: `npm run conformance`, or for other lines of Node.js as well,
// `npm run conformance -- 20 24`.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getProgram } from './node-programs.js'
import { buildPackages } from './packages.js'
import { requireRedis } from './redis-program.js'
import { reportVitest } from './vitest-run.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const suites = [
  ['test/conformance'],
  ['--config', 'vitest.next.config.ts', 'test/next/conformance'],
]

process.exitCode = run(process.argv.slice(2))

function run(lines) {
  requireRedis()
  buildPackages()
  const programs = lines.length > 0 ? lines.map(getProgram) : [process.execPath]
  const tests = programs.flatMap(program => suites.flatMap(args => listTests(args, program)))
  const table = describeTests(tests)
  const versions = programs.map(readVersion).join(' and ')
  writeFileSync(join(root, 'docs/conformance.md'), writePage(table, versions))
  console.log(`\n${table}`)
  const failed = tests.filter(test => !test.hasPassed)
  console.log(`\n${tests.length - failed.length} passed, ${failed.length} failed`)
  return failed.length === 0 && tests.length > 0 ? 0 : 1
}

/** Each test with its framework, what it is about, and what it says. */
function listTests(args, program) {
  const { report } = reportVitest(args, program)
  const results = report?.testResults ?? []
  return results.flatMap(file =>
    file.assertionResults.map(({ ancestorTitles, title, status }) => {
      const [framework, , subject] = ancestorTitles
      return { framework, subject, title, hasPassed: status === 'passed' }
    }),
  )
}

function describeTests(tests) {
  const frameworks = unique(tests.map(test => test.framework))
  const rows = unique(tests.map(test => test.subject)).flatMap(subject => {
    const own = tests.filter(test => test.subject === subject)
    const head = `| **${subject}** |${' |'.repeat(frameworks.length)}`
    return [head, ...unique(own.map(test => test.title)).map(title => describeRow(title, own))]
  })

  function describeRow(title, own) {
    const cells = frameworks.map(framework => {
      const found = own.filter(test => test.framework === framework && test.title === title)
      return found.length > 0 && found.every(test => test.hasPassed) ? '✓' : '✗'
    })
    return `| ${[title, ...cells].join(' | ')} |`
  }

  return [
    `| | ${frameworks.join(' | ')} |`,
    `| --- |${' :-: |'.repeat(frameworks.length)}`,
    ...rows,
  ].join('\n')
}

function writePage(table, versions) {
  return `# Frameworks and behaviour

One suite, [test/conformance](../test/conformance), runs unchanged on every framework: on real servers, with sessions
in memory and in a real Redis. A tick stands for both. Node.js ${versions}; made by \`npm run conformance\`.

${table}
`
}

function readVersion(program) {
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim().replace('v', '')
}

function unique(values) {
  return [...new Set(values)]
}
