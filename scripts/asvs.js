// Writes docs/security/asvs.md: each requirement of OWASP ASVS 5.0.0, chapters V6 to V8, with the tests
// that prove it, or why there are none. Tests say so in their names: `it('… [ASVS 7.2.4]', …)`. What
// has no test stands in docs/security/asvs.json.
//
// node scripts/asvs.js [--check]
//
// With --check nothing is written; the exit code says whether the page is up to date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const page = join(root, 'docs/security/asvs.md')

/** Why a requirement has no test, by the name that it has in the list. */
const reasons = {
  documented: 'Documented:',
  notApplicable: 'Does not apply:',
  missing: '**Not met:**',
}

process.exitCode = run(process.argv.slice(2))

function run([option]) {
  const list = JSON.parse(readFileSync(join(root, 'docs/security/asvs.json'), 'utf8'))
  const tests = findTests()
  const mistakes = findMistakes(list, tests)
  for (const mistake of mistakes) console.error(mistake)
  if (mistakes.length > 0) return 1
  const text = writePage(list, tests)
  if (option !== '--check') {
    writeFileSync(page, text)
    return 0
  }
  if (readFileSync(page, 'utf8') === text) return 0
  console.error('docs/security/asvs.md is not what the tests say. Run `npm run asvs`.')
  return 1
}

/** The tests of each requirement, as `{ title, path }`. */
function findTests() {
  const tests = new Map()
  const folders = [
    'test',
    ...readdirSync(join(root, 'packages')).map(name => `packages/${name}/src`),
  ]
  for (const path of folders.flatMap(listTestFiles).sort()) {
    const text = readFileSync(path, 'utf8')
    for (const found of text.matchAll(/(['"`])([^\n]*?) \[ASVS ([\d., ]+)\]\1/g)) {
      const [, , title, ids] = found
      const test = { title: `${groupAt(text, found.index)}: ${title}`, path: relative(root, path) }
      for (const id of ids.split(', ')) tests.set(id, [...(tests.get(id) ?? []), test])
    }
  }
  return tests
}

/** What the tests around a place are about. */
function groupAt(text, index) {
  const before = text.slice(0, index)
  const groups = [...before.matchAll(/\bdescribe(?:\.each\([^\n]*\))?\((['"`])([^\n]*?)\1,/g)]
  return (groups.at(-1)?.[2] ?? '').replace(/,$/, '')
}

function listTestFiles(folder) {
  const found = readdirSync(join(root, folder), { recursive: true })
  const names = found.map(String).filter(name => /\.(test|contract)\.tsx?$/.test(name))
  return names.map(name => join(root, folder, name))
}

function findMistakes(list, tests) {
  const unknown = [...tests.keys()].filter(id => !Object.hasOwn(list, id))
  const hasReason = id => Object.keys(reasons).some(name => list[id][name] !== undefined)
  const silent = Object.keys(list).filter(id => !tests.has(id) && !hasReason(id))
  const both = Object.keys(list).filter(id => tests.has(id) && hasReason(id))
  return [
    ...unknown.map(id => `A test proves ASVS ${id}, which docs/security/asvs.json does not list.`),
    ...silent.map(id => `ASVS ${id} has neither a test nor a reason.`),
    ...both.map(id => `ASVS ${id} has tests, so its reason is out of date.`),
  ]
}

function writePage(list, tests) {
  const ids = Object.keys(list)
  const count = name => ids.filter(id => list[id][name] !== undefined).length
  const chapters = { 6: 'Authentication', 7: 'Session management', 8: 'Authorization' }
  return `# OWASP ASVS 5.0

Requirements of the OWASP Application Security Verification Standard 5.0.0, in our words, and the tests that prove each.
Made by \`npm run asvs\` from the names of the tests; what has no test stands in \`docs/security/asvs.json\`.

${ids.length} requirements: ${ids.filter(id => tests.has(id)).length} tested, ${count('documented')} documented, \
${count('notApplicable')} do not apply, ${count('missing')} not met.
${Object.entries(chapters)
  .map(([number, name]) => writeChapter({ list, tests }, number, name))
  .join('')}`
}

function writeChapter({ list, tests }, number, name) {
  const rows = Object.entries(list).filter(([id]) => id.startsWith(`${number}.`))
  const lines = rows.map(([id, { level, about, ...given }]) => {
    const proof = tests.has(id) ? tests.get(id).map(writeTest).join('<br>') : writeReason(given)
    return `| ${id} | ${level} | ${about} | ${proof} |`
  })
  return `
## V${number} ${name}

| id | level | requirement | proof |
| --- | --- | --- | --- |
${lines.join('\n')}
`
}

function writeTest({ title, path }) {
  const text = title.replaceAll('|', '\\|').replaceAll('<', '&lt;')
  return `[${text}](../../${path})`
}

function writeReason(given) {
  const [name, text] = Object.entries(given)[0]
  return `${reasons[name]} ${text}`
}
